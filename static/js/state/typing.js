/** Tells the room that one is writing, while one is, and not more often than it may be told. */

import {isBlank} from "../lib/text.js";
import {Stopwatch} from "../lib/stopwatch.js";

export class Typing {
  #clock;
  #send;
  #everyMs;
  #told = null;

  /** `send` says whether the frame went out. */
  constructor({clock, send, everySeconds}) {
    this.#clock = clock;
    this.#send = send;
    this.#everyMs = everySeconds * 1_000;
  }

  /** One has just changed what one is writing, and it says this now. */
  wrote(text) {
    const isTooSoon = this.#told !== null && this.#told.elapsed < this.#everyMs;
    if (!isBlank(text) && !isTooSoon && this.#send({type: "typing"})) {
      this.#told = new Stopwatch(this.#clock);
    }
  }
}
