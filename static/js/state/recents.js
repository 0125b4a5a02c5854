/** Which rooms one was in last, in this tab: their slugs, the last one first. */

const KEY = "recent rooms";
const KEPT = 20;

export class Recents {
  #storage;

  /** `storage` returns sessionStorage; where the browser forbids it, even asking may throw. */
  constructor(storage) {
    this.#storage = storage;
  }

  get slugs() {
    try {
      const kept = JSON.parse(this.#storage().getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter((slug) => typeof slug === "string") : [];
    } catch {
      return [];
    }
  }

  add(slug) {
    const slugs = [slug, ...this.slugs.filter((one) => one !== slug)].slice(0, KEPT);
    try {
      this.#storage().setItem(KEY, JSON.stringify(slugs));
    } catch {
      // Then there is only the order of the list.
    }
  }

  /** One has logged out. */
  forget() {
    try {
      this.#storage().removeItem(KEY);
    } catch {
      // Then nothing was kept.
    }
  }
}
