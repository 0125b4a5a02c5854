/** Title and topic of the room, and whether one may write in it. */

import {gettext, interpolate} from "../lib/words.js";

export class RoomHeader {
  #title;
  #topic;
  #input;
  #submit;
  #room;

  constructor({page, room}) {
    this.#title = page.querySelector("[data-room-title]");
    this.#topic = page.querySelector("[data-room-topic]");
    this.#input = page.getElementById("chat-message-input");
    this.#submit = page.getElementById("chat-message-submit");
    this.#room = room;
  }

  /** What the tab is called. */
  get title() {
    return interpolate(gettext("%(room)s · Chat"), {room: this.#room.title});
  }

  show(room) {
    this.#room = room;
    this.#title.textContent = room.title;
    this.#topic.textContent = room.topic;
    this.#topic.hidden = room.topic === "";
    this.#allow(room.may?.includes("send") ?? true);
  }

  #allow(mayWrite) {
    this.#input.disabled = !mayWrite;
    this.#submit.disabled = !mayWrite;
    this.#input.placeholder = mayWrite
      ? interpolate(gettext("Message %(room)s"), {room: this.#room.title})
      : gettext("You can read here, but not write.");
  }
}
