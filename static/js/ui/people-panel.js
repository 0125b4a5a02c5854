/** Who is here: a panel beside the log, and on a narrow page a sheet behind the button with the count. */

import {interpolate, ngettext} from "../lib/words.js";
import {fromTemplate} from "./markup.js";
import {fillAvatar} from "./message-node.js";
import {shownName} from "./people-names.js";
import {scheduler} from "./schedule.js";

const WIDE = "(min-width: 75rem)"; // As in people.css.

export class PeoplePanel {
  #panel;
  #list;
  #more;
  #counts;
  #people;
  #nodes = new Map();

  constructor({page, people}) {
    this.#panel = page.querySelector("[data-people-panel]");
    this.#list = page.querySelector("[data-people]");
    this.#more = page.querySelector("[data-people-more]");
    this.#counts = page.querySelectorAll("[data-people-count]");
    this.#people = people;
    const redraw = scheduler(() => this.#draw());
    people.on("change", redraw);
    people.on("me", redraw);
    matchMedia(WIDE).addEventListener("change", () => this.#panel.hidePopover?.());
  }

  #draw() {
    const here = this.#people.here;
    this.#counts.forEach((count) => (count.textContent = this.#people.count));
    this.#nodes = new Map(here.map((person) => [person.id, this.#fill(person)]));
    this.#list.replaceChildren(...this.#nodes.values());
    this.#countOthers(this.#people.others);
  }

  #fill(person) {
    const node = this.#nodes.get(person.id) ?? fromTemplate("person-template");
    node.dataset.person = person.id;
    node.classList.toggle("person--idle", person.idle === true);
    fillAvatar(node.querySelector("[data-avatar]"), person);
    node.querySelector(".person__name").textContent = shownName(person);
    node.querySelector(".person__you").hidden = person.id !== this.#people.me?.id;
    node.querySelector(".person__idle").hidden = person.idle !== true;
    return node;
  }

  #countOthers(count) {
    this.#more.hidden = count <= 0;
    this.#more.textContent = interpolate(ngettext("and %(count)s more", "and %(count)s more", count), {count});
  }
}
