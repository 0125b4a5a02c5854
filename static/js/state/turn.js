/** Whose turn it is to send, of all tabs of one person in one room: a lock, which the browser frees when its tab dies. */

import {Emitter} from "../lib/emitter.js";

const ANSWER_MS = 3_000;

/** Emits "change" when `isMine` did. Where the browser has no locks it is everyone's turn: repeats are safe, only more. */
export class Turn extends Emitter {
  #locks;
  #channel;
  #clock;
  #name = null;
  #isMine = false;
  #request = null; // The current one: {name, abort, release}.
  #timer = null;

  /** `locks` is the browser's LockManager, or undefined; `channel` is {post, listen} to the other tabs. */
  constructor({locks, channel, clock}) {
    super();
    this.#locks = locks;
    this.#channel = channel;
    this.#clock = clock;
    channel.listen((news) => this.#hear(news));
  }

  get isMine() {
    return this.#isMine;
  }

  /** Queue for the turn of this name, and keep it until `leave`. */
  ask(name) {
    if (this.#name !== name) {
      this.leave();
      this.#name = name;
      this.#ask();
    }
  }

  leave() {
    const request = this.#request;
    this.#name = this.#request = null;
    this.#calm();
    request?.abort.abort();
    request?.release?.();
    this.#become(false);
  }

  /** Something waits for whoever has the turn: a tab that is frozen, and so does not answer, loses it. */
  nudge() {
    if (this.#name !== null && !this.#isMine && this.#timer === null) {
      this.#timer = this.#clock.setTimeout(() => {
        this.#timer = null;
        this.#ask({steal: true});
      }, ANSWER_MS);
      this.#channel.post({type: "whose turn", name: this.#name});
    }
  }

  async #ask(how = {}) {
    const request = {name: this.#name, abort: new AbortController()};
    this.#request?.abort.abort();
    this.#request = request;
    const options = how.steal ? how : {signal: request.abort.signal};
    try {
      await this.#hold(request, options);
    } catch (error) {
      this.#lose(request, error);
    }
  }

  #hold(request, options) {
    if (!this.#locks) {
      this.#become(true);
      return null;
    }
    return this.#locks.request(`outbox ${request.name}`, options, () => this.#have(request));
  }

  /** Runs while the lock is held. */
  #have(request) {
    if (this.#request !== request) {
      return null;
    }
    this.#calm();
    return new Promise((release) => {
      request.release = release;
      this.#become(true);
    });
  }

  /** Another tab took it: queue again. Any other error says that there are no locks to be had here. */
  #lose(request, error) {
    if (this.#request !== request) {
      return;
    }
    if (error.name === "AbortError") {
      this.#become(false);
      this.#ask();
    } else {
      this.#become(true);
    }
  }

  #hear({type, name}) {
    if (name !== this.#name || name === undefined) {
      return;
    }
    if (type === "whose turn" && this.#isMine) {
      this.#answer(name);
    } else if (type === "my turn") {
      this.#calm();
    }
  }

  /** By way of a timer: in a frozen tab messages may still be heard, but timers stand still, and so does sending. */
  #answer(name) {
    this.#clock.setTimeout(() => {
      if (this.#isMine && this.#name === name) {
        this.#channel.post({type: "my turn", name});
      }
    }, 0);
  }

  #calm() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #become(isMine) {
    if (isMine !== this.#isMine) {
      this.#isMine = isMine;
      this.emit("change");
    }
  }
}
