/** What one can do with a message: a quiet menu on it, by mouse, keyboard or a long press, and a confirmation. */

import {fromTemplate} from "./markup.js";

const LONG_PRESS_MS = 450;
const SLIP_PX = 10;

export class MessageActions {
  #list;
  #offers;
  #lead;
  #react;
  #answer;
  #edit;
  #copy;
  #remove;
  #unread;
  #done;
  #menu = fromTemplate("actions-template");
  #confirm = fromTemplate("confirm-template");
  #press = null;
  #wasLong = false;

  /**
   * `root` is the page around the list; `offers` says what there is to do with a message (names of the menu's parts), `lead` where a link of that name leads;
   * `react`, `answer`, `edit`, `copy`, `remove` and `unread` (from there on) do it. All take the message's id, `react` its node too. `done` is called when the focus has lost its place.
   */
  constructor({root, list, offers, lead, react, answer, edit, copy, remove, unread, done}) {
    this.#list = list;
    this.#offers = (node) => (node?.dataset.id ? offers(Number(node.dataset.id)) : []);
    this.#lead = lead;
    this.#react = react;
    this.#answer = answer;
    this.#edit = edit;
    this.#copy = copy;
    this.#remove = remove;
    this.#unread = unread;
    this.#done = done;
    this.#listenForReaders();
    this.#listenForFingers(root);
    this.#listenToButtons();
  }

  /** The list was drawn anew, or one has other rights: what can no longer be done is not offered. */
  settle() {
    if (this.#confirm.isConnected && !this.#offers(this.#confirm.closest(".message")).includes("delete")) {
      this.#away(this.#confirm);
    }
    if (this.#menu.isConnected) {
      this.#fill(this.#menu.closest(".message"));
    }
  }

  #listenForReaders() {
    this.#list.addEventListener("pointerover", ({pointerType, target}) => {
      if (pointerType === "mouse" && !this.#menu.contains(document.activeElement)) {
        this.#offer(target);
      }
    });
    this.#list.addEventListener("focusin", ({target}) => this.#offer(target));
    this.#list.addEventListener("focusout", ({relatedTarget}) => {
      if (!this.#menu.closest(".message")?.contains(relatedTarget)) {
        this.#away(this.#menu);
      }
    });
    this.#list.addEventListener("pointerleave", ({pointerType}) => {
      if (pointerType === "mouse" && !this.#menu.contains(document.activeElement)) {
        this.#away(this.#menu);
      }
    });
  }

  #listenForFingers(root) {
    this.#list.addEventListener("pointerdown", (event) => this.#touch(event));
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
      this.#list.addEventListener(end, () => this.#lift());
    }
    this.#list.addEventListener("pointermove", ({clientX, clientY}) => {
      if (this.#press && Math.hypot(clientX - this.#press.x, clientY - this.#press.y) > SLIP_PX) {
        this.#lift();
      }
    });
    // The browser's own answer to a long press would lie over ours.
    this.#list.addEventListener("contextmenu", (event) => this.#press?.isLong && event.preventDefault());
    // And the finger that is lifted must not press what has come to lie under it.
    this.#list.addEventListener("click", (event) => this.#wasLong && event.stopPropagation(), {capture: true});
    root.addEventListener("pointerdown", ({target}) => {
      if (!this.#menu.closest(".message")?.contains(target)) {
        this.#away(this.#menu);
      }
    });
  }

  #touch({pointerType, target, clientX, clientY}) {
    this.#lift();
    this.#wasLong = false;
    if (pointerType !== "mouse" && !target.closest("a, button, textarea") && this.#offers(target.closest(".message")).length > 0) {
      const press = {x: clientX, y: clientY, isLong: false};
      this.#press = press;
      press.timer = setTimeout(() => {
        press.isLong = this.#wasLong = true;
        this.#offer(target);
        this.#menu.scrollIntoView({block: "nearest"});
      }, LONG_PRESS_MS);
    }
  }

  #lift() {
    clearTimeout(this.#press?.timer);
    this.#press = null;
  }

  #listenToButtons() {
    this.#on(this.#menu, "react", (node) => this.#react(Number(node.dataset.id), node));
    this.#on(this.#menu, "answer", (node) => this.#answer(Number(node.dataset.id)));
    this.#on(this.#menu, "edit", (node) => this.#edit(Number(node.dataset.id)));
    this.#on(this.#menu, "copy", (node) => this.#copy(Number(node.dataset.id)));
    this.#on(this.#menu, "delete", (node) => this.#ask(node));
    this.#on(this.#menu, "unread-from-here", (node) => this.#unread(Number(node.dataset.id)));
    this.#on(this.#confirm, "keep", (node) => this.#keep(node));
    this.#on(this.#confirm, "confirm", (node) => {
      this.#remove(Number(node.dataset.id));
      this.#done();
    });
    this.#confirm.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        this.#keep(this.#confirm.closest(".message"));
        this.#away(this.#confirm);
      } else if (event.repeat) {
        event.preventDefault(); // The key that opened the question must not answer it.
      }
    });
  }

  /** A button of ours acts first, and moves the focus on; then its part goes. */
  #on(part, name, act) {
    part.querySelector(`[data-${name}]`).addEventListener("click", () => {
      act(part.closest(".message"));
      this.#away(part);
    });
  }

  /** Bring the menu to the message under the pointer, the finger or the focus. */
  #offer(target) {
    const node = target.closest(".message");
    if (this.#offers(node).length === 0 || node.contains(this.#confirm)) {
      this.#away(this.#menu);
    } else if (!node.contains(this.#menu)) {
      this.#show(node);
    }
  }

  #show(node) {
    node.append(this.#menu);
    this.#fill(node);
  }

  #fill(node) {
    const offers = this.#offers(node);
    for (const part of this.#menu.querySelectorAll("[data-offer]")) {
      const {offer} = part.dataset;
      part.hidden = !offers.includes(offer);
      if (part.matches("a") && !part.hidden) {
        part.href = this.#lead(offer, Number(node.dataset.id));
      }
    }
    if (offers.length === 0) {
      this.#away(this.#menu);
    }
  }

  #ask(node) {
    node.querySelector(".message__body").append(this.#confirm);
    this.#confirm.scrollIntoView({block: "nearest"});
    this.#confirm.querySelector("[data-confirm]").focus();
  }

  #keep(node) {
    this.#away(this.#confirm);
    this.#show(node);
    this.#menu.querySelector("[data-delete]").focus();
  }

  #away(part) {
    if (part.contains(document.activeElement)) {
      document.activeElement.blur(); // A focus that went with its part would call this again, in the middle of the removal.
    }
    part.remove();
  }
}
