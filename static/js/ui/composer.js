/** The writing field: sends, remembers what was not sent yet, and leads to one's last message. */

import {examine} from "../state/limits.js";
import {count, grow, isComposing, meansSend} from "./writing.js";

export class Composer {
  #root;
  #input;
  #counter;
  #limits;
  #draft;
  #typing;
  #canSend;
  #send;
  #editLast;

  /**
   * `limits` is read at each look, for a hello may change it; `typing` hears what one writes; `canSend` says whether it is one's turn to speak; `send`
   * takes the text; `editLast` says whether it could.
   */
  constructor({root, limits, draft, typing, canSend, send, editLast}) {
    this.#root = root;
    this.#input = root.querySelector("textarea");
    this.#counter = root.querySelector("[data-counter]");
    this.#limits = limits;
    this.#draft = draft;
    this.#typing = typing;
    this.#canSend = canSend;
    this.#send = send;
    this.#editLast = editLast;
    this.#listen();
    this.#look();
  }

  focus() {
    this.#input.focus();
  }

  #listen() {
    this.#input.addEventListener("input", () => {
      this.#draft.change(this.#input.value);
      this.#typing.wrote(this.#input.value);
      this.#look();
    });
    this.#input.addEventListener("keydown", (event) => this.#press(event));
    this.#root.querySelector("[data-composer-form]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#draft.on("found", (text) => this.#input.value === "" && this.#fill(text));
    this.#draft.on("sent", (text) => this.#input.value.trimEnd() === text && this.#fill(""));
    if (this.#input.value !== "") {
      this.#draft.change(this.#input.value); // Typed while the page was loading, or kept by the browser.
    }
  }

  #press(event) {
    const isPlain = !(event.shiftKey || event.ctrlKey || event.altKey || event.metaKey);
    if (meansSend(event)) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "ArrowUp" && isPlain && this.#input.value === "" && !isComposing(event) && this.#editLast()) {
      event.preventDefault();
    }
  }

  #submit() {
    const text = this.#input.value.trimEnd();
    const {blank, tooLong} = examine(text, this.#limits);
    this.#input.focus();
    if (tooLong) {
      this.#look();
    } else if (!blank && this.#canSend()) {
      this.#send(text);
      this.#fill("");
      this.#draft.sent(text);
    }
  }

  #fill(text) {
    this.#input.value = text;
    this.#draft.change(text);
    this.#look();
  }

  #look() {
    const look = examine(this.#input.value, this.#limits);
    this.#root.classList.toggle("composer--empty", look.blank);
    this.#root.classList.toggle("composer--too-long", look.tooLong);
    this.#input.setAttribute("aria-invalid", String(look.tooLong));
    count(this.#counter, look);
    grow(this.#input);
  }
}
