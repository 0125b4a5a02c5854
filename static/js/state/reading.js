/** How far one has read this room: told to the server as messages are really shown, and heard from one's other devices. */

import {Emitter} from "../lib/emitter.js";

const PAUSE_MS = 1_000; // Between two frames; the first of a row goes out at once.

/** Emits "change" when the line has moved, the place where what is new begins; and "shown" (the number) as one reads on here. */
export class Reading extends Emitter {
  #clock;
  #send;
  #marks;
  #read = null;
  #told = null;
  #line = null; // {after, upto}: what others said between these numbers is new.
  #isPausing = false;
  #isHeld = false;

  /** `send` says whether the frame went out. `marks` keeps the line over a reload: {get(), set(line), clear()}. */
  constructor({clock, send, marks}) {
    super();
    this.#clock = clock;
    this.#send = send;
    this.#marks = marks;
  }

  /** What was new when one came, or was away: {after, upto}, numbers of the room; or null. */
  get line() {
    return this.#line;
  }

  /** A hello says up to where the room is read, and where it stands. The line that is drawn then stands until one leaves. */
  greet(read, seq) {
    this.#read = this.#isHeld ? read : Math.max(read, this.#read ?? 0);
    this.#told = read;
    if (this.#read > read) {
      this.#tell();
    }
    if (this.#line === null || this.#isCaughtUp) {
      this.#draw((this.#line === null && this.#marks.get()) || {after: this.#read, upto: seq});
    }
  }

  /** Somebody else has said something while nobody looked at the page: it is new, from the first such message on. */
  missed(id) {
    if (this.#read !== null && this.#isCaughtUp) {
      this.#draw({after: this.#read, upto: id});
    }
  }

  /** This message was shown to somebody who looks at the page. */
  shown(id) {
    if (this.#read !== null && id > this.#read && !this.#isHeld) {
      this.#read = id;
      this.#tell();
      this.emit("shown", id);
    }
  }

  /** One has read so far on another device. */
  hear({id, back = false}) {
    if (this.#read === null) {
      return;
    }
    this.#read = this.#told = back ? id : Math.max(id, this.#read);
    if (back) {
      this.#draw({after: id, upto: Infinity});
    }
  }

  /** From this message on it is unread again, until one leaves; what stands above is read, also where that was not told yet. */
  back(id) {
    const before = id - 1;
    if (this.#told !== null && this.#told < before) {
      this.#send({type: "read", id: before});
    }
    if (this.#send({type: "read", id, back: true})) {
      this.#isHeld = true;
      this.#read = this.#told = before;
      this.#draw({after: before, upto: Infinity});
    }
  }

  /** Tell at once, for the page may be about to go. */
  flush() {
    if (this.#read !== null && this.#read > this.#told && this.#send({type: "read", id: this.#read})) {
      this.#told = this.#read;
    }
  }

  /** One leaves the room: what is new is drawn anew when one comes back. */
  leave() {
    this.flush();
    this.#isHeld = false;
    this.#line = null;
    this.#marks.clear();
  }

  /** All that was new when the line was drawn has been shown. */
  get #isCaughtUp() {
    return this.#line === null || this.#read >= this.#line.upto;
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
    this.flush();
    this.#isPausing = true;
    this.#clock.setTimeout(() => {
      this.#isPausing = false;
      if (this.#read !== null && this.#read > this.#told) {
        this.#tell();
      }
    }, PAUSE_MS);
  }
}

/** The first message above the line that somebody else has said; null where there is none, or the line is not in sight yet. */
export function firstNew({line, log, me}) {
  if (line === null || (log.more.before && (log.first === null || line.after < log.first))) {
    return null;
  }
  const isNew = ({id, user, deleted}) => id > line.after && id <= line.upto && user.id !== me?.id && !deleted;
  return log.messages.find(isNew)?.id ?? null;
}
