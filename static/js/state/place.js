/** The room as the server describes it to this person: what it is called, what one may do in it, and why not. */

import {Emitter} from "../lib/emitter.js";

/** Emits "change" when another description has come, and "moved" with the slug that the room had before. */
export class Place extends Emitter {
  #room;

  /** `room` is {slug, title, topic, kind, may, archived, members_only, slow, muted_until}, as in the wire's hello. */
  constructor(room) {
    super();
    this.#room = room;
  }

  get room() {
    return this.#room;
  }

  may(right) {
    return this.#room.may.includes(right);
  }

  /** Whether one belongs to the room or looks after it, and so may know who else belongs to it. */
  get isInside() {
    return this.#room.kind === "direct" || this.may("leave") || this.may("moderate");
  }

  /** Why one cannot write here: "archived", "join" (one may), "members" (one would need an account), "muted"; or null. */
  get silence() {
    const {archived, members_only: membersOnly} = this.#room;
    if (this.may("send")) {
      return null;
    }
    if (archived) {
      return "archived";
    }
    if (this.may("join")) {
      return "join";
    }
    return membersOnly && !this.may("leave") ? "members" : "muted";
  }

  /** Seconds from one message to one's next: slow mode, from which those who moderate are free. */
  get slow() {
    return this.may("moderate") ? 0 : (this.#room.slow ?? 0);
  }

  become(room) {
    const {slug} = this.#room;
    this.#room = room;
    if (room.slug !== slug) {
      this.emit("moved", slug);
    }
    this.emit("change");
  }
}
