/** One lasting connection made of many WebSockets: it comes back, and knows a dead line by its silence. */

import {Emitter} from "../lib/emitter.js";
import {Stopwatch} from "../lib/stopwatch.js";
import {comesBack, delayAfter} from "./closing.js";

const HANDSHAKE_MS = 20_000;
const SILENCE_MS = 60_000; // More than two ticks of 25 s.
const DOUBT_MS = 30_000; // A tick is overdue: worth asking, when there is a reason to ask.
const PROBE_MS = 5_000;
const HASTY_MS = 2_000; // A handshake that takes longer was perhaps begun before the network was back.
const STABLE_MS = 10_000; // Before that, a connection that opens and closes at once keeps backing off.
const ABNORMAL = 1006;
const NORMAL = 1000;
const CONNECTING = 0; // A WebSocket's readyState.

/**
 * States: closed, connecting, open, waiting, resting. Emits "state" {state, code, until}, "link" when frames may be
 * sent, "frame" (an object) and "lost" (the close code).
 */
export class Socket extends Emitter {
  #make;
  #clock;
  #random;
  #socket = null;
  #state = "closed";
  #troubledSince = null;
  #timer = null;
  #stable = null;
  #silence;
  #patience = HANDSHAKE_MS;
  #retryAfter = null;

  /** `make` returns a new WebSocket. */
  constructor({make, clock, random}) {
    super();
    this.#make = make;
    this.#clock = clock;
    this.#random = random;
    this.#silence = new Stopwatch(clock);
  }

  get state() {
    return this.#state;
  }

  connect() {
    this.#stopTimers();
    this.#enter("connecting");
    const socket = this.#make();
    this.#socket = socket;
    socket.onopen = () => this.emit("link");
    socket.onmessage = (event) => this.#hear(event.data);
    socket.onclose = (event) => this.#lose(event.code);
    this.#listenFor(HANDSHAKE_MS);
  }

  /** The handshake is done: from here on the line is good. */
  ready() {
    this.#patience = SILENCE_MS;
    if (this.#state !== "open") {
      this.#enter("open");
      this.#stable = this.#clock.setTimeout(() => (this.#troubledSince = null), STABLE_MS);
    }
  }

  /** The line is not needed for now: give it back, and stay without one until `connect`. */
  rest() {
    if (this.#state !== "closed" && this.#state !== "resting") {
      const socket = this.#socket;
      this.#detach();
      this.#stopTimers();
      this.#troubledSince = this.#retryAfter = null;
      this.#state = "resting"; // Before those who hear of it ask for it again.
      hangUp(socket);
      this.emit("lost", NORMAL);
      this.emit("state", {state: "resting"});
    }
  }

  send(frame) {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** The server said when to come back, before it closes. */
  comeBackAfter(seconds) {
    this.#retryAfter = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
  }

  /** The network or the reader came back: connect at once. Returns true where the line should be probed. */
  wake({doubt = false} = {}) {
    const silence = this.#silence.elapsed;
    const isStuck = doubt && this.#state === "connecting" && silence >= HASTY_MS;
    if (this.#hasLine && (isStuck || silence >= this.#patience)) {
      this.#abandon();
    }
    if (this.#state === "waiting") {
      this.connect();
    }
    return this.#state === "open" && (doubt || silence >= DOUBT_MS);
  }

  /** Something was asked of the server: no answer within a few seconds means dead. */
  expectAnswer() {
    this.#listenFor(PROBE_MS);
  }

  get #hasLine() {
    return this.#state === "open" || this.#state === "connecting";
  }

  #hear(data) {
    this.#silence.restart();
    if (this.#state === "open") {
      this.#patience = SILENCE_MS;
    }
    const frame = parse(data);
    if (frame) {
      this.emit("frame", frame);
    }
  }

  #listenFor(patience) {
    this.#patience = patience;
    this.#silence.restart();
    this.#watch();
  }

  /** One timer that looks at the clock, rather than a new timer for each frame. */
  #watch() {
    this.#clock.clearTimeout(this.#timer);
    const rest = this.#patience - this.#silence.elapsed;
    if (rest <= 0) {
      this.#abandon();
    } else {
      this.#timer = this.#clock.setTimeout(() => this.#watch(), rest);
    }
  }

  /** Leave a line that says nothing; its own close might never come, so nobody waits for it. */
  #abandon() {
    const socket = this.#socket;
    this.#lose(ABNORMAL, {atOnce: this.#state === "open"});
    socket?.close();
  }

  #lose(code, {atOnce = false} = {}) {
    this.#detach();
    this.#stopTimers();
    this.emit("lost", code);
    if (!comesBack(code)) {
      this.#enter("closed", {code});
    } else if (atOnce) {
      this.connect();
    } else {
      this.#wait(code);
    }
  }

  #wait(code) {
    const now = this.#clock.now();
    this.#troubledSince ??= now;
    const delay = this.#retryAfter ?? delayAfter(code, now - this.#troubledSince, this.#random);
    this.#retryAfter = null;
    this.#enter("waiting", {code, until: now + delay});
    this.#timer = this.#clock.setTimeout(() => this.connect(), delay);
  }

  #enter(state, more = {}) {
    this.#state = state;
    this.emit("state", {state, ...more});
  }

  #detach() {
    if (this.#socket) {
      this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
      this.#socket = null;
    }
  }

  #stopTimers() {
    this.#clock.clearTimeout(this.#timer);
    this.#clock.clearTimeout(this.#stable);
  }
}

/** One that is only being opened is let open first: browsers complain of a handshake that is broken off. */
function hangUp(socket) {
  if (socket?.readyState === CONNECTING) {
    socket.onopen = () => socket.close();
  } else {
    socket?.close();
  }
}

function parse(data) {
  try {
    const frame = JSON.parse(data);
    return frame !== null && typeof frame === "object" ? frame : null;
  } catch {
    return null;
  }
}
