/** Who belongs to the room and as what, as far as this person may know; learnt when it is looked at. */

import {Emitter} from "../lib/emitter.js";

const FRESH_MS = 60_000;

/** Emits "change". */
export class Members extends Emitter {
  #fetch;
  #clock;
  #list = [];
  #at = -Infinity;

  /** `fetch` resolves with [{id, name, role}], or null. */
  constructor({fetch, clock}) {
    super();
    this.#fetch = fetch;
    this.#clock = clock;
  }

  roleOf(id) {
    return this.#list.find((member) => member.id === id)?.role ?? null;
  }

  /** Those who are not among `here`. */
  absent(here) {
    const ids = new Set(here.map(({id}) => id));
    return this.#list.filter(({id}) => !ids.has(id));
  }

  /** Ask anew, unless that was done a moment ago. */
  async look() {
    const now = this.#clock.steady();
    if (now - this.#at < FRESH_MS) {
      return;
    }
    this.#at = now;
    const found = await this.#fetch();
    if (found) {
      this.#list = found;
      this.emit("change");
    } else {
      this.#at = -Infinity;
    }
  }

  /** Rights have changed: what was learnt is old. */
  expire() {
    this.#at = -Infinity;
  }

  rename({id, name}) {
    this.#list = this.#list.map((member) => (member.id === id ? {...member, name} : member));
    this.emit("change");
  }

  /** The room is not this person's to look into any longer. */
  forget() {
    this.#list = [];
    this.emit("change");
  }
}
