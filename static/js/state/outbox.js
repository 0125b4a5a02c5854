/** What this person has written and the room has not confirmed: kept in order, sent one at a time, repeated safely. */

import {Emitter} from "../lib/emitter.js";
import {uuid7} from "../lib/ids.js";
import {backoff, SHORTEST_MS} from "../lib/backoff.js";

const ANSWER_MS = 10_000; // The server answers within 5 s, be it "unavailable".
const INTERNAL_ERRORS = 5; // Then the person decides; otherwise one unlucky message would hold up all others.

/**
 * Entries: {client_id, owner, message, ts, state: "pending" | "sent" | "failed", id, code, problem, attempts}.
 * "sent" means acked, while the message frame is still on its way. Emits "change".
 */
export class Outbox extends Emitter {
  #send;
  #clock;
  #random;
  #fill;
  #store;
  #entries = [];
  #owner = null;
  #isOpen = false;
  #inFlight = null;
  #timer = null;

  /**
   * `send` puts a frame on the wire and says whether it went out; `store` keeps entries ({all, put, delete},
   * each may return a promise); `random` and `fill` give chance for waiting and for ids.
   */
  constructor({send, clock, random, fill, store}) {
    super();
    this.#send = send;
    this.#clock = clock;
    this.#random = random;
    this.#fill = fill;
    this.#store = store;
  }

  get entries() {
    return this.#entries;
  }

  /** How many wait to be sent. */
  get waiting() {
    return this.#entries.filter((entry) => entry.state === "pending").length;
  }

  /** Take up what an earlier page has left; before anything is added. */
  async restore() {
    this.#entries = [...(await this.#store.all()), ...this.#entries];
    this.#changed();
  }

  add(message) {
    const now = this.#clock.now();
    const entry = {
      client_id: uuid7(now, this.#fill),
      owner: this.#owner,
      message,
      ts: new Date(now).toISOString(),
      state: "pending",
      attempts: 0,
    };
    this.#entries.push(entry);
    this.#keep(entry);
    this.#next();
    return entry;
  }

  /** The line is good, and caught up: what was committed before it broke has come already. */
  open(owner) {
    this.#owner = owner;
    this.#disown();
    this.#isOpen = true;
    this.#next();
  }

  /** The line broke. What was in flight goes out again with the same id, unless that frame was the reason. */
  close({refused = false} = {}) {
    const entry = this.#inFlight;
    this.#isOpen = false;
    this.#land();
    if (entry && refused) {
      this.#fail(entry, {code: "bad_request"});
    }
  }

  /** Committed: an ack. The entry stays in sight until the message itself has come. */
  acked({client_id, id}) {
    const entry = this.#find(client_id);
    if (entry) {
      Object.assign(entry, {state: "sent", id});
      this.#store.delete(entry.client_id);
      this.#landed(entry);
    }
  }

  /** A message of the log: if it is ours, the entry has become it. */
  arrived(message) {
    const entry = message.client_id && this.#isOurs(message) ? this.#find(message.client_id) : null;
    if (entry) {
      this.#remove(entry);
    }
  }

  /** Everything up to `seq` has come: what was acked below it is in the log, or outside the stretch one looks at. */
  passed(seq) {
    this.#entries
      .filter((entry) => entry.state === "sent" && entry.id <= seq)
      .forEach((entry) => this.#remove(entry));
  }

  refused(error) {
    const entry = this.#find(error.client_id);
    if (!entry || entry.state !== "pending") {
      return;
    }
    const isHopeless = error.code === "internal" && entry.attempts >= INTERNAL_ERRORS;
    if (error.temporary && !isHopeless) {
      this.#again(entry, error.retry_after);
    } else {
      this.#fail(entry, {code: error.code, problem: error.message, isFinal: !error.temporary});
    }
  }

  /** Send a failed entry once more; with a new id where the old one was refused for good. */
  retry(clientId) {
    const entry = this.#find(clientId);
    if (entry?.state !== "failed") {
      return;
    }
    this.#store.delete(entry.client_id);
    this.#entries = this.#entries.filter((other) => other !== entry);
    const id = entry.isFinal ? uuid7(this.#clock.now(), this.#fill) : entry.client_id;
    const fresh = {...entry, client_id: id, owner: this.#owner, state: "pending", attempts: 0};
    this.#entries.push(fresh);
    this.#keep(fresh);
    this.#next();
  }

  /** Give up an entry that failed. */
  discard(clientId) {
    const entry = this.#find(clientId);
    if (entry?.state === "failed") {
      this.#remove(entry);
    }
  }

  #next() {
    const entry = this.#entries.find((one) => one.state === "pending");
    if (!entry || !this.#isOpen || this.#inFlight || this.#timer !== null) {
      return;
    }
    if (this.#send({type: "send", client_id: entry.client_id, message: entry.message})) {
      entry.attempts += 1;
      this.#inFlight = entry;
      this.#wait(ANSWER_MS);
    }
  }

  /** A refusal that passes: the same id again after a while, and nothing overtakes it. */
  #again(entry, retryAfter) {
    this.#land();
    this.#wait(Number.isFinite(retryAfter) ? retryAfter * 1000 : SHORTEST_MS + backoff(SHORTEST_MS * 2 ** entry.attempts, this.#random));
    this.#changed();
  }

  #wait(delay) {
    this.#timer = this.#clock.setTimeout(() => {
      this.#land();
      this.#next();
    }, delay);
  }

  #fail(entry, {code, problem = "", isFinal = true}) {
    Object.assign(entry, {state: "failed", code, problem, isFinal});
    this.#keep(entry);
    this.#landed(entry);
  }

  /** What was written as someone else, or for another life of this room, never goes out by itself. */
  #disown() {
    for (const entry of this.#entries.filter((one) => one.state === "pending")) {
      if (entry.owner === null) {
        entry.owner = this.#owner;
      } else if (!sameOwner(entry.owner, this.#owner)) {
        this.#fail(entry, {code: "not_yours"});
      }
    }
  }

  #landed(entry) {
    if (this.#inFlight === entry) {
      this.#land();
    }
    this.#changed();
    this.#next();
  }

  #land() {
    this.#inFlight = null;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #remove(entry) {
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#store.delete(entry.client_id);
    this.#landed(entry);
  }

  #keep(entry) {
    this.#store.put(entry);
    this.#changed();
  }

  #isOurs(message) {
    return message.user.id === this.#owner?.user;
  }

  #find(clientId) {
    const id = clientId?.toLowerCase();
    return this.#entries.find((entry) => entry.client_id === id);
  }

  #changed() {
    this.emit("change");
  }
}

function sameOwner(one, other) {
  return one.user === other.user && one.epoch === other.epoch;
}
