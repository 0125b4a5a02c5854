/** The message that one is about to answer, above the writing field. */

import {isComposing} from "./writing.js";
import {fillQuote} from "./quotes.js";

export class ReplyBar {
  #bar;
  #input;
  #originals;
  #changed;
  #id = null;

  /** `changed` gets the id of the message that is answered from now on, or null. */
  constructor({root, originals, changed}) {
    this.#bar = root.querySelector("[data-reply]");
    this.#input = root.querySelector("textarea");
    this.#originals = originals;
    this.#changed = changed;
    this.#bar.querySelector("[data-reply-cancel]").addEventListener("click", () => this.#cancel());
    this.#input.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#id !== null && !isComposing(event)) {
        event.preventDefault();
        this.#cancel();
      }
    });
  }

  /** The id of the message that is answered, or null. */
  get id() {
    return this.#id;
  }

  answer(id) {
    this.#id = id;
    this.#changed(id);
    this.draw();
  }

  draw() {
    this.#bar.hidden = this.#id === null;
    if (this.#id !== null) {
      fillQuote(this.#bar, this.#originals.of(this.#id));
    }
  }

  #cancel() {
    this.answer(null);
    this.#input.focus();
  }
}
