/** Who is here, and who else belongs to the room: a panel beside the log, on a narrow page a sheet behind a button. */

import {interpolate, ngettext} from "../lib/words.js";
import {fromTemplate} from "./markup.js";
import {fillAvatar} from "./message-node.js";
import {shownName} from "./people-names.js";
import {scheduler} from "./schedule.js";

const WIDE = "(min-width: 75rem)"; // As in people.css.

export class PeoplePanel {
  #parts;
  #counts;
  #people;
  #members;
  #mayLook;
  #nodes = new Map();
  #wide = matchMedia(WIDE);

  /** `mayLook` says whether one may know who belongs to the room; `ending` is a signal that ends when the room's page does. */
  constructor({root, people, members, mayLook, ending}) {
    const part = (name) => root.querySelector(`[data-${name}]`);
    this.#parts = {
      panel: part("people-panel"),
      list: part("people"),
      more: part("people-more"),
      absent: part("absent"),
      others: part("absent-people"),
    };
    this.#counts = root.querySelectorAll("[data-people-count]");
    this.#people = people;
    this.#members = members;
    this.#mayLook = mayLook;
    const redraw = scheduler(() => this.#draw());
    people.on("change", redraw);
    people.on("me", redraw);
    members.on("change", redraw);
    this.#listen(ending);
  }

  /** Somebody may see it now: learn who belongs to the room. */
  look() {
    if (this.#mayLook() && (this.#wide.matches || this.#parts.panel.matches(":popover-open"))) {
      this.#members.look();
    }
  }

  #listen(signal) {
    this.#parts.panel.addEventListener("toggle", () => this.look());
    const turned = () => {
      this.#parts.panel.hidePopover?.();
      this.look();
    };
    this.#wide.addEventListener("change", turned, {signal});
  }

  #draw() {
    const {list, absent, others, more} = this.#parts;
    const {here, count} = this.#people;
    const away = this.#people.others > 0 ? [] : this.#members.absent(here); // Of a large room only some are known to be here.
    this.#counts.forEach((part) => (part.textContent = count));
    const nodes = new Map();
    const show = (person, isHere) => nodes.set(person.id, this.#fill(person, isHere)).get(person.id);
    list.replaceChildren(...here.map((person) => show(person, true)));
    others.replaceChildren(...away.map((person) => show(person, false)));
    this.#nodes = nodes;
    absent.hidden = away.length === 0;
    more.hidden = this.#people.others <= 0;
    const words = ngettext("and %(count)s more", "and %(count)s more", this.#people.others);
    more.textContent = interpolate(words, {count: this.#people.others});
  }

  #fill(person, isHere) {
    const node = this.#nodes.get(person.id) ?? fromTemplate("person-template");
    const role = this.#members.roleOf(person.id);
    node.dataset.person = person.id;
    node.dataset.here = isHere ? "yes" : "no";
    node.classList.toggle("person--idle", person.idle === true);
    node.classList.toggle("person--absent", !isHere);
    fillAvatar(node.querySelector("[data-avatar]"), person);
    node.querySelector(".person__name").textContent = shownName(person);
    node.querySelector(".person__you").hidden = person.id !== this.#people.me?.id;
    node.querySelector(".person__idle").hidden = person.idle !== true;
    this.#offerTalk(node.querySelector("[data-talk]"), person);
    node.querySelectorAll("[data-role]").forEach((mark) => (mark.hidden = mark.dataset.role !== role));
    return node;
  }

  /** A direct conversation with somebody else, where one may begin one. */
  #offerTalk(form, {id}) {
    if (form) {
      form.hidden = id === this.#people.me?.id;
      form.elements.person.value = id;
    }
  }
}
