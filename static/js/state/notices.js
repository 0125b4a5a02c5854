/** Decides what somebody who does not look is told of: once, and not what they have read elsewhere meanwhile. */

const GRACE_MS = 1_500; // Another device tells within a second that it was read there.
const FIRST_MS = 3_000; // After a hello come the counts of all rooms, which are no news.

/**
 * A room is {slug, title, kind, level}. In `watch` are questions to all tabs of this browser: `speaksFor(slug)` (this tab is the one that tells
 * of this room), `leads` (… of rooms that no tab has open), and, as promises, `isOpen(slug)` and `isLookedAt(slug)`.
 * `tell({room, author, text, count, isMention})` shows it; author and text are null where only the count is known.
 */
export class Notices {
  #clock;
  #choice;
  #watch;
  #tell;
  #waiting = new Map(); // By slug: the last that came, and the timer.
  #counts = new Map(); // By slug of another room: {unread, mentions}.
  #read = new Map(); // By slug of a room that was open here: up to where it is read.
  #greetedAt = -Infinity;

  constructor({clock, choice, watch, tell}) {
    this.#clock = clock;
    this.#choice = choice;
    this.#watch = watch;
    this.#tell = tell;
  }

  /** A line to the server is new. */
  greeted() {
    this.#greetedAt = this.#clock.steady();
  }

  /** One has gone into this room: its counts are no other room's any longer. */
  entered({slug}) {
    this.#counts.delete(slug);
    this.#drop(slug);
  }

  /** Somebody has said something in a room that this tab has open; `me` is who one is. */
  said(room, message, me) {
    const {id, user, message: text} = message;
    const isMention = message.mentions?.includes(me?.id) || message.mentions_here === true;
    if (message.deleted || user.id === me?.id || id <= this.#read.get(room.slug) || !this.#watch.speaksFor(room.slug)) {
      return;
    }
    this.#wait({room, id, author: user.name, text, isMention, count: (this.#waiting.get(room.slug)?.count ?? 0) + 1});
  }

  /** The server counts what is new in another room. */
  unread(room, {unread, mentions}) {
    const isFirst = !this.#counts.has(room.slug);
    const known = this.#counts.get(room.slug) ?? {unread: 0, mentions: 0};
    this.#counts.set(room.slug, {unread, mentions});
    const isOld = isFirst && this.#clock.steady() - this.#greetedAt < FIRST_MS;
    if (unread < known.unread || unread === 0) {
      this.#drop(room.slug);
    } else if (unread > known.unread && !isOld && this.#watch.leads) {
      this.#wait({room, id: null, author: null, text: null, count: unread, isMention: mentions > known.mentions});
    }
  }

  /** One has read so far, on another device or here; what comes late of it is no news. */
  read(slug, id) {
    this.#read.set(slug, id);
    const {id: last = null} = this.#waiting.get(slug) ?? {};
    if (last !== null && last <= id) {
      this.#drop(slug);
    }
  }

  #wait(notice) {
    const {slug} = notice.room;
    const before = this.#waiting.get(slug);
    const isMention = notice.isMention || before?.isMention === true;
    const timer = before?.timer ?? this.#clock.setTimeout(() => this.#look(slug), GRACE_MS);
    this.#waiting.set(slug, {...notice, isMention, timer});
  }

  async #look(slug) {
    const notice = this.#waiting.get(slug);
    this.#waiting.delete(slug);
    const {room, id, author, text, count, isMention} = notice;
    if (!this.#choice.admits({...room, isMention})) {
      return;
    }
    const isCared = id === null ? this.#watch.isOpen(slug) : this.#watch.isLookedAt(slug);
    if (!(await isCared)) {
      this.#tell({room, author, text, count, isMention});
    }
  }

  #drop(slug) {
    this.#clock.clearTimeout(this.#waiting.get(slug)?.timer);
    this.#waiting.delete(slug);
  }
}
