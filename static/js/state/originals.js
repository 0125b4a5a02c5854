/** The messages that others answer: from the log where it has them, else fetched one by one and kept. */

import {Emitter} from "../lib/emitter.js";
import {Recent} from "../lib/recent.js";

const RETRY_MS = 1_000;
const REMEMBERED = 500;

/** Emits "change" when one has come. */
export class Originals extends Emitter {
  #log;
  #ask;
  #canAsk;
  #clock;
  #found = new Map();
  #absent = new Recent(REMEMBERED);
  #wanted = new Set();
  #isAsking = false;

  /** `ask` sends a history frame and resolves with the page; `canAsk` says whether there is a line for it. */
  constructor({log, ask, canAsk, clock}) {
    super();
    this.#log = log;
    this.#ask = ask;
    this.#canAsk = canAsk;
    this.#clock = clock;
  }

  /** The message; null while it is not known, or where there is none. */
  of(id) {
    const known = this.#log.get(id) ?? this.#found.get(id) ?? null;
    if (known === null && !this.#absent.has(id)) {
      this.#wanted.add(id);
      this.fetch();
    }
    return known;
  }

  /** A message has changed; it may be one that only stands here. */
  heard(message) {
    if (this.#found.has(message.id)) {
      this.#found.set(message.id, message);
      this.emit("change");
    }
  }

  /** The room is not this person's to read any longer. */
  forget() {
    this.#found.clear();
    this.#wanted.clear();
  }

  /** Ask for what is wanted, one after another, as the server has it. */
  async fetch() {
    const [id] = this.#wanted;
    if (this.#isAsking || id === undefined || !this.#canAsk()) {
      return;
    }
    this.#isAsking = true;
    try {
      const {messages} = await this.#ask({type: "history", around: id, limit: 1});
      this.#take(id, messages.find((message) => message.id === id));
      this.#isAsking = false;
      this.fetch();
    } catch (refusal) {
      this.#isAsking = false;
      this.#clock.setTimeout(() => this.fetch(), (refusal.retryAfter ?? 0) * 1000 || RETRY_MS);
    }
  }

  #take(id, message) {
    this.#wanted.delete(id);
    if (message) {
      this.#found.set(id, message);
      this.emit("change");
    } else {
      this.#absent.add(id);
    }
  }
}
