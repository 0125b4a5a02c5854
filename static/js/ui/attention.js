/** Whether one looks at this tab: others see it as idle, and the tab's title counts what came meanwhile. */

const IDLE_MS = 60_000; // A look into another tab is not an absence.

export class Attention {
  #page;
  #clock;
  #tell;
  #title;
  #missed = 0;
  #timer = null;
  #told = "active";

  /** `tell` sends a presence state and says whether it went out. */
  constructor({page, clock, tell}) {
    this.#page = page;
    this.#clock = clock;
    this.#tell = tell;
    this.#title = page.title;
    page.addEventListener("visibilitychange", () => this.#look());
    this.#look();
  }

  /** A new line to the server, which takes everyone for active. */
  greeted() {
    this.#told = "active";
    this.#look();
  }

  /** Someone else said something. */
  heard() {
    if (this.#page.hidden) {
      this.#missed += 1;
      this.#drawTitle();
    }
  }

  /** The room has another title. */
  entitle(title) {
    this.#title = title;
    this.#drawTitle();
  }

  #look() {
    this.#clock.clearTimeout(this.#timer);
    if (this.#page.hidden) {
      this.#timer = this.#clock.setTimeout(() => this.#become("idle"), IDLE_MS);
    } else {
      this.#missed = 0;
      this.#drawTitle();
      this.#become("active");
    }
  }

  #become(state) {
    if (state !== this.#told && this.#tell(state)) {
      this.#told = state;
    }
  }

  #drawTitle() {
    this.#page.title = this.#missed > 0 ? `(${this.#missed}) ${this.#title}` : this.#title;
  }
}
