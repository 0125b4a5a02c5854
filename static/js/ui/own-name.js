/** A guest's own name, changed where it stands; who has an account does that on the page about it. */

import {explainName} from "./explain.js";
import {fillAvatar} from "./message-node.js";

export class OwnName {
  #root;
  #button;
  #text;
  #avatar;
  #form;
  #input;
  #error;
  #people;
  #rename;
  #limit;

  /** `rename` takes the form's data and resolves with the user. */
  constructor({root, people, rename, limit}) {
    const part = (name) => root.querySelector(`[data-${name}]`);
    this.#root = root;
    this.#button = part("name-open");
    this.#text = part("own-name");
    this.#avatar = part("avatar");
    this.#form = part("name-form");
    this.#input = part("name-input");
    this.#error = part("name-error");
    this.#people = people;
    this.#rename = rename;
    this.#limit = limit;
    this.#listen(part("name-cancel"));
  }

  draw() {
    const me = this.#people.me;
    this.#button.disabled = !me;
    if (me) {
      this.#root.hidden = !me.guest;
      this.#text.textContent = me.name;
      fillAvatar(this.#avatar, me);
    }
  }

  #listen(cancel) {
    this.#people.on("me", () => this.draw());
    this.#button.addEventListener("click", () => this.#open());
    cancel.addEventListener("click", () => this.#close());
    this.#input.addEventListener("keydown", (event) => event.key === "Escape" && this.#close());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  #open() {
    this.#show({form: true});
    this.#input.value = this.#people.me.name;
    this.#input.select();
  }

  #close() {
    this.#show({form: false});
    this.#button.focus();
  }

  #show({form}) {
    this.#form.hidden = !form;
    this.#button.hidden = form;
    this.#tell("");
  }

  async #save() {
    if (this.#input.value.trim() === this.#people.me.name) {
      this.#close();
      return;
    }
    try {
      this.#people.become(await this.#rename(new FormData(this.#form)));
      this.#close();
    } catch (refusal) {
      this.#tell(explainName(refusal.code, refusal.message, this.#limit));
      this.#input.focus();
    }
  }

  #tell(sentence) {
    this.#error.textContent = sentence;
    this.#input.setAttribute("aria-invalid", String(sentence !== ""));
  }
}
