/** Stand-ins for what the browser gives: a clock one moves by hand, a WebSocket one speaks through, messages. */

export class FakeClock {
  #now = Date.parse("2026-11-20T10:00:00Z");
  #timers = new Map();
  #count = 0;

  now() {
    return this.#now;
  }

  setTimeout(callback, milliseconds) {
    this.#timers.set((this.#count += 1), {at: this.#now + milliseconds, callback});
    return this.#count;
  }

  clearTimeout(timer) {
    this.#timers.delete(timer);
  }

  /** Let time pass; due timers run in order, also those that they set. */
  pass(milliseconds) {
    const end = this.#now + milliseconds;
    for (let next = this.#due(end); next; next = this.#due(end)) {
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].callback();
    }
    this.#now = end;
  }

  /** A sleeping machine: the clock moves on, timers do not fire. */
  sleep(milliseconds) {
    this.#now += milliseconds;
  }

  #due(end) {
    return [...this.#timers].filter(([, {at}]) => at <= end).sort((one, other) => one[1].at - other[1].at)[0];
  }
}

export class FakeWebSocket {
  sent = [];
  isClosed = false;

  send(data) {
    this.sent.push(JSON.parse(data));
  }

  close() {
    this.isClosed = true;
  }

  opens() {
    this.onopen();
  }

  says(frame) {
    this.onmessage({data: typeof frame === "string" ? frame : JSON.stringify(frame)});
  }

  closes(code) {
    this.onclose({code});
  }
}

let filled = 0;

/** Bytes that differ from call to call, as random ones would. */
export function fill(bytes) {
  filled += 1;
  return bytes.map((_, index) => (filled * 31 + index) % 256);
}

export function message(id, more = {}) {
  const user = more.user ?? {id: 7, name: "Ana", guest: false};
  return {type: "message", id, seq: id, message: `m${id}`, html: `m${id}`, ts: "2026-11-20T10:00:00.000Z", reply_to: null, ...more, user};
}

/** Messages with these ids, from and to included. */
export function messages(from, to) {
  return Array.from({length: to - from + 1}, (_, index) => message(from + index));
}

/** Let settled promises run their continuations. */
export function settle() {
  return new Promise((resolve) => setImmediate(resolve));
}
