/** Draws log and outbox as one list of nodes, each made once, and moves none that need not move. */

import {gettext} from "../lib/words.js";
import {arrange} from "../state/grouping.js";
import {fromTemplate} from "./markup.js";
import {createMessage, fillAnswered, fillMessage, fillTimes, fillUnsent} from "./message-node.js";
import {fillReactions} from "./reactions.js";
import {scheduler} from "./schedule.js";

const KEPT_MESSAGES = 500; // Of a tab that stays open for days; the rest is history again.

export class LogView {
  /** Have the log drawn soon. */
  redraw = scheduler(() => this.draw());
  #region;
  #list;
  #scroller;
  #log;
  #outbox;
  #changes;
  #people;
  #words;
  #divider;
  #clock;
  #afterwards;
  #drawn = new Map(); // By key: {node, source, change}.
  #isNews = true;

  /** `words` is {times, permalink, original, kinds, isForMe}: functions of an id, the last two of a message; `afterwards` is called when something was drawn. */
  constructor({region, scroller, log, outbox, changes, people, divider, words, clock, afterwards}) {
    this.#region = region;
    this.#list = region.querySelector("[data-messages]");
    this.#scroller = scroller;
    this.#log = log;
    this.#outbox = outbox;
    this.#changes = changes;
    this.#people = people;
    this.#words = words;
    this.#divider = divider;
    this.#clock = clock;
    this.#afterwards = afterwards;
    this.#adopt();
    this.#listen();
  }

  /** The node of a message of the log. */
  nodeOf(id) {
    return this.#drawn.get(`message ${id}`)?.node ?? null;
  }

  /** What stands on a message is another, though the message is the same. */
  refill(id) {
    const drawn = this.#drawn.get(`message ${id}`);
    if (drawn) {
      drawn.isStale = true;
      this.redraw();
    }
  }

  /** Bring a message into the middle, and mark it. */
  focus(id) {
    const node = this.nodeOf(id);
    this.#list.querySelector(".message--focused")?.classList.remove("message--focused");
    node?.classList.add("message--focused");
    node?.scrollIntoView({block: "center"});
  }

  #listen() {
    this.#log.on("change", ({origin}) => {
      this.#isNews &&= origin === "live";
      this.redraw();
    });
    this.#outbox.on("change", this.redraw);
    this.#changes.on("change", this.redraw);
    this.#people.on("me", this.redraw);
  }

  /** Take over what the server has drawn, but its times and days: they are those of the server's zone. */
  #adopt() {
    for (const node of this.#list.querySelectorAll(".message")) {
      const message = this.#log.get(Number(node.dataset.id));
      if (message && Number(node.dataset.seq) === message.seq) {
        fillTimes(node, message, this.#words.times);
        fillReactions(node, this.#words.kinds(message));
        fillAnswered(node, message, this.#words);
        node.classList.toggle("message--for-me", this.#words.isForMe(message));
        this.#drawn.set(`message ${message.id}`, {node, source: message, change: null, original: message.reply_to ? this.#words.original(message.reply_to) : null});
      }
    }
  }

  /** Draw at once; a page that one has left has no scroll place to keep, and is drawn when one comes back to it. */
  draw() {
    if (!this.#region.isConnected) {
      return;
    }
    this.#region.setAttribute("aria-live", this.#isNews ? "polite" : "off"); // History is no news to a screen reader.
    this.#scroller.keeping(this.#list, () => this.#arrange(this.#wanted()));
    this.#isNews = true;
    if (this.#scroller.isAtBottom && this.#log.isAtNewest) {
      this.#log.trim(KEPT_MESSAGES);
    }
    this.#afterwards();
  }

  /** The nodes that should be there, in order, filled. */
  #wanted() {
    this.#handOver();
    const rows = arrange([...this.#log.messages, ...this.#outbox.entries.map((entry) => this.#unsent(entry))]);
    const {place} = this.#divider;
    return rows.flatMap((row) => [
      ...(row.startsDay ? [this.#day(row)] : []),
      ...(place !== null && row.message.id === place ? [this.#divider.node] : []),
      this.#row(row),
    ]);
  }

  /** What was sent has come back: its node goes on as the message's. */
  #handOver() {
    for (const [key, drawn] of this.#drawn) {
      if (!key.startsWith("unsent ") || this.#outbox.entries.some((entry) => key === `unsent ${entry.client_id}`)) {
        continue;
      }
      const message = this.#log.messages.findLast((one) => this.#isFrom(one, key));
      if (message && !this.#drawn.has(`message ${message.id}`)) {
        this.#drawn.delete(key);
        this.#drawn.set(`message ${message.id}`, drawn);
      }
    }
  }

  #isFrom(message, key) {
    return message.user.id === this.#people.me?.id && key === `unsent ${message.client_id?.toLowerCase()}`;
  }

  #unsent(entry) {
    return {...entry, id: null, acked: entry.id, user: this.#people.me ?? {id: null, name: gettext("You")}};
  }

  #row({message, continued}) {
    const isUnsent = message.id === null;
    const key = isUnsent ? `unsent ${message.client_id}` : `message ${message.id}`;
    const source = isUnsent ? `${message.state} ${message.code} ${message.user.id} ${message.user.name}` : message;
    const change = isUnsent ? null : this.#changes.of(message.id);
    const drawn = this.#drawn.get(key) ?? {node: createMessage()};
    this.#drawn.set(key, drawn);
    const original = message.reply_to ? this.#words.original(message.reply_to) : null;
    if (drawn.source !== source || drawn.change !== change || drawn.original !== original || drawn.isStale) {
      const keepsText = change === null && drawn.change === null && drawn.source?.html === message.html && drawn.source?.edited === message.edited;
      Object.assign(drawn, {source, change, original, isStale: false});
      (isUnsent ? fillUnsent : fillMessage)(drawn.node, message, this.#words, change, {keepsText});
    }
    drawn.node.classList.toggle("message--continued", continued);
    return drawn.node;
  }

  #day({day, message}) {
    const drawn = this.#drawn.get(`day ${day}`) ?? {node: fromTemplate("day-template")};
    this.#drawn.set(`day ${day}`, drawn);
    const label = drawn.node.querySelector("time");
    const words = this.#words.times.day(message.ts, this.#clock.now());
    if (label.textContent !== words) {
      label.dateTime = day;
      label.textContent = words;
    }
    return drawn.node;
  }

  /** Make the list hold exactly these nodes; a node that stays in order is not touched, so a selection survives. */
  #arrange(nodes) {
    const wanted = new Set(nodes);
    [...this.#list.children].filter((node) => !wanted.has(node)).forEach((node) => node.remove());
    let next = this.#list.firstElementChild;
    for (const node of nodes) {
      if (node === next) {
        next = next.nextElementSibling;
      } else {
        this.#list.insertBefore(node, next);
      }
    }
    this.#forget(wanted);
  }

  #forget(wanted) {
    for (const [key, {node}] of this.#drawn) {
      if (!wanted.has(node)) {
        this.#drawn.delete(key);
      }
    }
  }
}
