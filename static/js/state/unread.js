/** What is unread in one's other rooms, by their slugs. */

import {Emitter} from "../lib/emitter.js";

/** Emits "change" with the slug of the room whose numbers are others now. */
export class Unread extends Emitter {
  #rooms = new Map();

  /** The numbers of a room: {unread, mentions}. */
  of(slug) {
    return this.#rooms.get(slug) ?? {unread: 0, mentions: 0};
  }

  hear({slug, unread, mentions}) {
    this.#rooms.set(slug, {unread, mentions});
    this.emit("change", slug);
  }

  /** One is in the room: it counts for itself. */
  enter(slug) {
    this.hear({slug, unread: 0, mentions: 0});
  }

  /** Somebody else is here now. */
  forget() {
    const slugs = [...this.#rooms.keys()];
    this.#rooms.clear();
    slugs.forEach((slug) => this.emit("change", slug));
  }

  /** Of these rooms in their order the next one from `current` with something unread, `step` 1 down or -1 up, around the end; or null. */
  next(slugs, current, step) {
    const start = slugs.indexOf(current);
    const order = slugs.map((_, place) => (start + step * (place + 1) + 2 * slugs.length + (start < 0 && step < 0 ? 1 : 0)) % slugs.length);
    const found = order.map((place) => slugs[place]).find((slug) => slug !== current && this.of(slug).unread > 0);
    return found ?? null;
  }
}
