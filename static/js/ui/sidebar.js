/** What of the sidebar changes while a room's page is open: the rooms' entries, which of them is shown, and one's own name. */

import {fillAvatar} from "./message-node.js";

const ICONS = {private: "lock", direct: "person"};

export class Sidebar {
  #root;

  constructor({root}) {
    this.#root = root;
  }

  /** The room of this slug is the one that is shown; `found` is the list as its page had it, should ours not know it. */
  mark(slug, found = null) {
    if (!this.#entry(slug) && found) {
      this.replace(found);
    }
    this.#root.querySelectorAll("[data-entry][aria-current]").forEach((entry) => entry.removeAttribute("aria-current"));
    this.#entry(slug)?.setAttribute("aria-current", "page");
  }

  /** One waits for the page of this room; call what is returned when that is over. */
  expect(slug) {
    const entry = this.#entry(slug);
    entry?.setAttribute("data-coming", "");
    return () => entry?.removeAttribute("data-coming");
  }

  /** Take a newer list in the place of ours. */
  replace(list) {
    this.#list.replaceChildren(...list.children);
  }

  /** The room is not this person's any longer. */
  leave(slug) {
    this.#entry(slug)?.closest("li").remove();
  }

  /** The room is called otherwise; `from` is the slug that its entry has. */
  draw({slug, title, kind, archived}, from = slug) {
    const entry = this.#entry(from);
    if (entry) {
      entry.dataset.entry = slug;
      entry.querySelector("[data-entry-title]").textContent = title;
      entry.querySelector("[data-entry-archived]").hidden = !archived;
      entry.querySelector("use").setAttribute("href", `#icon-${ICONS[kind] ?? "hash"}`);
    }
  }

  name(me) {
    const name = this.#root.querySelector("[data-sidebar-name]");
    if (name && me) {
      name.textContent = me.name;
      fillAvatar(this.#root.querySelector(".sidebar__foot [data-avatar]"), me);
    }
  }

  get #list() {
    return this.#root.querySelector("[data-sidebar-rooms]");
  }

  #entry(slug) {
    return this.#root.querySelector(`[data-entry="${CSS.escape(slug)}"]`);
  }
}
