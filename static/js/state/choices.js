/** What the quick switcher offers for what is typed: one's own rooms at once, other rooms and people as the server finds them. */

import {Emitter} from "../lib/emitter.js";
import {fit, fold} from "../lib/fuzzy.js";

const SHOWN = 30;
const OWN = 60; // How much better an equal fit is among one's own rooms; less than between two kinds of fit.
const PAUSE_MS = 150; // In typing, before the server is asked.
const REMEMBERED = 50; // Answers, for letters that are taken back.

/**
 * A choice is {kind: "public" | "private" | "direct" | "person", key, title, …}; `key` is a room's slug, or a person's id. Emits
 * "change" when `list` or `index`, the one that Enter takes, did.
 */
export class Choices extends Emitter {
  #own = [];
  #recent = [];
  #here = null;
  #ask;
  #clock;
  #query = "";
  #answers = new Map(); // By folded query.
  #timer = null;
  #list = [];
  #index = 0;

  /** `ask(query)` resolves with what the server has found, [choice, …], or null. */
  constructor({ask, clock}) {
    super();
    this.#ask = ask;
    this.#clock = clock;
  }

  get list() {
    return this.#list;
  }

  get index() {
    return this.#index;
  }

  /** The one that Enter takes, or null. */
  get chosen() {
    return this.#list[this.#index] ?? null;
  }

  /** Begin anew: with one's `own` rooms in the order of their list, the `recent` slugs, and the slug where one is. */
  begin({own, recent, here}) {
    this.#own = own;
    this.#recent = recent;
    this.#here = here;
    this.#answers.clear();
    this.type("");
  }

  type(query) {
    this.#query = query;
    this.#draw();
    this.#clock.clearTimeout(this.#timer);
    const words = fold(query);
    if (words !== "" && !this.#answers.has(words)) {
      this.#timer = this.#clock.setTimeout(() => this.#find(words), PAUSE_MS);
    }
  }

  /** Go down, or up with -1; round the ends. */
  step(by) {
    const count = this.#list.length;
    this.#index = count === 0 ? 0 : (this.#index + by + count) % count;
    this.emit("change");
  }

  /** Nothing is looked for any more. */
  end() {
    this.#clock.clearTimeout(this.#timer);
  }

  async #find(words) {
    const found = await this.#ask(words);
    if (found === null) {
      return;
    }
    this.#answers.set(words, found);
    if (this.#answers.size > REMEMBERED) {
      this.#answers.delete(this.#answers.keys().next().value);
    }
    if (words === fold(this.#query)) {
      this.#draw({isSame: true});
    }
  }

  /** With `isSame`, for the same query: who had stepped to a choice stays there. */
  #draw({isSame = false} = {}) {
    const chosen = isSame && this.#index > 0 ? this.chosen : null;
    this.#list = (this.#query.trim() === "" ? this.#unasked() : this.#found()).slice(0, SHOWN);
    this.#index = Math.max(0, this.#list.findIndex(({kind, key}) => kind === chosen?.kind && key === chosen?.key));
    this.emit("change");
  }

  /** Where one was last, then the others as they stand in the list. */
  #unasked() {
    return this.#own.filter(({key}) => key !== this.#here).sort((one, other) => this.#age(one) - this.#age(other));
  }

  #found() {
    const known = new Set(this.#own.map(({kind, key, title}) => (kind === "direct" ? `person ${title}` : `room ${key}`)));
    const isNew = ({kind, key, title}) => !known.has(kind === "person" ? `person ${title}` : `room ${key}`);
    const others = (this.#answers.get(fold(this.#query)) ?? []).filter(isNew);
    return [...this.#own, ...others]
      .map((choice) => ({choice, score: this.#score(choice)}))
      .map(({choice, score}) => ({choice, score: score > 0 && this.#own.includes(choice) ? score + OWN : score}))
      .filter(({choice, score}) => score > 0 || others.includes(choice)) // The server has looked at topics too.
      .sort((one, other) => other.score - one.score || this.#age(one.choice) - this.#age(other.choice))
      .map(({choice}) => choice);
  }

  #score({kind, key, title}) {
    const slug = kind === "public" ? fit(this.#query, key) - 1 : 0;
    return Math.max(0, fit(this.#query, title), slug);
  }

  #age({kind, key}) {
    const place = kind === "person" ? -1 : this.#recent.indexOf(key);
    return place < 0 ? this.#recent.length : place;
  }
}
