/**
 * The scroll position of the log, whose column is laid out from the bottom: scrollTop is 0 at the newest message and
 * grows negative upwards, so that the browser itself keeps to the bottom when the page is drawn or resized.
 */

const BOTTOM_PX = 40;
const AHEAD_PX = 900; // History is fetched about a screen before one sees its end.

export class Scroller {
  #element;

  constructor(element) {
    this.#element = element;
  }

  onScroll(listener) {
    this.#element.addEventListener("scroll", listener, {passive: true});
  }

  get isAtBottom() {
    return -this.#element.scrollTop <= BOTTOM_PX;
  }

  get isNearBottom() {
    return -this.#element.scrollTop <= AHEAD_PX;
  }

  get isNearTop() {
    const {scrollHeight, clientHeight, scrollTop} = this.#element;
    return scrollHeight - clientHeight + scrollTop <= AHEAD_PX;
  }

  /** More than a screen and a half away from the newest. */
  get isFarUp() {
    return -this.#element.scrollTop > this.#element.clientHeight * 1.5;
  }

  toBottom({smooth = false} = {}) {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#element.scrollTo({top: 0, behavior: smooth && !isCalm ? "smooth" : "instant"});
  }

  /** Change the log's content, with what one reads staying where it is: at the bottom, or the first line in sight. */
  keeping(list, change) {
    if (this.isAtBottom) {
      change();
      this.toBottom();
      return;
    }
    const anchor = this.#firstInSight(list);
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (anchor?.isConnected) {
      this.#element.scrollTop += anchor.getBoundingClientRect().top - before;
    } else {
      this.toBottom(); // What one read is gone: the log began anew.
    }
  }

  #firstInSight(list) {
    const top = this.#element.getBoundingClientRect().top;
    const nodes = list.querySelectorAll(".message"); // Not a day's label: it moves up when older messages of that day come.
    let low = 0;
    let high = nodes.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (nodes[middle].getBoundingClientRect().bottom <= top) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return nodes[low] ?? null;
  }
}
