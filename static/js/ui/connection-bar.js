/** How the connection is, said calmly and never in the way of writing. */

import {gettext, interpolate, ngettext} from "../lib/words.js";
import {explainClosed} from "./explain.js";

export class ConnectionBar {
  #root;
  #bar;
  #text;
  #countdown;
  #waiting;
  #now;
  #reload;
  #clock;
  #isOnline;
  #outbox;
  #state = {state: "connecting"};
  #timer = null;

  /** `root` is the room's page; while it is shown, the document's body says how its connection is. */
  constructor({root, clock, outbox, isOnline, connectNow}) {
    const part = (name) => root.querySelector(`[data-${name}]`);
    this.#root = root;
    this.#bar = part("connection-bar");
    this.#text = part("connection-text");
    this.#countdown = part("connection-countdown");
    this.#waiting = part("waiting-count");
    this.#now = part("connect-now");
    this.#reload = part("reload");
    this.#clock = clock;
    this.#isOnline = isOnline;
    this.#outbox = outbox;
    this.#now.addEventListener("click", connectNow);
    outbox.on("change", () => this.draw());
  }

  /** The socket is in another state: {state, code, until}. */
  show(state) {
    const wasGood = !["waiting", "closed"].includes(this.#state.state);
    this.#bar.classList.toggle("connection--early", state.state === "connecting" && wasGood);
    this.#state = state;
    this.draw();
  }

  draw() {
    const name = this.#name();
    const hasLine = ["open", "connecting", "resting"].includes(name);
    if (this.#root.isConnected) {
      this.#tell(name);
    }
    say(this.#text, this.#words(name));
    this.#now.hidden = hasLine || name === "closed";
    this.#reload.hidden = name !== "closed";
    this.#drawWaiting(name);
    this.#drawCountdown();
  }

  #name() {
    const {state} = this.#state;
    return state === "waiting" && !this.#isOnline() ? "offline" : state;
  }

  #tell(name) {
    const {dataset} = document.body;
    dataset.connection = name;
    dataset.waiting = this.#outbox.waiting;
    dataset.sends = this.#outbox.isSender ? "yes" : "no"; // Of all tabs, one.
  }

  #words(name) {
    const words = {
      connecting: gettext("Connecting…"),
      open: "",
      resting: "",
      waiting: gettext("No connection."),
      offline: gettext("You are offline."),
    };
    return words[name] ?? explainClosed(this.#state.code);
  }

  #drawWaiting(name) {
    const count = this.#outbox.waiting;
    this.#waiting.hidden = count === 0 || name === "open";
    const words = ngettext("%(count)s message waits to be sent.", "%(count)s messages wait to be sent.", count);
    say(this.#waiting, this.#waiting.hidden ? "" : interpolate(words, {count}));
  }

  /** Not part of the status that is read out: a number each second would be torture. */
  #drawCountdown() {
    this.#clock.clearTimeout(this.#timer);
    const seconds = Math.ceil((this.#state.until - this.#clock.now()) / 1000);
    const isCounting = this.#state.state === "waiting" && seconds > 0;
    say(this.#countdown, isCounting ? interpolate(gettext("Trying again in %(seconds)s s."), {seconds}) : "");
    if (isCounting) {
      this.#timer = this.#clock.setTimeout(() => this.#drawCountdown(), 1_000);
    }
  }
}

/** Set a text only where it differs, so that a screen reader is not told twice. */
function say(element, words) {
  if (element.textContent !== words) {
    element.textContent = words;
  }
}
