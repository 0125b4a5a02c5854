/** The way from room to room: what was seen is shown at once, another is fetched; whatever is odd becomes an ordinary page. */

export class Journey {
  #rooms;
  #fetch;
  #open;
  #navigate;
  #attempt = null;

  /**
   * `fetch(path, signal)` resolves with {slug, me, …}, what is needed to open a room, or null; `open` makes a room of it;
   * `navigate(path)` goes there as a browser does.
   */
  constructor({rooms, fetch, open, navigate}) {
    this.#rooms = rooms;
    this.#fetch = fetch;
    this.#open = open;
    this.#navigate = navigate;
  }

  /** Go to the room of this slug at this path; `arrive(room)` is called just before it is shown. A later call overtakes. */
  async go({slug, path}, arrive) {
    this.#attempt?.abort();
    const attempt = new AbortController();
    this.#attempt = attempt;
    const room = this.#rooms.find(slug) ?? (await this.#take(path, attempt.signal));
    if (attempt.signal.aborted) {
      return;
    }
    if (room) {
      arrive(room);
      this.#rooms.enter(room);
    } else {
      this.#navigate(path);
    }
  }

  /** One is somewhere else already. */
  stop() {
    this.#attempt?.abort();
  }

  async #take(path, signal) {
    const found = await this.#fetch(path, signal);
    if (signal.aborted || !found || !this.#rooms.suits(found.me)) {
      return null;
    }
    return this.#rooms.find(found.slug) ?? this.#open(found); // The path may have been another spelling.
  }
}
