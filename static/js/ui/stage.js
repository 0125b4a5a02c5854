/** The place of the document where one room's page stands, and what says which room that is. */

import {gettext, interpolate} from "../lib/words.js";

export class Stage {
  #page;
  #news;

  constructor({page}) {
    this.#page = page;
    this.#news = page.querySelector("[data-entered]");
  }

  /** Put this room's page in place of the other; nothing happens where it stands already. */
  show(root, title) {
    const shown = this.#page.querySelector("[data-page]");
    if (root !== shown) {
      shown.replaceWith(root);
      this.#page.querySelectorAll(".skip-link").forEach((link) => (link.hidden = !root.querySelector(link.hash)));
      this.#news.textContent = interpolate(gettext("You are in %(room)s."), {room: title});
    }
  }
}
