/** Where a room's pages and its socket are: under its slug, and with it under another. */

import {moved} from "../lib/paths.js";

export class Addresses {
  #urls;

  /** `urls` are paths by name, as the room's page has them; of what a room has many of, the one with the id 0. */
  constructor(urls) {
    this.#urls = urls;
  }

  of(name) {
    return this.#urls[name];
  }

  /** Of the message or person with this id. */
  one(name, id) {
    const steps = this.#urls[name].split("/");
    return steps.with(steps.lastIndexOf("0"), id).join("/");
  }

  /** The room has another slug. */
  move(from, to) {
    this.#urls = Object.fromEntries(Object.entries(this.#urls).map(([name, url]) => [name, moved(url, from, to)]));
  }
}
