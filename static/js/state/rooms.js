/** The rooms that one has been in since the page was opened: the last few are kept as one left them. */

const KEPT = 10;

/**
 * A room is {slug, isWaiting, isOver, enter(), focus(), leave(), revisit(), end()}: `isWaiting` while something that was written there
 * has not gone out, `isOver` once the server has closed it to this person. The list never lets go of one in which something waits.
 */
export class Rooms {
  #kept; // The one that is shown first, then by when one left them.
  #who;
  #isMixed = false;

  /** `first` is shown already; `who` is the id of the person whose page this is, or null. */
  constructor({first, who}) {
    this.#kept = [first];
    this.#who = who;
  }

  get current() {
    return this.#kept[0];
  }

  get all() {
    return [...this.#kept];
  }

  /** The room of this slug as it was left, or null. */
  find(slug) {
    return this.#kept.find((room) => room.slug === slug && !room.isOver) ?? null;
  }

  enter(room) {
    const last = this.current;
    if (room === last) {
      room.revisit();
      return;
    }
    this.#kept = [room, ...this.#kept.filter((one) => one !== room)];
    last.leave();
    room.enter();
    room.focus();
    this.#let((one, place) => one.isWaiting || (place < KEPT && !one.isOver));
  }

  /** The server said who one is. After another person's hello nothing is kept, and no further room is taken onto this page. */
  meet({id}) {
    if (this.#who !== null && this.#who !== id) {
      this.#isMixed = true;
      this.forget();
    }
    this.#who = id;
  }

  /** Whether a room that was fetched for this person ({id} or null) belongs on this page. */
  suits(person) {
    return !this.#isMixed && (this.#who === null || person?.id === this.#who);
  }

  /** Nothing of other rooms may stay. */
  forget() {
    this.#let(() => false);
  }

  #let(stays) {
    const going = this.#kept.filter((room, place) => place > 0 && !stays(room, place));
    this.#kept = this.#kept.filter((room) => !going.includes(room));
    going.forEach((room) => room.end());
  }
}
