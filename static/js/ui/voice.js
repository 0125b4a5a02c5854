/** Whether one can write here now; if not, one sentence that says why stands in place of the writing field. */

import {gettext, interpolate} from "../lib/words.js";

const SECOND_MS = 1_000;
const LONGEST_MS = 2 ** 31 - 1; // What a timer can wait.

export class Voice {
  #parts;
  #place;
  #pace;
  #times;
  #clock;
  #ask;
  #muteTimer = null;
  #paceTimer = null;

  /** `pace` is slow mode; `ask` asks the server anew, once a mute should be over. */
  constructor({root, place, pace, times, clock, ask}) {
    const part = (name) => root.querySelector(`[data-${name}]`);
    this.#parts = {
      form: part("composer-form"),
      foot: part("composer-foot"),
      input: root.querySelector("textarea"),
      submit: part("composer-form").querySelector("[type=submit]"),
      silence: part("silence"),
      muted: part("muted"),
      pace: part("pace"),
    };
    this.#place = place;
    this.#pace = pace;
    this.#times = times;
    this.#clock = clock;
    this.#ask = ask;
    place.on("change", () => this.draw());
    pace.on("change", () => this.#drawPace());
    this.draw();
  }

  /** Whether something said now would be taken. */
  get isFree() {
    return this.#place.silence === null && this.#pace.left === 0;
  }

  draw() {
    const {form, foot, input, silence} = this.#parts;
    const reason = this.#place.silence;
    form.hidden = foot.hidden = reason !== null;
    input.placeholder = interpolate(gettext("Message %(room)s"), {room: this.#place.room.title});
    this.#drawMute(reason === "muted" ? this.#place.room.muted_until : null);
    silence.querySelectorAll("[data-reason]").forEach((part) => (part.hidden = part.dataset.reason !== reason));
    silence.hidden = reason === null;
    this.#drawPace();
  }

  #drawMute(until) {
    const words = gettext("You have been muted. You can read here, and write again after %(time)s.");
    this.#parts.muted.textContent = until
      ? interpolate(words, {time: this.#times.moment(until)})
      : gettext("You have been muted. You can read here, but not write.");
    this.#clock.clearTimeout(this.#muteTimer);
    if (until) {
      const rest = Math.max(0, Date.parse(until) - this.#clock.now());
      this.#muteTimer = this.#clock.setTimeout(this.#ask, Math.min(rest + SECOND_MS, LONGEST_MS));
    }
  }

  /** The countdown is not read out: a number each second would be torture. */
  #drawPace() {
    const {pace, submit} = this.#parts;
    const {slow} = this.#place;
    const {left} = this.#pace;
    const words =
      left > 0
        ? interpolate(gettext("Slow mode: you can send again in %(seconds)s s."), {seconds: left})
        : interpolate(gettext("Slow mode: one message each %(seconds)s s."), {seconds: slow});
    pace.hidden = slow === 0;
    pace.textContent = slow === 0 ? "" : words;
    submit.disabled = left > 0;
    this.#clock.clearTimeout(this.#paceTimer);
    if (left > 0) {
      this.#paceTimer = this.#clock.setTimeout(() => this.#drawPace(), SECOND_MS);
    }
  }
}
