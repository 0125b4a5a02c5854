/** What this person has written and the room has not confirmed: sent in order, one at a time, repeated safely. */

import {backoff, SHORTEST_MS} from "../lib/backoff.js";
import {Emitter} from "../lib/emitter.js";
import {nextId, uuid7} from "../lib/ids.js";

const ANSWER_MS = 10_000; // The server answers within 5 s, be it "unavailable".
const INTERNAL_ERRORS = 5; // Then the person decides; otherwise one unlucky message would hold up all others.
const WATCH_MS = 10_000; // How often one looks whether the tab that sends still lives.

/** Emits "change" when the entries did, and "unanswered" when a send met silence: the line may be dead. */
export class Outbox extends Emitter {
  #send;
  #clock;
  #random;
  #fill;
  #entries;
  #turn;
  #isOpen = false;
  #isReady = false; // It is this tab's turn, and it knows what the others have written.
  #inFlight = null;
  #attempts = new Map();
  #timer = null;
  #watch = null;

  /**
   * `send` puts a frame on the wire and says whether it went out; `entries` keeps what was written; `turn` says which
   * tab sends; `random` and `fill` give chance for waiting and for ids.
   */
  constructor({send, clock, random, fill, entries, turn}) {
    super();
    this.#send = send;
    this.#clock = clock;
    this.#random = random;
    this.#fill = fill;
    this.#entries = entries;
    this.#turn = turn;
    entries.on("change", () => this.#look());
    turn.on("change", () => this.#prepare());
  }

  get entries() {
    return this.#entries.list;
  }

  /** How many wait to be sent. */
  get waiting() {
    return this.entries.filter((entry) => entry.state === "pending").length;
  }

  /** Whether this tab sends for all. */
  get isSender() {
    return this.#isReady;
  }

  /** Say something; `replyTo` is the id of the message that it answers. */
  add(message, replyTo = null) {
    const place = this.#nextPlace();
    const ts = new Date(this.#clock.now()).toISOString();
    const entry = {client_id: uuid7(place, this.#fill), message, reply_to: replyTo, ts, place, state: "pending"};
    this.#entries.put(entry);
    return entry;
  }

  /** The server says who one is ({user, guest, epoch}): what is not that person's will not go out. */
  become(me) {
    this.#entries.become(me);
  }

  /** The line is good, and caught up: what was committed before it broke has come already. */
  open() {
    const {user, epoch} = this.#entries.me;
    this.#isOpen = true;
    this.#turn.ask(`${epoch} ${user}`);
    this.#entries.reload();
    this.#next();
  }

  /** The line broke. What was in flight goes out again with the same id, unless that frame was the reason. */
  close({refused = false} = {}) {
    const entry = this.#entries.find(this.#inFlight);
    this.#isOpen = false;
    this.#land();
    this.#turn.leave();
    if (entry && refused) {
      this.#fail(entry, {code: "bad_request"});
    }
  }

  /** Committed: an ack. The entry stays in sight until the message itself has come. */
  acked({client_id, id}) {
    const entry = this.#entries.find(client_id);
    if (entry) {
      this.#attempts.delete(entry.client_id);
      this.#entries.acked(entry.client_id, id);
    }
  }

  /** A message of the log: if it is ours, the entry has become it. */
  arrived(message) {
    if (message.client_id && message.user.id === this.#entries.me.user) {
      this.#entries.end(message.client_id.toLowerCase());
    }
  }

  /** Everything up to `seq` has come: what was acked below it is in the log, or outside the stretch one looks at. */
  passed(seq) {
    this.entries
      .filter((entry) => entry.state === "sent" && entry.id <= seq)
      .forEach((entry) => this.#entries.end(entry.client_id));
  }

  refused(error) {
    const entry = this.#entries.find(error.client_id);
    if (entry?.state !== "pending" || entry.client_id !== this.#inFlight) {
      return;
    }
    const isHopeless = error.code === "internal" && this.#attempts.get(entry.client_id) >= INTERNAL_ERRORS;
    if (error.temporary && !isHopeless) {
      this.#again(entry, error.retry_after);
    } else {
      this.#fail(entry, {code: error.code, problem: error.message, isFinal: !error.temporary});
    }
  }

  /** Send a failed entry once more, after all others; with a new id where the old one was refused for good. */
  retry(clientId) {
    const entry = this.#entries.find(clientId);
    if (entry?.state === "failed") {
      const place = this.#nextPlace();
      const id = entry.isFinal ? nextId(entry.client_id) : entry.client_id;
      this.#attempts.delete(id);
      const {message, reply_to = null, ts} = entry;
      this.#entries.put({client_id: id, message, reply_to, ts, place, state: "pending"}, {instead: entry.client_id});
    }
  }

  /** Give up an entry that failed. */
  discard(clientId) {
    const entry = this.#entries.find(clientId);
    if (entry?.state === "failed") {
      this.#entries.end(entry.client_id);
    }
  }

  /** It may have become this tab's turn: first see what the others have left. */
  async #prepare() {
    this.#isReady = false;
    if (!this.#turn.isMine) {
      this.#land();
    } else {
      await this.#entries.reload();
      this.#isReady = this.#turn.isMine;
    }
    this.#look();
  }

  #look() {
    if (this.#inFlight !== null && this.#entries.find(this.#inFlight)?.state !== "pending") {
      this.#land();
    }
    this.emit("change");
    this.#next();
  }

  #next() {
    const entry = this.entries.find((one) => one.state === "pending");
    if (!entry || !this.#isOpen || this.#timer !== null) {
      return;
    }
    if (!this.#isReady && !this.#entries.isLoose(entry)) {
      this.#await();
    } else if (this.#send(frameOf(entry))) {
      this.#attempts.set(entry.client_id, (this.#attempts.get(entry.client_id) ?? 0) + 1);
      this.#inFlight = entry.client_id;
      this.#wait(ANSWER_MS, () => this.emit("unanswered"));
    }
  }

  /** Another tab should send it; see that there is one, now and as long as it has not. */
  #await() {
    if (this.#watch === null) {
      this.#turn.nudge();
      this.#watch = this.#clock.setTimeout(() => {
        this.#watch = null;
        this.#next();
      }, WATCH_MS);
    }
  }

  /** A refusal that passes: the same id again after a while, and nothing overtakes it. */
  #again(entry, retryAfter) {
    const growing = backoff(SHORTEST_MS * 2 ** this.#attempts.get(entry.client_id), this.#random);
    this.#land();
    this.#wait(Number.isFinite(retryAfter) ? retryAfter * 1000 : SHORTEST_MS + growing);
  }

  #wait(delay, before = () => {}) {
    this.#timer = this.#clock.setTimeout(() => {
      this.#land();
      before();
      this.#next();
    }, delay);
  }

  #fail(entry, {code, problem = "", isFinal = true}) {
    this.#entries.put({...entry, state: "failed", code, problem, isFinal});
  }

  #land() {
    this.#inFlight = null;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Places grow, also within one millisecond, and after the clock was set back. */
  #nextPlace() {
    return Math.max(this.#clock.now(), ...this.entries.map((entry) => entry.place + 1));
  }
}

function frameOf({client_id, message, reply_to}) {
  const frame = {type: "send", client_id, message};
  return Number.isInteger(reply_to) ? {...frame, reply_to} : frame;
}
