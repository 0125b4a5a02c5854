/** What this client has of a room's log: one unbroken stretch of messages and the number S it stands at. */

import {Emitter} from "../lib/emitter.js";

/** Emits "change" with {origin: "live" | "sync" | "history" | "reset"} after the messages changed. */
export class Log extends Emitter {
  #messages = new Map();
  #ids = [];
  #epoch;
  #seq;
  #more;
  #pageSize;
  #helloEpoch = null;
  #replacing = false;
  #cut = null;
  #history = null; // While a page is on its way: the frames outside the stretch, which it may be about to join.

  constructor({epoch = null, seq = 0, messages = [], more = {before: false, after: false}, pageSize = 50}) {
    super();
    this.#epoch = epoch;
    this.#seq = seq;
    this.#more = {...more};
    this.#pageSize = pageSize;
    messages.forEach((message) => this.#put(message));
  }

  /** Where to catch up from; empty where only the newest page will do. */
  get position() {
    return this.#epoch === null || this.#seq === null ? {} : {since: this.#seq, epoch: this.#epoch};
  }

  get seq() {
    return this.#seq;
  }

  get epoch() {
    return this.#epoch;
  }

  /** All messages by id. */
  get messages() {
    return this.#ids.map((id) => this.#messages.get(id));
  }

  get first() {
    return this.#ids[0] ?? null;
  }

  get last() {
    return this.#ids.at(-1) ?? null;
  }

  get more() {
    return this.#more;
  }

  get isAtNewest() {
    return !this.#more.after;
  }

  /** Where too much was missed, and the log began anew at the newest page: the id of its first message; else null. */
  get cut() {
    return this.#cut;
  }

  /** The reader has seen that it is. */
  mend() {
    this.#cut = null;
    this.emit("change", {origin: "history"});
  }

  get(id) {
    return this.#messages.get(id);
  }

  /** A hello came: its sync follows. */
  greet(hello) {
    this.#helloEpoch = hello.epoch;
    this.#replacing = false;
  }

  sync(frame) {
    if (!frame.complete && !this.#replacing) {
      this.#drop();
    }
    frame.messages.forEach((message) => this.#place(message));
    if (frame.complete) {
      this.#raise(frame.seq);
    } else if (!frame.more) {
      this.#replaced(frame.seq);
    }
    this.emit("change", {origin: frame.complete ? "sync" : "reset"});
  }

  receive(message) {
    const isNews = this.#place(message);
    this.#raise(message.seq);
    if (isNews) {
      this.emit("change", {origin: "live"});
    }
  }

  tick(frame) {
    this.#raise(frame.seq);
  }

  /** A person has a new name: old messages show it too, as they would after a reload. */
  rename({id, name}) {
    const renamed = (user) => (user.id === id ? {...user, name} : user);
    const isIn = ({user, reactions}) => [user, ...reactions.flatMap(({users}) => users)].some((one) => one.id === id && one.name !== name);
    for (const message of this.messages.filter(isIn)) {
      const reactions = message.reactions.map((kind) => ({...kind, users: kind.users.map(renamed)}));
      this.#messages.set(message.id, {...message, user: renamed(message.user), reactions});
    }
    this.emit("change", {origin: "sync"});
  }

  /** The room is not this person's to read any longer. */
  forget() {
    this.#clear();
    this.#cut = this.#history = null;
    this.#more = {before: false, after: false};
    this.emit("change", {origin: "reset"});
  }

  /** A history request goes out; returns the token that its page is handed in with. */
  openHistory() {
    this.#history = {kept: []};
    return this.#history;
  }

  /** No page will come. */
  closeHistory(token) {
    if (this.#history === token) {
      this.#history = null;
    }
  }

  /** Add a page that adjoins the stretch: "before" or "after" it. Returns false where it came too late. */
  extend(token, side, page) {
    return this.#merge(token, page, () => {
      this.#more[side] = page.more[side];
    }, "history");
  }

  /** Take a page instead of the stretch; `atNewest` where it was asked for from above S, so that nothing is missing above. */
  replace(token, page, {atNewest = false} = {}) {
    return this.#merge(token, page, () => {
      this.#clear();
      this.#more = {before: page.more.before, after: !atNewest && page.more.after};
    }, "reset");
  }

  /** Let go of the oldest messages beyond `count`, which history can bring back. */
  trim(count) {
    if (this.#history || this.#ids.length <= count) {
      return;
    }
    this.#ids.splice(0, this.#ids.length - count).forEach((id) => this.#messages.delete(id));
    this.#more.before = true;
    this.emit("change", {origin: "history"});
  }

  #merge(token, page, move, origin) {
    if (this.#history !== token) {
      return false;
    }
    this.#history = null;
    move();
    page.messages.forEach((message) => this.#put(message));
    token.kept.forEach((message) => this.#place(message));
    this.emit("change", {origin});
    return true;
  }

  /** Take a message if it is newer than what is there and belongs into the stretch; returns whether it was taken. */
  #place(message) {
    if (this.#messages.has(message.id) || this.#covers(message.id)) {
      return this.#put(message);
    }
    this.#history?.kept.push(message);
    return false;
  }

  #put(message) {
    const known = this.#messages.get(message.id);
    if (known && known.seq >= message.seq) {
      return false;
    }
    if (!known) {
      insertSorted(this.#ids, message.id);
    }
    this.#messages.set(message.id, message);
    return true;
  }

  #covers(id) {
    const isBelow = this.#more.before && this.#ids.length > 0 && id < this.first;
    const isAbove = this.#more.after && id > (this.last ?? 0);
    return !isBelow && !isAbove;
  }

  #raise(seq) {
    if (this.#seq !== null && seq > this.#seq) {
      this.#seq = seq;
    }
  }

  /** Forget everything; until the last part has come there is no S, so that a broken line starts over. */
  #drop() {
    this.#cut ??= this.first;
    this.#clear();
    this.#replacing = true;
    this.#seq = null;
    this.#history = null;
    this.#more = {before: false, after: false};
  }

  #clear() {
    this.#messages.clear();
    this.#ids = [];
  }

  #replaced(seq) {
    this.#replacing = false;
    this.#seq = seq;
    this.#epoch = this.#helloEpoch;
    this.#more.before = this.#ids.length >= this.#pageSize;
    this.#cut = this.#cut !== null && this.#more.before ? this.first : null;
  }
}

function insertSorted(ids, id) {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ids[middle] < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  ids.splice(low, 0, id);
}
