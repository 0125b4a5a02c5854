/** Says that the log began anew because too much was missed, until one has been up there or put the mark away. */

export class CutMark {
  #mark;
  #region;
  #log;
  #nodeOf;

  /** `nodeOf` finds a message's node. */
  constructor({region, scroller, log, nodeOf}) {
    this.#mark = region.querySelector("[data-cut]");
    this.#region = region;
    this.#log = log;
    this.#nodeOf = nodeOf;
    region.querySelector("[data-cut-close]").addEventListener("click", () => log.mend());
    scroller.onScroll(() => this.#look());
  }

  draw() {
    this.#mark.hidden = this.#log.cut === null;
  }

  #look() {
    const node = this.#log.cut === null ? null : this.#nodeOf(this.#log.cut);
    if (node && node.getBoundingClientRect().top > this.#region.getBoundingClientRect().top) {
      this.#log.mend();
    }
  }
}
