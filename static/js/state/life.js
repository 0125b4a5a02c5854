/** Whether somebody is at this browser: a sign of life in any of its tabs counts for all of them. */

import {Emitter} from "../lib/emitter.js";
import {Stopwatch} from "../lib/stopwatch.js";

const TELL_PART = 60; // Tabs tell each other so many times in the time that makes one idle.

/** Emits "change" when one becomes idle, and at once when one is active again. */
export class Life extends Emitter {
  #channel;
  #clock;
  #idleMs;
  #state = "active";
  #silence;
  #told;
  #timer = null;

  /** `channel` leads to the other tabs, of whatever room. */
  constructor({channel, clock, idleSeconds}) {
    super();
    this.#channel = channel;
    this.#clock = clock;
    this.#idleMs = idleSeconds * 1_000;
    this.#silence = new Stopwatch(clock);
    this.#told = new Stopwatch(clock);
    channel.listen(({type}) => type === "alive" && this.#live());
    this.sign();
  }

  /** "active" or "idle". */
  get state() {
    return this.#state;
  }

  /** Somebody did something in this tab. */
  sign() {
    const isNews = this.#state === "idle" || this.#timer === null;
    if (isNews || this.#told.elapsed >= this.#idleMs / TELL_PART) {
      this.#told.restart();
      this.#channel.post({type: "alive"});
    }
    this.#live();
  }

  #live() {
    this.#silence.restart();
    if (this.#timer === null) {
      this.#wait(this.#idleMs);
    }
    this.#become("active");
  }

  #wait(milliseconds) {
    this.#timer = this.#clock.setTimeout(() => this.#look(), milliseconds);
  }

  #look() {
    const rest = this.#idleMs - this.#silence.elapsed;
    if (rest > 0) {
      this.#wait(rest);
    } else {
      this.#timer = null;
      this.#become("idle");
    }
  }

  #become(state) {
    if (state !== this.#state) {
      this.#state = state;
      this.emit("change");
    }
  }
}
