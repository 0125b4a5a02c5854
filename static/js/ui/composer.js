/** The writing field: what Enter means, how it grows, and the limits, told before they hurt. */

import {gettext, interpolate, ngettext} from "../lib/words.js";
import {examine} from "../state/draft.js";

const TOUCH = "(hover: none) and (pointer: coarse)";

export class Composer {
  #root;
  #input;
  #counter;
  #limits;
  #send;

  /** `limits` is read at each look, for a hello may change it; `send` takes the text. */
  constructor({root, limits, send}) {
    this.#root = root;
    this.#input = root.querySelector("textarea");
    this.#counter = root.querySelector("[data-counter]");
    this.#limits = limits;
    this.#send = send;
    this.#listen();
    this.#look();
  }

  #listen() {
    this.#input.addEventListener("input", () => this.#look());
    this.#input.addEventListener("keydown", (event) => this.#press(event));
    this.#root.querySelector("[data-composer-form]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** Enter sends, unless it ends a composition of an input method; on a touch keyboard it breaks the line. */
  #press(event) {
    const isComposing = event.isComposing || event.keyCode === 229;
    const isMeant = event.ctrlKey || event.metaKey || !(event.shiftKey || matchMedia(TOUCH).matches);
    if (event.key === "Enter" && isMeant && !isComposing) {
      event.preventDefault();
      this.#submit();
    }
  }

  #submit() {
    const text = this.#input.value.trimEnd();
    const {blank, tooLong} = examine(text, this.#limits);
    this.#input.focus();
    if (tooLong) {
      this.#look();
    } else if (!blank) {
      this.#input.value = "";
      this.#look();
      this.#send(text);
    }
  }

  #look() {
    const {blank, rest, near, tooLong} = examine(this.#input.value, this.#limits);
    this.#root.classList.toggle("composer--empty", blank);
    this.#root.classList.toggle("composer--too-long", tooLong);
    this.#input.setAttribute("aria-invalid", String(tooLong));
    this.#counter.hidden = !near && !tooLong;
    this.#counter.textContent = this.#counter.hidden ? "" : remaining(rest, tooLong);
    this.#grow();
  }

  /** Where the browser does not size the field by its content. */
  #grow() {
    if (!CSS.supports("field-sizing", "content")) {
      this.#input.style.blockSize = "auto";
      this.#input.style.blockSize = `${this.#input.scrollHeight}px`;
    }
  }
}

function remaining(rest, tooLong) {
  if (rest < 0) {
    return interpolate(ngettext("%(count)s character too many", "%(count)s characters too many", -rest), {count: -rest});
  }
  if (tooLong) {
    return gettext("Too long to send in one piece");
  }
  return interpolate(ngettext("%(count)s character left", "%(count)s characters left", rest), {count: rest});
}
