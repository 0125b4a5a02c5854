/** How far one has read this room: told to the server as messages are really shown, and heard from one's other devices. */

import {Emitter} from "../lib/emitter.js";

const PAUSE_MS = 1_000; // Between two frames; the first of a row goes out at once.

/** Emits "change" when the line has moved: the place where what is new begins. */
export class Reading extends Emitter {
  #clock;
  #send;
  #marks;
  #read = null;
  #told = null;
  #line = null;
  #isPausing = false;
  #isHeld = false;

  /** `send` says whether the frame went out. `marks` keeps the line over a reload: {get(), set(id), clear()}. */
  constructor({clock, send, marks}) {
    super();
    this.#clock = clock;
    this.#send = send;
    this.#marks = marks;
  }

  /** Up to this number it was read before one came; what others said above it is new. Null: nothing is. */
  get line() {
    return this.#line;
  }

  /** A hello says up to where the room is read. The line is drawn with the first one, and stands until one leaves. */
  greet(read) {
    this.#read = this.#told = read;
    if (this.#line === null) {
      this.#draw(this.#marks.get() ?? read);
    }
  }

  /** This message was shown to somebody who looks at the page. */
  shown(id) {
    if (this.#read !== null && id > this.#read && !this.#isHeld) {
      this.#read = id;
      this.#tell();
    }
  }

  /** One has read so far on another device. */
  hear({id, back = false}) {
    if (this.#read === null) {
      return;
    }
    this.#read = this.#told = back ? id : Math.max(id, this.#read);
    if (back) {
      this.#draw(id);
    }
  }

  /** From this message on it is unread again, until one leaves. */
  back(id) {
    if (this.#send({type: "read", id, back: true})) {
      this.#isHeld = true;
      this.#read = this.#told = Math.min(this.#read ?? id - 1, id - 1);
      this.#draw(id - 1);
    }
  }

  /** One leaves the room: what is new is drawn anew when one comes back. */
  leave() {
    this.#flush();
    this.#isHeld = false;
    this.#line = null;
    this.#marks.clear();
  }

  #draw(line) {
    this.#line = line;
    this.#marks.set(line);
    this.emit("change");
  }

  #tell() {
    if (this.#isPausing) {
      return;
    }
    this.#flush();
    this.#isPausing = true;
    this.#clock.setTimeout(() => {
      this.#isPausing = false;
      if (this.#read !== null && this.#read > this.#told) {
        this.#tell();
      }
    }, PAUSE_MS);
  }

  #flush() {
    if (this.#read !== null && this.#read > this.#told && this.#send({type: "read", id: this.#read})) {
      this.#told = this.#read;
    }
  }
}

/** The first message above the line that somebody else has said; null where there is none, or the line is not in sight yet. */
export function firstNew({line, log, me}) {
  if (line === null || (log.more.before && (log.first === null || line < log.first))) {
    return null;
  }
  return log.messages.find(({id, user, deleted}) => id > line && user.id !== me?.id && !deleted)?.id ?? null;
}
