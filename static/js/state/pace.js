/** Slow mode: how long it is until one may say the next thing. */

import {Emitter} from "../lib/emitter.js";

/** Times are those of this machine's clock, in milliseconds. Emits "change" when there is another time to wait. */
export class Pace extends Emitter {
  #clock;
  #slow;
  #heard = -Infinity;
  #until = -Infinity;

  /** `slow` returns the seconds between two messages; 0 where there is no such rule. */
  constructor({clock, slow}) {
    super();
    this.#clock = clock;
    this.#slow = slow;
  }

  /** Seconds until the next message, rounded up. */
  get left() {
    const slow = this.#slow();
    const wait = slow > 0 ? Math.max(this.#heard + slow * 1000, this.#until) - this.#clock.now() : 0;
    return Math.max(0, Math.ceil(wait / 1000));
  }

  /** One has said something: just now, or at a time that the server tells (its clock may be another, so never later). */
  said(at = Infinity) {
    this.#heard = Math.max(this.#heard, Math.min(at, this.#clock.now()));
    this.emit("change");
  }

  /** The server said how many seconds to wait. */
  refused(seconds) {
    this.#until = this.#clock.now() + seconds * 1000;
    this.emit("change");
  }
}
