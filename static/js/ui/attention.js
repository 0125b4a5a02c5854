/** Whether one looks at this tab: if not, its title counts what came meanwhile. */

export class Attention {
  #page;
  #title;
  #missed = 0;

  constructor({page}) {
    this.#page = page;
    this.#title = page.title;
    page.addEventListener("visibilitychange", () => this.#look());
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
    if (!this.#page.hidden) {
      this.#missed = 0;
      this.#drawTitle();
    }
  }

  #drawTitle() {
    this.#page.title = this.#missed > 0 ? `(${this.#missed}) ${this.#title}` : this.#title;
  }
}
