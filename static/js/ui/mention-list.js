/** The list over the writing field that offers names behind an `@`; while there is none, no key and no click is its own. */

import {interpolate, ngettext} from "../lib/words.js";
import {fromTemplate} from "./markup.js";
import {fillAvatar} from "./message-node.js";
import {isComposing} from "./writing.js";

const STEPS = {ArrowDown: 1, ArrowUp: -1};
const CARET = new Set(["ArrowLeft", "ArrowRight", "Home", "End"]);

export class MentionList {
  #input;
  #list;
  #count;
  #mentions;

  constructor({root, mentions}) {
    this.#input = root.querySelector("textarea");
    this.#list = root.querySelector("[data-mention-list]");
    this.#count = root.querySelector("[data-mention-count]");
    this.#mentions = mentions;
    mentions.on("change", () => this.#draw());
    this.#listen();
  }

  get #isOpen() {
    return this.#mentions.list.length > 0;
  }

  #listen() {
    this.#input.addEventListener("input", () => this.#look());
    this.#input.addEventListener("click", () => this.#look());
    this.#input.addEventListener("keyup", ({key}) => CARET.has(key) && this.#look());
    this.#input.addEventListener("blur", () => this.#mentions.leave());
    this.#input.addEventListener("keydown", (event) => this.#press(event), {capture: true}); // Before Enter sends.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault()); // The focus stays, and with it a phone's keyboard.
    this.#list.addEventListener("click", ({target}) => {
      const option = target.closest("[role=option]");
      if (option) {
        this.#take(this.#mentions.list[[...this.#list.children].indexOf(option)]);
      }
    });
  }

  #look() {
    const {value, selectionStart, selectionEnd} = this.#input;
    this.#mentions.look(selectionStart === selectionEnd ? value.slice(0, selectionStart) : "");
  }

  #press(event) {
    if (isComposing(event)) {
      return;
    }
    if (this.#isOpen && isPlain(event) && this.#use(event.key)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (event.key === "Enter") {
      this.#mentions.leave(); // What is sent, or a line that ends, asks for nobody.
    }
  }

  /** Returns whether the key was for the list. */
  #use(key) {
    if (key in STEPS) {
      this.#mentions.step(STEPS[key]);
    } else if (key === "Escape") {
      this.#mentions.refuse();
    } else if (["Enter", "Tab"].includes(key) && this.#mentions.chosen !== null) {
      this.#take(this.#mentions.chosen);
    } else {
      return false;
    }
    return true;
  }

  /** The field hears of it as if it were typed. */
  #take(choice) {
    const {start, text} = this.#mentions.answer(choice);
    const end = this.#input.selectionEnd;
    const blank = /^\s/.test(this.#input.value.slice(end)) ? "" : " ";
    this.#input.setRangeText(text + blank, start, end, "end");
    this.#input.dispatchEvent(new InputEvent("input", {bubbles: true}));
    this.#mentions.leave();
  }

  #draw() {
    const {list, index} = this.#mentions;
    const options = list.map((choice, place) => fillOption(choice, {place, isChosen: place === index}));
    this.#list.replaceChildren(...options);
    this.#list.hidden = !this.#isOpen;
    this.#describe(options[index]?.id ?? null);
    options[index]?.scrollIntoView({block: "nearest"});
    const words = ngettext("%(count)s name to choose from", "%(count)s names to choose from", list.length);
    const count = this.#isOpen ? interpolate(words, {count: list.length}) : "";
    if (this.#count.textContent !== count) {
      this.#count.textContent = count;
    }
  }

  /** A field of many lines is a combobox only as long as something is offered. */
  #describe(chosen) {
    const attributes = {role: "combobox", "aria-autocomplete": "list", "aria-expanded": "true", "aria-haspopup": "listbox", "aria-controls": this.#list.id};
    for (const [name, value] of Object.entries({...attributes, "aria-activedescendant": chosen})) {
      if (this.#isOpen && value !== null) {
        this.#input.setAttribute(name, value);
      } else {
        this.#input.removeAttribute(name);
      }
    }
  }
}

function isPlain({shiftKey, ctrlKey, altKey, metaKey}) {
  return !(shiftKey || ctrlKey || altKey || metaKey);
}

function fillOption({kind, id, name}, {place, isChosen}) {
  const option = fromTemplate("mention-template");
  const avatar = option.querySelector("[data-avatar]");
  option.id = `mention-${place}`;
  option.setAttribute("aria-selected", String(isChosen));
  option.querySelector("[data-mention-name]").textContent = kind === "all" ? `@${name}` : name;
  option.querySelectorAll("[data-kind]").forEach((mark) => (mark.hidden = mark.dataset.kind !== kind));
  if (kind === "all") {
    avatar.remove();
  } else {
    fillAvatar(avatar, {id, name});
  }
  return option;
}
