/** Remembers the last few of many strings. */

export class Recent {
  #limit;
  #strings = new Set();

  constructor(limit) {
    this.#limit = limit;
  }

  has(string) {
    return this.#strings.has(string);
  }

  add(string) {
    this.#strings.delete(string);
    this.#strings.add(string);
    if (this.#strings.size > this.#limit) {
      this.#strings.delete(this.#strings.keys().next().value);
    }
  }
}
