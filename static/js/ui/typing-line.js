/** Says in words who is writing, on a line that is always there, so that nothing moves when they begin. */

import {gettext, interpolate} from "../lib/words.js";
import {shownName} from "./people-names.js";
import {scheduler} from "./schedule.js";

const NAMED = 3;
const SPOKEN_MS = 30_000; // Read aloud once in a while: a conversation is nothing but people who begin and stop.

export class TypingLine {
  #line;
  #spoken;
  #typists;
  #clock;
  #spokenAt = null;

  constructor({root, typists, clock}) {
    this.#line = root.querySelector("[data-typing]");
    this.#spoken = root.querySelector("[data-typing-spoken]");
    this.#typists = typists;
    this.#clock = clock;
    typists.on("change", scheduler(() => this.#tell()));
    new ResizeObserver(() => this.#draw()).observe(this.#line);
  }

  #tell() {
    this.#draw();
    this.#speak(this.#line.textContent);
  }

  #draw() {
    const {names} = this.#typists;
    this.#line.textContent = sentence(names);
    if (this.#line.scrollWidth > this.#line.clientWidth) {
      this.#line.textContent = briefly(names);
    }
  }

  #speak(words) {
    const now = this.#clock.steady();
    if (words === "") {
      this.#spoken.textContent = "";
    } else if (this.#spokenAt === null || now - this.#spokenAt >= SPOKEN_MS) {
      this.#spokenAt = now;
      this.#spoken.textContent = words;
    }
  }
}

function sentence(names) {
  const [one, two, three] = names.map((name) => `\u2068${shownName({name})}\u2069`); // Turns nothing around, whatever its script.
  if (names.length > NAMED) {
    return briefly(names);
  }
  const sentences = [
    "",
    gettext("%(one)s is typing…"),
    gettext("%(one)s and %(two)s are typing…"),
    gettext("%(one)s, %(two)s and %(three)s are typing…"),
  ];
  return interpolate(sentences[names.length], {one, two, three});
}

/** Where there is no room for names. */
function briefly(names) {
  return names.length === 1 ? gettext("Somebody is typing…") : gettext("Several people are typing…");
}
