/** Which message was really shown last: one whose end is in sight, on a page that is looked at. */

import {scheduler} from "./schedule.js";

export class Sight {
  /** Look soon; a page in the background is not drawn, and so not looked at. */
  look = scheduler(() => this.lookNow());
  #region;
  #page;
  #shown;

  /** `shown` is told the id. */
  constructor({region, scroller, page, shown}) {
    this.#region = region;
    this.#page = page;
    this.#shown = shown;
    scroller.onScroll(this.look);
  }

  /** Look at once, for the page or the room may be about to go. */
  lookNow() {
    if (this.#page.hidden || !this.#region.isConnected) {
      return;
    }
    const {top, bottom} = this.#region.getBoundingClientRect();
    const nodes = [...this.#region.querySelectorAll(".message[data-id]")];
    const last = nodes.findLast((node) => node.getBoundingClientRect().bottom <= bottom + 1);
    if (last && last.getBoundingClientRect().bottom > top) {
      this.#shown(Number(last.dataset.id));
    }
  }
}
