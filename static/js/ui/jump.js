/** The ways down: to new messages below, and from an old stretch back to the newest. */

import {interpolate, ngettext} from "../lib/words.js";

export class Jump {
  #below;
  #text;
  #toNewest;
  #scroller;
  #log;
  #people;
  #leave;
  #seen;

  /** `leave` fetches the newest page in place of an old stretch. */
  constructor({region, scroller, log, people, leave}) {
    this.#below = region.querySelector("[data-new-below]");
    this.#text = region.querySelector("[data-new-below-text]");
    this.#toNewest = region.querySelector("[data-to-newest]");
    this.#scroller = scroller;
    this.#log = log;
    this.#people = people;
    this.#leave = leave;
    this.#seen = log.last ?? 0;
    this.#listen();
  }

  draw() {
    const isAtEnd = this.#scroller.isAtBottom && this.#log.isAtNewest;
    if (isAtEnd) {
      this.#seen = this.#log.last ?? 0;
    }
    const count = this.#log.isAtNewest ? this.#countNews() : 0;
    this.#below.hidden = count === 0;
    this.#toNewest.hidden = count > 0 || !(this.#scroller.isFarUp || !this.#log.isAtNewest);
    const words = interpolate(ngettext("%(count)s new message", "%(count)s new messages", count), {count});
    if (count > 0 && this.#text.textContent !== words) {
      this.#text.textContent = words;
    }
  }

  /** Down to the newest, by way of the server where the stretch does not reach it. */
  async go({smooth = false} = {}) {
    if (!this.#log.isAtNewest) {
      await this.#leave();
    }
    this.#scroller.toBottom({smooth});
    this.draw();
  }

  #countNews() {
    const isNews = ({id, user}) => id > this.#seen && user.id !== this.#people.me?.id;
    return this.#log.messages.filter(isNews).length;
  }

  #listen() {
    this.#scroller.onScroll(() => this.draw());
    this.#below.addEventListener("click", () => this.go({smooth: true}));
    this.#toNewest.addEventListener("click", (event) => {
      event.preventDefault();
      this.go();
    });
  }
}
