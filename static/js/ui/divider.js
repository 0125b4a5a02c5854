/** The line above what is new, in the log of a room. */

import {firstNew} from "../state/reading.js";
import {fromTemplate} from "./markup.js";

export class Divider {
  #reading;
  #log;
  #people;
  #node = fromTemplate("divider-template");

  constructor({reading, log, people}) {
    this.#reading = reading;
    this.#log = log;
    this.#people = people;
  }

  /** The id of the message above which it stands, or null. */
  get place() {
    return firstNew({line: this.#reading.line, log: this.#log, me: this.#people.me});
  }

  get node() {
    return this.#node;
  }
}
