/** Fetches the rest of the log, a page at a time: older, newer, or back to the newest. */

import {Emitter} from "../lib/emitter.js";

const RETRY_MS = 1_000;

/** Emits "change" when `state` did: "idle", "loading", "resting" (refused for a moment) or "failed". */
export class Pager extends Emitter {
  #log;
  #ask;
  #canAsk;
  #clock;
  #limit;
  #state = "idle";
  #side = null;

  /** `ask` sends a history frame and resolves with the page; `canAsk` says whether there is a line for it. */
  constructor({log, ask, canAsk, clock, limit}) {
    super();
    this.#log = log;
    this.#ask = ask;
    this.#canAsk = canAsk;
    this.#clock = clock;
    this.#limit = limit;
  }

  get state() {
    return this.#state;
  }

  /** Which side is being fetched: "before", "after" or "newest". */
  get side() {
    return this.#side;
  }

  older() {
    const {first, more} = this.#log;
    return more.before && first !== null ? this.#extend("before", first) : null;
  }

  newer() {
    const {last, more} = this.#log;
    return more.after && last !== null ? this.#extend("after", last) : null;
  }

  /** Leave the stretch for the newest page. Asked for above S: what is newer than S comes live meanwhile. */
  newest() {
    return this.#fetch("newest", {before: this.#log.seq + 1}, (token, page) => this.#log.replace(token, page, {atNewest: true}));
  }

  /** After a failure: the reader asks for another try. */
  reset() {
    if (this.#state === "failed") {
      this.#enter("idle");
    }
  }

  #extend(side, id) {
    return this.#fetch(side, {[side]: id}, (token, page) => this.#log.extend(token, side, page));
  }

  async #fetch(side, where, merge) {
    if (this.#state !== "idle" || !this.#canAsk()) {
      return;
    }
    const token = this.#log.openHistory();
    this.#side = side;
    this.#enter("loading");
    try {
      const page = await this.#ask({type: "history", ...where, limit: this.#limit});
      merge(token, page);
      this.#enter("idle");
    } catch (refusal) {
      this.#log.closeHistory(token);
      this.#refused(refusal);
    }
  }

  /** A broken line is tried again once it is mended; a refusal that passes, after a moment; another only on asking. */
  #refused(refusal) {
    if (!refusal.temporary) {
      this.#enter("failed");
      return;
    }
    this.#enter("resting");
    this.#clock.setTimeout(() => this.#enter("idle"), (refusal.retryAfter ?? 0) * 1000 || RETRY_MS);
  }

  #enter(state) {
    this.#state = state;
    this.emit("change");
  }
}
