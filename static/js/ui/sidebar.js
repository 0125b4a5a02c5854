/** What of the sidebar changes while a room's page is open: the entry of this room, and one's own name. */

import {fillAvatar} from "./message-node.js";

const ICONS = {private: "lock", direct: "person"};

export class Sidebar {
  #root;
  #entry;

  constructor({root, place, people}) {
    this.#root = root;
    this.#entry = root.querySelector("[data-entry][aria-current]");
    place.on("change", () => this.#draw(place.room));
    people.on("me", () => this.#name(people.me));
  }

  /** The room is not this person's any longer. */
  leave() {
    this.#entry?.closest("li").remove();
  }

  #draw({slug, title, kind, archived}) {
    if (this.#entry) {
      this.#entry.dataset.entry = slug;
      this.#entry.querySelector("[data-entry-title]").textContent = title;
      this.#entry.querySelector("[data-entry-archived]").hidden = !archived;
      this.#entry.querySelector("use").setAttribute("href", `#icon-${ICONS[kind] ?? "hash"}`);
    }
  }

  #name(me) {
    const name = this.#root.querySelector("[data-sidebar-name]");
    if (name && me) {
      name.textContent = me.name;
      fillAvatar(this.#root.querySelector("[data-avatar]"), me);
    }
  }
}
