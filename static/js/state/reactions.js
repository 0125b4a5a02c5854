/** One's own reactions on their way: shown at once, asked for until the server has answered. */

import {backoff, SHORTEST_MS} from "../lib/backoff.js";
import {Emitter} from "../lib/emitter.js";

/**
 * Adding twice is adding once, so what has no answer is simply asked for again. Emits "change" with a message's id, and
 * "refused" with {id, code, problem}. A new page forgets what was on its way.
 */
export class Reactions extends Emitter {
  #log;
  #people;
  #ask;
  #clock;
  #random;
  #wishes = new Map(); // By message and emoji: {id, emoji, op, tries, seq}, the latter once it is done.
  #own = new Map(); // Of kinds that name only their first people: {seq, isOwn}, as it was at that number.
  #isOpen = false;

  /** `ask` sends a frame and resolves with the answer, or rejects with {code, message, temporary, retryAfter}. */
  constructor({log, people, ask, clock, random}) {
    super();
    this.#log = log;
    this.#people = people;
    this.#ask = ask;
    this.#clock = clock;
    this.#random = random;
    log.on("change", () => this.#settle());
  }

  /** What stands under a message, and what one wishes to: [{emoji, count, users, isOwn}]. */
  of(message) {
    const wishes = [...this.#wishes.values()].filter(({id}) => id === message.id);
    const kinds = message.reactions.map((kind) => this.#with(message.id, kind, wishes.find(({emoji}) => emoji === kind.emoji)));
    const fresh = wishes.filter(({emoji, op}) => op === "add" && !message.reactions.some((kind) => kind.emoji === emoji));
    return [...kinds, ...fresh.map(({emoji}) => ({emoji, count: 1, users: [this.#me], isOwn: true}))].filter(({count}) => count > 0);
  }

  /** Messages as they were told to this person alone: those say of each kind whether one's own is in it. */
  learn(messages) {
    for (const {id, seq, reactions} of messages) {
      reactions.filter(({count, users}) => count > users.length).forEach(({emoji, own = false}) => this.#know({id, emoji}, {seq, isOwn: own}));
    }
  }

  /** How many the server has not answered. */
  get waiting() {
    return [...this.#wishes.values()].filter(({seq}) => seq === null).length;
  }

  /** Put it there, or take it away. */
  toggle(id, emoji) {
    const message = this.#log.get(id);
    const isOwn = message && this.of(message).some((kind) => kind.emoji === emoji && kind.isOwn);
    this.#wish({id, emoji, op: isOwn ? "remove" : "add"});
  }

  /** Put it there, if it is not. */
  add(id, emoji) {
    this.#wish({id, emoji, op: "add"});
  }

  open() {
    this.#isOpen = true;
    this.#settle();
    [...this.#wishes.values()].filter(({seq}) => seq === null).forEach((wish) => this.#go(wish));
  }

  close() {
    this.#isOpen = false;
  }

  /** Everything up to the log's number has come. */
  passed() {
    this.#settle();
  }

  get #me() {
    const {id, name} = this.#people.me ?? {id: null, name: ""};
    return {id, name};
  }

  #with(id, kind, wish) {
    const others = kind.users.filter((user) => user.id !== this.#me.id);
    const isNamed = others.length < kind.users.length;
    const isOwn = isNamed || (kind.count > kind.users.length && this.#own.get(this.#ownKey({id, ...kind}))?.isOwn === true);
    if (!wish || (wish.op === "add") === isOwn) {
      return {...kind, isOwn};
    }
    return wish.op === "add"
      ? {...kind, count: kind.count + 1, users: [...others, this.#me], isOwn: true}
      : {...kind, count: kind.count - 1, users: others, isOwn: false};
  }

  #wish({id, emoji, op}) {
    const wish = {id, emoji, op, tries: 0, seq: null};
    this.#wishes.set(`${id} ${emoji}`, wish);
    this.emit("change", id);
    this.#go(wish);
  }

  async #go(wish) {
    if (!this.#isOpen || wish.isAsked) {
      return;
    }
    const {id, emoji, op} = wish;
    wish.isAsked = true;
    try {
      const {seq} = await this.#ask({type: "react", id, emoji, op});
      wish.seq = seq;
      this.#settle();
    } catch (refusal) {
      wish.isAsked = false;
      this.#refused(wish, refusal);
    }
  }

  #refused(wish, {temporary, retryAfter, code, message}) {
    if (!this.#isWished(wish)) {
      return;
    }
    if (!temporary) {
      this.#drop(wish);
      this.emit("refused", {id: wish.id, code, problem: message});
      return;
    }
    wish.tries += 1;
    const growing = SHORTEST_MS + backoff(SHORTEST_MS * 2 ** wish.tries, this.#random);
    this.#clock.setTimeout(() => this.#isWished(wish) && this.#go(wish), retryAfter ? retryAfter * 1000 : growing);
  }

  #settle() {
    const isShown = ({id, seq}) => seq !== null && ((this.#log.get(id)?.seq ?? 0) >= seq || this.#log.seq >= seq);
    const isGone = ({id}) => this.#log.get(id)?.deleted === true;
    [...this.#wishes.values()].filter((wish) => isShown(wish) || isGone(wish)).forEach((wish) => this.#drop(wish));
  }

  #drop(wish) {
    this.#wishes.delete(`${wish.id} ${wish.emoji}`);
    if (wish.seq !== null) {
      this.#know(wish, {seq: wish.seq, isOwn: wish.op === "add"});
    }
    this.emit("change", wish.id);
  }

  /** The newest that is known holds, in whatever order it comes. */
  #know({id, emoji}, {seq, isOwn}) {
    const key = this.#ownKey({id, emoji});
    const known = this.#own.get(key) ?? {seq: 0, isOwn: false};
    if (seq >= known.seq) {
      this.#own.set(key, {seq, isOwn});
    }
    if (seq >= known.seq && isOwn !== known.isOwn) {
      this.emit("change", id);
    }
  }

  /** Who one is may turn out with the hello to be another than on the page. */
  #ownKey({id, emoji}) {
    return `${this.#me.id} ${id} ${emoji}`;
  }

  #isWished(wish) {
    return this.#wishes.get(`${wish.id} ${wish.emoji}`) === wish;
  }
}
