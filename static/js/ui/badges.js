/** The numbers beside the rooms in the list: what is unread, and whether some of it speaks to oneself. */

import {gettext} from "../lib/words.js";

const MOST = 99;

export class Badges {
  #root;
  #unread;
  #renew;
  #changed;

  /** `renew` fetches the list, for a room that is not in it; `changed` is told {mentions, any} of all rooms that are not muted. */
  constructor({root, unread, renew, changed}) {
    this.#root = root;
    this.#unread = unread;
    this.#renew = renew;
    this.#changed = changed;
    this.adopt();
    unread.on("change", (slug) => this.#draw(slug));
  }

  /** Take over the numbers of a list that the server has drawn. */
  adopt() {
    for (const count of this.#root.querySelectorAll("[data-entry-count]")) {
      const {unread, mentions} = count.dataset;
      const {entry: slug} = count.closest("[data-entry]").dataset;
      this.#unread.hear({slug, unread: Number(unread), mentions: Number(mentions)});
    }
    this.#sum();
  }

  /** Go to the next room with something unread: 1 is down the list, -1 up. */
  go(current, step) {
    const slugs = this.#entries().map(({dataset}) => dataset.entry);
    const next = this.#unread.next(slugs, current, step);
    this.#entry(next)?.click();
  }

  #draw(slug) {
    const {unread, mentions} = this.#unread.of(slug);
    const entry = this.#entry(slug);
    if (!entry && unread > 0) {
      this.#renew();
    }
    const count = entry?.querySelector("[data-entry-count]");
    if (count) {
      Object.assign(count.dataset, {unread, mentions});
      count.hidden = unread === 0 || this.#isMuted(entry);
      count.classList.toggle("sidebar__count--mentions", mentions > 0);
      count.title = mentions > 0 ? gettext("You are mentioned") : "";
      count.querySelector("[data-entry-number]").textContent = unread > MOST ? `${MOST}+` : unread;
    }
    this.#sum();
  }

  #sum() {
    const counts = this.#entries().map(({dataset}) => this.#unread.of(dataset.entry));
    this.#changed({
      mentions: counts.reduce((sum, {mentions}) => sum + mentions, 0),
      any: counts.some(({unread}) => unread > 0),
    });
  }

  /** Those that are not muted. */
  #entries() {
    return [...this.#root.querySelectorAll("[data-entry]")].filter((entry) => !this.#isMuted(entry));
  }

  #entry(slug) {
    return slug === null ? null : this.#root.querySelector(`[data-entry="${CSS.escape(slug)}"]`);
  }

  #isMuted(entry) {
    return entry.querySelector("[data-entry-muted]") !== null;
  }
}
