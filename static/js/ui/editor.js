/** The field in which one edits a message where it stands; it keeps its text until the server has taken it. */

import {gettext} from "../lib/words.js";
import {examine} from "../state/limits.js";
import {explainChange} from "./explain.js";
import {fromTemplate} from "./markup.js";
import {count, grow, isComposing, isTouch, meansSend} from "./writing.js";

export class Editor {
  #log;
  #changes;
  #limits;
  #nodeOf;
  #done;
  #form = fromTemplate("edit-template");
  #input = this.#form.querySelector("textarea");
  #error = this.#form.querySelector("[data-edit-error]");
  #counter = this.#form.querySelector("[data-edit-counter]");
  #id = null;

  /** `nodeOf` finds a message's node; `done` is called when the field is gone, to put the focus elsewhere. */
  constructor({log, changes, limits, nodeOf, done}) {
    this.#log = log;
    this.#changes = changes;
    this.#limits = limits;
    this.#nodeOf = nodeOf;
    this.#done = done;
    this.#listen();
  }

  /** The message that is edited, or null. */
  get id() {
    return this.#id;
  }

  /** Open the field over a message, or where it was left. Returns false while another message is being edited. */
  open(id) {
    if (this.#id !== null && this.#id !== id) {
      this.#input.focus();
      return false;
    }
    if (this.#id === null) {
      this.#show(id);
    }
    this.#input.focus();
    this.#input.setSelectionRange(this.#input.value.length, this.#input.value.length);
    this.#form.scrollIntoView({block: "nearest"});
    return true;
  }

  /** A change failed: the field comes back with the text that was not taken, unless another is open. */
  reopen({id, kind}) {
    if (kind === "edit" && this.#id === null) {
      const isFree = document.activeElement === document.body || document.activeElement?.value === "";
      this.#show(id);
      if (isFree && this.#form.isConnected) {
        this.#input.focus();
      }
    }
  }

  /** The list was drawn anew: put the field back where it belongs. */
  settle() {
    const node = this.#id === null ? null : this.#nodeOf(this.#id);
    if (node && !node.contains(this.#form)) {
      this.#attach(node);
    }
  }

  #listen() {
    this.#input.addEventListener("input", () => this.#look());
    this.#input.addEventListener("keydown", (event) => this.#press(event));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.#form.querySelector("[data-edit-cancel]").addEventListener("click", () => this.#cancel());
  }

  #press(event) {
    if (meansSend(event)) {
      event.preventDefault();
      this.#save();
    } else if (event.key === "Escape" && !isComposing(event)) {
      event.stopPropagation();
      this.#cancel();
    }
  }

  #show(id) {
    const change = this.#changes.of(id);
    this.#id = id;
    this.#input.value = change?.kind === "edit" ? change.message : this.#log.get(id)?.message ?? "";
    this.#tell(change?.state === "failed" ? explainChange(change) : "");
    this.settle();
    this.#look();
  }

  #attach(node) {
    node.querySelector(".message__body").append(this.#form);
    node.classList.add("message--editing");
  }

  #save() {
    const text = this.#input.value.trimEnd();
    const {blank, tooLong} = examine(text, this.#limits);
    if (blank) {
      this.#tell(gettext("There is nothing in it. To take the message away, cancel and delete it."));
    } else if (!tooLong) {
      const id = this.#id;
      this.#close();
      this.#changes.edit(id, text);
    }
  }

  #cancel() {
    const id = this.#id;
    this.#close();
    this.#changes.discard(id);
  }

  #close() {
    this.#form.closest(".message")?.classList.remove("message--editing");
    this.#form.remove();
    this.#id = null;
    if (!isTouch()) {
      this.#done();
    }
  }

  #look() {
    const look = examine(this.#input.value, this.#limits);
    this.#input.setAttribute("aria-invalid", String(look.tooLong || this.#error.textContent !== ""));
    this.#form.classList.toggle("edit--too-long", look.tooLong);
    count(this.#counter, look);
    grow(this.#input);
  }

  #tell(sentence) {
    this.#error.textContent = sentence;
    this.#look();
  }
}
