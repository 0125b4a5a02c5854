/** Stand-ins for what the browser gives: a clock one moves by hand, a WebSocket one speaks through, store, channel, locks. */

export class FakeClock {
  #now = Date.parse("2026-11-20T10:00:00Z");
  #offset = 0;
  #timers = new Map();
  #count = 0;

  now() {
    return this.#now + this.#offset;
  }

  steady() {
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

  /** A sleeping machine: the wall's clock moves on, the steady one and the timers stand still. */
  sleep(milliseconds) {
    this.#offset += milliseconds;
  }

  /** Somebody sets the clock on the wall. */
  set(milliseconds) {
    this.#offset += milliseconds;
  }

  #due(end) {
    return [...this.#timers].filter(([, {at}]) => at <= end).sort((one, other) => one[1].at - other[1].at)[0];
  }
}

export class FakeWebSocket {
  sent = [];
  isClosed = false;
  readyState = 0;

  send(data) {
    this.sent.push(JSON.parse(data));
  }

  close() {
    this.isClosed = true;
  }

  opens() {
    this.readyState = 1;
    this.onopen();
  }

  says(frame) {
    this.onmessage({data: typeof frame === "string" ? frame : JSON.stringify(frame)});
  }

  closes(code) {
    this.onclose({code});
  }
}

/** A store that tabs share: each call takes a while, and they take effect in the order they were made. */
export class FakeStore {
  tables = new Map();
  isBroken = false;
  isFull = false; // It can be read, but takes nothing more.
  #last = Promise.resolve();

  all(table) {
    return this.#soon(() => structuredClone([...this.#table(table).values()]));
  }

  write(table, {put = [], remove = []}) {
    const changes = structuredClone({put, remove});
    return this.#soon(() => {
      if (this.isFull) {
        throw new DOMException("full", "QuotaExceededError");
      }
      changes.remove.forEach((key) => this.#table(table).delete(key));
      changes.put.forEach(([key, value]) => this.#table(table).set(key, value));
    });
  }

  #table(name) {
    return this.tables.get(name) ?? this.tables.set(name, new Map()).get(name);
  }

  #soon(work) {
    const done = this.#last.then(() => new Promise((resolve) => setImmediate(resolve))).then(() => {
      if (this.isBroken) {
        throw new Error("broken");
      }
      return work();
    });
    this.#last = done.catch(() => {});
    return done;
  }
}

/** The ears of the tabs of one browser; each `open` is a tab, `deaf` ones hear and say nothing. */
export class FakeChannels {
  #tabs = [];

  open() {
    const tab = {listeners: [], isDeaf: false};
    this.#tabs.push(tab);
    return {
      tab,
      listen: (listener) => tab.listeners.push(listener),
      post: (news) => tab.isDeaf || this.#tabs.filter((other) => other !== tab).forEach((other) => this.#tell(other, news)),
    };
  }

  #tell(tab, news) {
    setImmediate(() => tab.isDeaf || tab.listeners.forEach((listener) => listener(structuredClone(news))));
  }
}

/** A LockManager: exclusive locks, first come first served, that can be stolen, and given up with a signal. */
export class FakeLocks {
  #holders = new Map();
  #queues = new Map();

  request(name, {signal, steal = false}, callback) {
    return new Promise((resolve, reject) => {
      const wish = {callback, resolve, reject};
      const queue = this.#queues.get(name) ?? this.#queues.set(name, []).get(name);
      signal?.addEventListener("abort", () => queue.includes(wish) && this.#refuse(queue, wish));
      if (steal) {
        this.#holders.get(name)?.reject(new DOMException("stolen", "AbortError"));
        this.#holders.delete(name);
        queue.unshift(wish);
      } else {
        queue.push(wish);
      }
      this.#grant(name);
    });
  }

  #refuse(queue, wish) {
    queue.splice(queue.indexOf(wish), 1);
    wish.reject(new DOMException("given up", "AbortError"));
  }

  #grant(name) {
    const queue = this.#queues.get(name);
    if (this.#holders.has(name) || queue.length === 0) {
      return;
    }
    const wish = queue.shift();
    this.#holders.set(name, wish);
    setImmediate(async () => {
      const result = await wish.callback();
      if (this.#holders.get(name) === wish) {
        this.#holders.delete(name);
        this.#grant(name);
      }
      wish.resolve(result);
    });
  }
}

/** Chance that repeats itself: numbers from 0 to 1 that follow from the seed (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

let filled = 0;

/** Bytes that differ from call to call, as random ones would. */
export function fill(bytes) {
  filled += 1;
  return bytes.map((_, index) => (filled * 31 + index) % 256);
}

export function message(id, more = {}) {
  const user = more.user ?? {id: 7, name: "Ana", guest: false};
  return {type: "message", id, seq: id, message: `m${id}`, html: `m${id}`, ts: "2026-11-20T10:00:00.000Z", reply_to: null, reactions: [], ...more, user};
}

/** Messages with these ids, from and to included. */
export function messages(from, to) {
  return Array.from({length: to - from + 1}, (_, index) => message(from + index));
}

/** Let settled promises run their continuations, and what these set off. */
export async function settle(rounds = 12) {
  for (let round = 0; round < rounds; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
