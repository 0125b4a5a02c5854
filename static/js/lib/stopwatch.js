/** Measures how long ago something was, by two clocks: one that runs on in sleep, and one that nobody sets back. */

export class Stopwatch {
  #clock;
  #wall;
  #steady;

  constructor(clock) {
    this.#clock = clock;
    this.restart();
  }

  restart() {
    this.#wall = this.#clock.now();
    this.#steady = this.#clock.steady();
  }

  /** Milliseconds since the restart: of two clocks that disagree, the one that says more. */
  get elapsed() {
    return Math.max(this.#clock.now() - this.#wall, this.#clock.steady() - this.#steady);
  }
}
