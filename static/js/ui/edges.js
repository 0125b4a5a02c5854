/** The two ends of the log: fetches more as one comes near, and says what is going on there. */

export class Edges {
  #parts;
  #scroller;
  #log;
  #pager;

  constructor({region, scroller, log, pager}) {
    const part = (name) => region.querySelector(`[data-${name}]`);
    this.#parts = {
      older: part("older"),
      progress: part("older-progress"),
      retry: part("older-retry"),
      newer: part("newer"),
      beginning: part("beginning"),
      empty: part("empty"),
    };
    this.#scroller = scroller;
    this.#log = log;
    this.#pager = pager;
    this.#listen();
  }

  /** Fetch what will soon be in sight. */
  fetch() {
    if (this.#scroller.isNearTop) {
      this.#pager.older();
    }
    if (this.#scroller.isNearBottom) {
      this.#pager.newer();
    }
  }

  draw({isEmpty}) {
    const {older, progress, retry, newer, beginning, empty} = this.#parts;
    older.hidden = !this.#log.more.before;
    progress.hidden = this.#pager.state === "failed";
    retry.hidden = this.#pager.state !== "failed";
    newer.hidden = !this.#log.more.after;
    beginning.hidden = this.#log.more.before;
    empty.hidden = !isEmpty;
  }

  #listen() {
    this.#scroller.onScroll(() => this.fetch());
    this.#parts.retry.addEventListener("click", () => {
      this.#pager.reset();
      this.fetch();
    });
  }
}
