/** What a message answers: a line above it that leads to the original, and the way back from there. */

import {gettext} from "../lib/words.js";
import {shownName} from "./people-names.js";

/** Fill the line with the message that is answered; null as long as it is not known. */
export function fillQuote(line, original) {
  line.querySelector("[data-quote-author]").textContent = original ? shownName(original.user) : "";
  line.querySelector("[data-quote-text]").textContent = original ? excerpt(original) : gettext("an earlier message");
}

export class Quotes {
  #back;
  #from = null;
  #show;

  /** `show` brings a message into the middle, and says whether it is there; where it is not, the link leads to it. */
  constructor({root, list, show}) {
    this.#back = root.querySelector("[data-back-to-reply]");
    this.#show = show;
    list.addEventListener("click", (event) => this.#follow(event));
    this.#back.addEventListener("click", () => {
      this.#show(Number(this.#from.dataset.id));
      this.#back.hidden = true;
    });
  }

  #follow(event) {
    const line = event.target.closest("[data-quote]");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (line && isPlain && this.#show(Number(line.dataset.quote))) {
      event.preventDefault();
      this.#from = line.closest(".message"); // It may be on its way still, and get its id only later.
      this.#back.hidden = false;
    }
  }
}

function excerpt({deleted, message}) {
  return deleted ? gettext("Message deleted") : message.trim().replace(/\s+/g, " ").slice(0, 200);
}
