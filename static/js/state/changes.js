/** Edits and deletions of one's own messages: shown at once, repeated until the server has answered, kept till then. */

import {backoff, SHORTEST_MS} from "../lib/backoff.js";
import {Emitter} from "../lib/emitter.js";
import {isOwn, NOBODY} from "./ownership.js";

const TABLE = "changes";

/**
 * One change a message: {key, user, epoch, id, kind: "edit" | "delete", message, past, base, state: "pending" | "done" |
 * "failed", seq, code, problem}. `base` is the message's `seq` when it was made and `past` are the texts that are known
 * to be one's own since, so that a repeat never undoes what was written on another device meanwhile. Emits "change", and
 * "failed" with a change that has just failed.
 */
export class Changes extends Emitter {
  #log;
  #ask;
  #store;
  #clock;
  #random;
  #me = NOBODY;
  #changes = new Map(); // By message id.
  #asked = new WeakSet();
  #tries = new WeakMap();
  #isOpen = false;

  /** `ask` sends a frame and resolves with the answer, or rejects with {code, message, temporary, retryAfter}. */
  constructor({log, ask, store, clock, random}) {
    super();
    this.#log = log;
    this.#ask = ask;
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
    log.on("change", () => this.#settle());
  }

  of(id) {
    return this.#changes.get(id) ?? null;
  }

  /** How many the server has not answered. */
  get waiting() {
    return [...this.#changes.values()].filter(({state}) => state === "pending").length;
  }

  edit(id, message) {
    if (message === this.#log.get(id)?.message && !this.#changes.has(id)) {
      return;
    }
    this.#make(id, {kind: "edit", message});
  }

  remove(id) {
    this.#make(id, {kind: "delete", message: ""});
  }

  /** Try a failed one again: over what is there now. */
  retry(id) {
    const {kind, message} = this.of(id);
    this.#make(id, {kind, message});
  }

  /** Let go of a change that failed. */
  discard(id) {
    if (this.of(id)?.state === "failed") {
      this.#drop(this.of(id));
      this.emit("change");
    }
  }

  /** The server says who one is. What another person had changed is dropped from sight; it stays theirs in the store. */
  async become(me) {
    if (isOwn(me, this.#me)) {
      return;
    }
    this.#me = me;
    this.#changes.clear();
    const found = await this.#store.all(TABLE).catch(() => []);
    if (me === this.#me) {
      found.filter((one) => isOwn(one, me) && !this.#changes.has(one.id)).forEach((one) => this.#changes.set(one.id, one));
      this.#settle();
      this.#goAll();
      this.emit("change");
    }
  }

  open() {
    this.#isOpen = true;
    this.#settle();
    this.#goAll();
  }

  close() {
    this.#isOpen = false;
  }

  /** Everything up to `seq` has come. */
  passed() {
    this.#settle();
  }

  #make(id, {kind, message}) {
    const before = this.of(id);
    const known = this.#log.get(id);
    const past = [known?.message, before?.message, ...(before?.past ?? [])].filter((text) => text !== undefined);
    const {user, epoch} = this.#me;
    const change = {key: `${epoch} ${user} ${id}`, user, epoch, id, kind, message, past, base: known?.seq ?? 0, state: "pending"};
    this.#put(change);
    this.#go(change);
  }

  #goAll() {
    [...this.#changes.values()].filter(({state}) => state === "pending").forEach((change) => this.#go(change));
  }

  async #go(change) {
    if (!this.#isOpen || this.#asked.has(change) || this.#isOvertaken(change)) {
      return;
    }
    const {kind, id, message} = change;
    this.#asked.add(change);
    try {
      const {seq} = await this.#ask(kind === "edit" ? {type: kind, id, message} : {type: kind, id});
      this.#update(change, {state: "done", seq});
      this.#settle();
    } catch (refusal) {
      this.#asked.delete(change);
      this.#refused(change, refusal);
    }
  }

  /** Somebody, and that can only be oneself elsewhere, has written something else meanwhile. */
  #isOvertaken(change) {
    const known = this.#log.get(change.id);
    const isNewer = known && known.seq > change.base && !known.deleted;
    if (!isNewer || change.kind === "delete" || [change.message, ...change.past].includes(known.message)) {
      return false;
    }
    this.#update(change, {state: "failed", code: "changed_elsewhere"});
    return true;
  }

  #refused(change, refusal) {
    if (!refusal.temporary) {
      this.#update(change, {state: "failed", code: refusal.code, problem: refusal.message});
      return;
    }
    const tries = (this.#tries.get(change) ?? 0) + 1;
    const growing = SHORTEST_MS + backoff(SHORTEST_MS * 2 ** tries, this.#random);
    this.#tries.set(change, tries);
    this.#clock.setTimeout(() => {
      if (this.of(change.id) === change) {
        this.#go(change);
      }
    }, refusal.retryAfter ? refusal.retryAfter * 1000 : growing);
  }

  /** What the log shows by now need not be remembered. */
  #settle() {
    const settled = [...this.#changes.values()].filter((change) => this.#isSettled(change, this.#log.get(change.id)));
    settled.forEach((change) => this.#drop(change));
    if (settled.length > 0) {
      this.emit("change");
    }
  }

  #isSettled(change, known) {
    if (change.state === "done") {
      return (known?.seq ?? 0) >= change.seq || this.#log.seq >= change.seq;
    }
    if (change.state === "pending" && known && known.seq > change.base) {
      return change.kind === "delete" ? known.deleted === true : known.message === change.message && !known.deleted;
    }
    return false;
  }

  #update(change, more) {
    if (this.of(change.id) === change) {
      const updated = {...change, ...more};
      this.#put(updated);
      if (updated.state === "failed") {
        this.emit("failed", updated);
      }
    }
  }

  #put(change) {
    this.#changes.set(change.id, change);
    this.#write(change.state === "done" ? {remove: [change.key]} : {put: [[change.key, change]]});
    this.emit("change");
  }

  #drop(change) {
    this.#changes.delete(change.id);
    this.#write({remove: [change.key]});
  }

  #write(changes) {
    this.#store.write(TABLE, changes).catch(() => {}); // Then it lives as long as the page.
  }
}
