/** A box of emoji to choose one from: by looking, by a part of its name, by mouse, finger or arrow keys. */

import {findEmoji, GROUPS, QUICK} from "../lib/emoji.js";
import {gettext} from "../lib/words.js";
import {closeBeside} from "./dialog.js";
import {fromTemplate} from "./markup.js";

const GAP_PX = 8;

export class EmojiPicker {
  #dialog = null;
  #pick;
  #done;
  #chosen = null;

  /** `done` is called when it closes, after `pick` has got what `open` was given and the emoji, if one was chosen. */
  constructor({pick, done}) {
    this.#pick = pick;
    this.#done = done;
  }

  /** Choose one for `subject`, near to a node. */
  open(subject, anchor) {
    if (document.querySelector("dialog:modal")) {
      return;
    }
    this.#dialog = fromTemplate("picker-template");
    this.#chosen = null;
    this.#fill("");
    this.#listen(subject);
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#place(anchor.getBoundingClientRect());
    this.#input.focus();
  }

  get #input() {
    return this.#dialog.querySelector("[data-picker-input]");
  }

  get #buttons() {
    return [...this.#dialog.querySelectorAll("[data-emoji]")];
  }

  #listen(subject) {
    const dialog = this.#dialog;
    closeBeside(dialog);
    this.#input.addEventListener("input", () => this.#fill(this.#input.value));
    dialog.addEventListener("keydown", (event) => this.#press(event));
    dialog.addEventListener("click", ({target}) => this.#choose(target.closest("[data-emoji]")));
    for (const type of ["focusin", "pointerover"]) {
      dialog.addEventListener(type, ({target}) => this.#name(target.closest("[data-emoji]")));
    }
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (this.#chosen !== null) {
        this.#pick(subject, this.#chosen);
      }
      this.#done();
    });
  }

  #choose(button) {
    if (button) {
      this.#chosen = button.dataset.emoji;
      this.#dialog.close();
    }
  }

  #name(button) {
    if (button) {
      this.#dialog.querySelector("[data-picker-name]").textContent = button.getAttribute("aria-label");
    }
  }

  #fill(query) {
    const found = query.trim() === "" ? allGroups() : [{title: "", emoji: findEmoji(query)}];
    const list = this.#dialog.querySelector("[data-picker-list]");
    list.replaceChildren(...found.map((group) => this.#group(group)));
    list.scrollTop = 0;
    this.#buttons[0]?.setAttribute("tabindex", "0");
    this.#dialog.querySelector("[data-picker-empty]").hidden = this.#buttons.length > 0;
    this.#dialog.querySelector("[data-picker-name]").textContent = "";
  }

  #group({title, emoji}) {
    const node = fromTemplate("picker-group-template");
    const heading = node.querySelector("[data-picker-title]");
    heading.textContent = title;
    heading.hidden = title === "";
    node.querySelector("[data-picker-grid]").append(...emoji.map(createButton));
    return node;
  }

  /** Beside the message, wherever there is room; on a small screen the box lies at its end by itself. */
  #place({top, bottom, right}) {
    const {offsetHeight, offsetWidth} = this.#dialog;
    if (offsetWidth >= innerWidth) {
      return;
    }
    const below = bottom + GAP_PX + offsetHeight <= innerHeight ? bottom + GAP_PX : Math.max(GAP_PX, top - GAP_PX - offsetHeight);
    this.#dialog.style.top = `${Math.min(below, innerHeight - offsetHeight - GAP_PX)}px`;
    this.#dialog.style.left = `${Math.max(GAP_PX, Math.min(right - offsetWidth, innerWidth - offsetWidth - GAP_PX))}px`;
  }

  #press(event) {
    const isInField = event.target === this.#input;
    const buttons = this.#buttons;
    const place = buttons.indexOf(event.target.closest("[data-emoji]"));
    if (isInField && event.key === "Enter") {
      event.preventDefault();
      this.#choose(event.isComposing ? null : buttons[0]);
    } else if (isInField && event.key === "ArrowDown") {
      event.preventDefault();
      this.#go(buttons[0]);
    } else if (place >= 0 && STEPS[event.key]) {
      event.preventDefault();
      this.#go(STEPS[event.key](buttons, place, getComputedStyle(this.#dialog).direction === "rtl") ?? this.#input);
    } else if (place >= 0 && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) {
      this.#input.focus(); // The letter goes into the field.
    }
  }

  #go(target) {
    if (target?.dataset.emoji) {
      this.#buttons.forEach((button) => button.setAttribute("tabindex", button === target ? "0" : "-1"));
    }
    target?.focus();
  }
}

const STEPS = {
  ArrowRight: (buttons, place, isTurned) => buttons[Math.max(0, place + (isTurned ? -1 : 1))] ?? buttons[place],
  ArrowLeft: (buttons, place, isTurned) => buttons[Math.max(0, place + (isTurned ? 1 : -1))] ?? buttons[place],
  ArrowDown: (buttons, place) => inRow(buttons, place, 1) ?? buttons[place],
  ArrowUp: (buttons, place) => inRow(buttons, place, -1),
  Home: (buttons) => buttons[0],
  End: (buttons) => buttons.at(-1),
};

/** The nearest one in the next row up or down, whatever stands between the rows. */
function inRow(buttons, place, step) {
  const {top, left} = buttons[place].getBoundingClientRect();
  const boxes = buttons.map((button) => ({button, box: button.getBoundingClientRect()}));
  const beyond = boxes.filter(({box}) => (box.top - top) * step > 1);
  const next = step > 0 ? Math.min(...beyond.map(({box}) => box.top)) : Math.max(...beyond.map(({box}) => box.top));
  const row = beyond.filter(({box}) => Math.abs(box.top - next) <= 1);
  return row.sort((one, other) => Math.abs(one.box.left - left) - Math.abs(other.box.left - left))[0]?.button ?? null;
}

function createButton({emoji, names}) {
  const button = fromTemplate("picker-emoji-template");
  button.dataset.emoji = emoji;
  button.textContent = emoji;
  button.setAttribute("aria-label", names[0]);
  return button;
}

function allGroups() {
  const titles = {
    "Smileys": gettext("Smileys"),
    "Hands and people": gettext("Hands and people"),
    "Hearts and signs": gettext("Hearts and signs"),
    "Nature": gettext("Nature"),
    "Food": gettext("Food"),
    "Things to do": gettext("Things to do"),
    "Objects": gettext("Objects"),
  };
  const all = GROUPS.flatMap(({emoji}) => emoji);
  const quick = QUICK.map((one) => all.find(({emoji}) => emoji === one));
  return [{title: gettext("Often used"), emoji: quick}, ...GROUPS.map(({name, emoji}) => ({title: titles[name], emoji}))];
}
