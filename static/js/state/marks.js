/** Where the line above what is new stands in this tab, so that it stands there after a reload as well. */

const KEY = "new messages";

export class Marks {
  #storage;

  /** `storage` returns sessionStorage; where the browser forbids it, even asking may throw. */
  constructor(storage) {
    this.#storage = storage;
  }

  /** The mark of one room, whose slug `slug` tells: {get(), set({after, upto}), clear()}. Only the room that one is in has one. */
  of(slug) {
    return {
      get: () => {
        const kept = this.#kept;
        return kept?.slug === slug() && Number.isInteger(kept.after) ? {after: kept.after, upto: kept.upto ?? Infinity} : null;
      },
      set: (line) => this.#keep({slug: slug(), ...line}), // Infinity becomes null.
      clear: () => this.forget(),
    };
  }

  forget() {
    this.#keep(null);
  }

  get #kept() {
    try {
      return JSON.parse(this.#storage().getItem(KEY));
    } catch {
      return null;
    }
  }

  #keep(mark) {
    try {
      this.#storage().setItem(KEY, JSON.stringify(mark));
    } catch {
      // Then a reload draws it anew.
    }
  }
}
