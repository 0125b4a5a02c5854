/** Title, topic and marks of the room, and the menu of what one may do with it. */

import {gettext, interpolate} from "../lib/words.js";

export class RoomHeader {
  #parts;
  #items;
  #place;

  constructor({root, place}) {
    const part = (name) => root.querySelector(`[data-${name}]`);
    this.#parts = {title: part("room-title"), topic: part("room-topic"), archived: part("room-archived"), button: part("menu-button")};
    this.#items = [...root.querySelectorAll("[data-right]")];
    this.#place = place;
    place.on("change", () => this.draw());
    this.draw();
  }

  /** What the tab is called. */
  get title() {
    return interpolate(gettext("%(room)s · Chat"), {room: this.#place.room.title});
  }

  draw() {
    const {title, topic, archived, button} = this.#parts;
    const {room} = this.#place;
    title.textContent = room.title;
    topic.textContent = room.topic;
    topic.hidden = room.topic === "";
    archived.hidden = !room.archived;
    this.#items.forEach((item) => (item.hidden = !item.dataset.right.split(" ").some((right) => this.#place.may(right))));
    button.hidden = this.#items.every((item) => item.hidden);
  }
}
