/** What the tab tells one who looks elsewhere: its title counts what came meanwhile and what speaks to one, its icon has a dot. */

export class Attention {
  #page;
  #icon;
  #title;
  #missed = 0;
  #elsewhere = {mentions: 0, any: false};

  constructor({page}) {
    this.#page = page;
    this.#icon = page.querySelector("[data-icon]");
    this.#title = page.title;
    page.addEventListener("visibilitychange", () => this.#look());
  }

  /** Someone else said something here. */
  heard() {
    if (this.#page.hidden) {
      this.#missed += 1;
      this.#draw();
    }
  }

  /** What is unread in other rooms: how much of it speaks to oneself, and whether there is `any`. */
  elsewhere(unread) {
    this.#elsewhere = unread;
    this.#draw();
  }

  /** The room has another title. */
  entitle(title) {
    this.#title = title;
    this.#draw();
  }

  #look() {
    if (!this.#page.hidden) {
      this.#missed = 0;
      this.#draw();
    }
  }

  #draw() {
    const count = this.#missed + this.#elsewhere.mentions;
    this.#page.title = count > 0 ? `(${count}) ${this.#title}` : this.#title;
    const {quiet, unread} = this.#icon.dataset;
    this.#icon.href = count > 0 || this.#elsewhere.any ? unread : quiet;
  }
}
