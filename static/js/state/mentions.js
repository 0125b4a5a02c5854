/** Whom somebody who writes `@` and some letters may mean: people of the room, those who are here first, and all at once. */

import {Emitter} from "../lib/emitter.js";
import {fit, fold} from "../lib/fuzzy.js";

const SHOWN = 8;
const HERE = 60; // How much better an equal fit is of somebody who is here; less than between two kinds of fit.
const ALL = {kind: "all", id: null, name: "here"}; // Of the wire, and so of no language.
const GAPS = /[\s_\-.·'’]+/gu; // By what words of a name may be joined, as chat/text/names.py has it.
const LAST = /(?<![\p{L}\p{N}@])@(?![_\-.·'’])([^\s@]{0,64})$/u; // Behind a letter it would be an e-mail address.

/**
 * A choice is {kind: "here" | "away" | "all", id, name}. Emits "change" when `list` or `index` did; `index` is -1 where Enter and Tab are not
 * ours: nothing is offered, or what stands there is a whole name already.
 */
export class Mentions extends Emitter {
  #people;
  #members;
  #mayLook;
  #asked = null; // {start, query}: where the @ stands, and what follows it.
  #refused = null; // The start of one that is not to be asked about again.
  #list = [];
  #index = -1;

  /** `mayLook` says whether one may know who belongs to the room. */
  constructor({people, members, mayLook}) {
    super();
    this.#people = people;
    this.#members = members;
    this.#mayLook = mayLook;
    people.on("change", () => this.#renew());
    members.on("change", () => this.#renew());
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

  /** This stands before the caret. */
  look(text) {
    const asked = askedIn(text);
    if (asked?.start === this.#asked?.start && asked?.query === this.#asked?.query) {
      return;
    }
    this.#asked = asked;
    if (asked?.start !== this.#refused) {
      this.#refused = null;
    }
    if (asked !== null && this.#mayLook()) {
      this.#members.look();
    }
    this.#offer(this.#find());
  }

  /** Go down, or up with -1; round the ends. */
  step(by) {
    const count = this.#list.length;
    const from = this.#index === -1 && by < 0 ? 0 : this.#index;
    this.#index = count === 0 ? -1 : (from + by + count) % count;
    this.emit("change");
  }

  /** What to write in place of all from `start` up to the caret: {start, text}. */
  answer({name}) {
    return {start: this.#asked.start, text: `@${name.trim().replace(/\s+/gu, "-").replace(/^[_\-.·'’]+/u, "")}`};
  }

  /** Not for this @, whatever is written behind it. */
  refuse() {
    this.#refused = this.#asked?.start ?? null;
    this.#offer([]);
  }

  /** Nobody writes on here now; the next @ is another one. */
  leave() {
    this.#asked = this.#refused = null;
    this.#offer([]);
  }

  /** Others have come or gone; who had stepped to a choice stays there. */
  #renew() {
    if (this.#asked !== null) {
      this.#offer(this.#find(), this.chosen);
    }
  }

  #offer(list, chosen = null) {
    if (list.length === 0 && this.#list.length === 0) {
      return;
    }
    const isWhole = list.length > 0 && keyOf(list[0].name) === keyOf(this.#asked.query);
    const place = list.findIndex(({id}) => chosen !== null && id === chosen.id);
    this.#list = isWhole && list.length === 1 ? [] : list;
    this.#index = place >= 0 ? place : this.#list.length > 0 && !isWhole ? 0 : -1;
    this.emit("change");
  }

  #find() {
    if (this.#asked === null || this.#asked.start === this.#refused) {
      return [];
    }
    const found = this.#everybody()
      .map((choice) => ({choice, score: this.#score(choice)}))
      .filter(({score}) => score > 0)
      .sort((one, other) => other.score - one.score)
      .map(({choice}) => choice);
    const list = found.slice(0, SHOWN);
    return list.includes(ALL) || !found.includes(ALL) ? list : [...list.slice(0, -1), ALL];
  }

  #everybody() {
    const {here, me} = this.#people;
    const others = (list, kind) => list.filter(({id, name}) => id !== me?.id && name !== "").map(({id, name}) => ({kind, id, name}));
    return [...others(here, "here"), ...others(this.#members.absent(here), "away"), ALL];
  }

  #score({kind, name}) {
    const words = this.#asked.query.replace(GAPS, " ").trim();
    const score = words === "" ? 1 : fit(words, name);
    return score > 0 && kind === "here" ? score + HERE : score;
  }
}

function askedIn(text) {
  const found = LAST.exec(text);
  return found && {start: found.index, query: found[1]};
}

/** What spellings of a name have in common that one may write behind an @. */
function keyOf(name) {
  return fold(name).replace(GAPS, "");
}
