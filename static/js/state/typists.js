/** Who else is writing in the room at this moment. */

import {Emitter} from "../lib/emitter.js";

/** Emits "change". */
export class Typists extends Emitter {
  #clock;
  #shownMs;
  #names = new Map();
  #timers = new Map();

  constructor({clock, shownSeconds}) {
    super();
    this.#clock = clock;
    this.#shownMs = shownSeconds * 1_000;
  }

  /** In the order in which they began. */
  get names() {
    return [...this.#names.values()];
  }

  /** The server says that somebody is writing. */
  hear({id, name}) {
    this.#clock.clearTimeout(this.#timers.get(id));
    this.#timers.set(id, this.#clock.setTimeout(() => this.stopped(id), this.#shownMs));
    this.#set(id, name);
  }

  /** Somebody has sent it, or left, or been silent for a while. */
  stopped(id) {
    this.#clock.clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    if (this.#names.delete(id)) {
      this.emit("change");
    }
  }

  rename({id, name}) {
    if (this.#names.has(id)) {
      this.#set(id, name);
    }
  }

  forget() {
    [...this.#names.keys()].forEach((id) => this.stopped(id));
  }

  #set(id, name) {
    if (this.#names.get(id) !== name) {
      this.#names.set(id, name);
      this.emit("change");
    }
  }
}
