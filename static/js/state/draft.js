/** What stands in the writing field of a room, kept over a reload; it belongs to one person in one life of the room. */

import {Emitter} from "../lib/emitter.js";

const TABLE = "drafts";
const SAVE_MS = 300;
const KEPT_MS = 90 * 24 * 3_600_000;

/**
 * Emits "found" with the text of an earlier page, "answers" with the message that it answers (or null), "sent" with the text that another tab
 * has sent, and "answered" when the message that it answered has had this answer, from here or from another tab.
 */
export class Draft extends Emitter {
  #store;
  #channel;
  #clock;
  #room;
  #key = null;
  #text = "";
  #replyTo = null;
  #saved = "";
  #timer = null;

  constructor({store, channel, clock, room}) {
    super();
    this.#store = store;
    this.#channel = channel;
    this.#clock = clock;
    this.#room = room;
    channel.listen(({type, text, reply_to: replyTo}) => type === "draft sent" && this.#gone(text, replyTo));
  }

  /** It is known who one is. What stands in the field stays there; an empty one gets what this person had left. */
  async become({user, epoch}) {
    const key = user === null || epoch === null ? null : `${this.#room} ${user} ${epoch}`;
    if (key === null || key === this.#key) {
      return;
    }
    this.#key = key;
    this.#saved = "";
    if (!this.#isEmpty) {
      this.flush();
    } else {
      await this.#find(key);
    }
  }

  /** The text in the field is another. */
  change(text) {
    this.#text = text;
    this.#timer ??= this.#clock.setTimeout(() => this.flush(), SAVE_MS);
  }

  /** It answers this message, or none (null). */
  answer(id) {
    this.#replyTo = id;
    this.#timer ??= this.#clock.setTimeout(() => this.flush(), SAVE_MS);
  }

  /** The text went out: the other tabs need not show it any longer. */
  sent(text) {
    const replyTo = this.#replyTo;
    this.#text = "";
    this.#replyTo = null;
    this.flush();
    this.#channel.post({type: "draft sent", text, reply_to: replyTo});
    this.emit("answered");
  }

  /** Save at once, for the page may be about to go. */
  flush() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#key !== null && this.#state !== this.#saved) {
      this.#saved = this.#state;
      this.#write(this.#isEmpty ? {remove: [this.#key]} : {put: [[this.#key, this.#draft()]]});
    }
  }

  /** Another tab has sent this. Whoever writes something else here goes on answering. */
  #gone(text, replyTo) {
    this.emit("sent", text);
    if (this.#text === "" && this.#replyTo !== null && this.#replyTo === replyTo) {
      this.emit("answered");
    }
  }

  get #isEmpty() {
    return this.#text === "" && this.#replyTo === null;
  }

  get #state() {
    return this.#isEmpty ? "" : `${this.#replyTo ?? ""} ${this.#text}`;
  }

  #draft() {
    return {key: this.#key, text: this.#text, reply_to: this.#replyTo, at: this.#clock.now()};
  }

  async #find(key) {
    const drafts = await this.#store.all(TABLE).catch(() => []);
    const draft = drafts.find((one) => one.key === key);
    if (draft && this.#key === key && this.#isEmpty && this.#timer === null) {
      this.#text = draft.text;
      this.#replyTo = draft.reply_to ?? null;
      this.#saved = this.#state;
      this.emit("found", draft.text);
      this.emit("answers", this.#replyTo);
    }
    const old = drafts.filter(({at}) => at < this.#clock.now() - KEPT_MS).map((one) => one.key);
    if (old.length > 0) {
      this.#write({remove: old});
    }
  }

  #write(changes) {
    this.#store.write(TABLE, changes).catch(() => {}); // Then it lives as long as the page.
  }
}
