/** The quick switcher: a dialog in which one types a few letters and goes to a room, or to a person. */

import {closeBeside, toggleDialog} from "./dialog.js";
import {fromTemplate} from "./markup.js";
import {isComposing} from "./writing.js";

const ICONS = {public: "hash", private: "lock", direct: "person", person: "talk"};
const STEPS = {ArrowDown: 1, ArrowUp: -1};

export class Switcher {
  #dialog;
  #input;
  #list;
  #none;
  #form;
  #choices;
  #begin;

  /** `begin` returns what the choices begin with: {own, recent, here}. */
  constructor({dialog, choices, begin}) {
    this.#dialog = dialog;
    this.#input = dialog.querySelector("[data-switcher-input]");
    this.#list = dialog.querySelector("[data-switcher-list]");
    this.#none = dialog.querySelector("[data-switcher-none]");
    this.#form = dialog.querySelector("[data-switcher-talk]");
    this.#choices = choices;
    this.#begin = begin;
    this.#listen();
  }

  /** Open it; or close it, where it is open. */
  toggle() {
    toggleDialog(this.#dialog, () => {
      this.#input.value = "";
      this.#choices.begin(this.#begin());
    });
  }

  #listen() {
    this.#choices.on("change", () => this.#draw());
    this.#dialog.addEventListener("close", () => this.#choices.end());
    closeBeside(this.#dialog);
    this.#input.addEventListener("input", () => this.#choices.type(this.#input.value));
    this.#input.addEventListener("keydown", (event) => this.#press(event));
    this.#list.addEventListener("click", (event) => this.#click(event), {capture: true});
  }

  #press(event) {
    if (isComposing(event)) {
      return;
    }
    if (event.key in STEPS) {
      event.preventDefault();
      this.#choices.step(STEPS[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#list.querySelector("[aria-selected=true] [data-choice]")?.click();
    }
  }

  /** First the dialog goes, then the click does what it does anywhere: a link leads to its room. */
  #click({target, ctrlKey, metaKey, shiftKey}) {
    const choice = target.closest("[data-choice]");
    if (!choice || ctrlKey || metaKey || shiftKey) {
      return; // Into another tab or window, and more may follow.
    }
    this.#dialog.close();
    if (choice.dataset.person) {
      this.#form.elements.person.value = choice.dataset.person;
      this.#form.requestSubmit();
    }
  }

  #draw() {
    const {list, index} = this.#choices;
    const options = list.map((choice, place) => this.#option(choice, place, place === index));
    this.#list.replaceChildren(...options);
    this.#none.hidden = list.length > 0;
    this.#input.setAttribute("aria-expanded", String(list.length > 0));
    this.#input.setAttribute("aria-activedescendant", options[index]?.id ?? "");
    options[index]?.scrollIntoView({block: "nearest"});
  }

  #option({kind, key, title, url}, place, isChosen) {
    const option = fromTemplate("choice-template");
    const link = option.querySelector("[data-choice]");
    option.id = `choice-${place}`;
    option.setAttribute("aria-selected", String(isChosen));
    option.querySelector("use").setAttribute("href", `#icon-${ICONS[kind]}`);
    option.querySelector("[data-choice-title]").textContent = title;
    option.querySelectorAll("[data-kind]").forEach((mark) => (mark.hidden = mark.dataset.kind !== kind));
    if (kind === "person") {
      link.dataset.person = key;
    } else {
      link.href = url;
    }
    return option;
  }
}
