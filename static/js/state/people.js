/** Who is in the room now, and who oneself is. */

import {Emitter} from "../lib/emitter.js";

/** Emits "change" when those here changed and "me" when oneself did. */
export class People extends Emitter {
  #here = new Map();
  #count = 0;
  #me;

  constructor({me = null} = {}) {
    super();
    this.#me = me;
  }

  get me() {
    return this.#me;
  }

  /** All who are here, also those beyond the list. */
  get count() {
    return this.#count;
  }

  /** Those that the server named, oneself first, then by name. */
  get here() {
    const isMe = (person) => Number(person.id === this.#me?.id);
    return [...this.#here.values()].sort((one, other) => isMe(other) - isMe(one) || one.name.localeCompare(other.name));
  }

  get others() {
    return this.#count - this.#here.size;
  }

  /** The server said who one is, or one gave oneself another name. */
  become(user) {
    this.#me = user;
    this.emit("me");
    this.rename(user);
  }

  /** A presence frame: everyone, or what changed. */
  hear({here, joined = [], left = [], idle = [], active = [], count}) {
    if (here) {
      this.#here = new Map(here.map((person) => [person.id, person]));
    }
    joined.forEach((person) => this.#here.set(person.id, person));
    left.forEach((id) => this.#here.delete(id));
    idle.forEach((id) => this.#update(id, {idle: true}));
    active.forEach((id) => this.#update(id, {idle: false}));
    this.#count = Math.max(count ?? 0, this.#here.size);
    this.emit("change");
  }

  /** The room is not this person's to look into any longer. */
  forget() {
    this.hear({here: [], count: 0});
  }

  rename({id, name}) {
    if (this.#me?.id === id && this.#me.name !== name) {
      this.#me = {...this.#me, name};
      this.emit("me");
    }
    this.#update(id, {name});
    this.emit("change");
  }

  #update(id, change) {
    const person = this.#here.get(id);
    if (person) {
      this.#here.set(id, {...person, ...change});
    }
  }
}
