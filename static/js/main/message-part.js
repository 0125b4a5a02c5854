/** What stands on the messages of one room, and what one can do with each: edit, delete, react, answer, and more. */

import {offersFor} from "../state/offers.js";
import {Editor} from "../ui/editor.js";
import {EmojiPicker} from "../ui/emoji-picker.js";
import {listenToFailures} from "../ui/failures.js";
import {MessageActions} from "../ui/message-actions.js";
import {Quotes} from "../ui/quotes.js";
import {ReactionChips} from "../ui/reactions.js";
import {isTouch} from "../ui/writing.js";

export class MessagePart {
  #known;
  #limits;
  #clock;
  #editor;
  #chips;
  #actions;

  /** `nodeOf` and `show` are the log's; `answer` begins a reply to a message, `done` puts the focus back to where one writes. */
  constructor({root, list, limits, addresses, shared, known, nodeOf, show, answer, done}) {
    const {log, outbox, changes, reactions, reading} = known;
    this.#known = known;
    this.#limits = limits;
    this.#clock = shared.clock;
    this.#editor = new Editor({log, changes, limits, nodeOf, done});
    new Quotes({root, list, show});
    const picker = new EmojiPicker({pick: (id, emoji) => reactions.add(id, emoji), done});
    this.#chips = new ReactionChips({list, reactions, nodeOf, toggle: (id, emoji) => this.#offers(id).includes("react") && reactions.toggle(id, emoji)});
    this.#actions = new MessageActions({
      root,
      list,
      offers: (id) => this.#offers(id),
      lead: (offer, id) => addresses.one(offer, offer === "person" ? log.get(id).user.id : id),
      react: (id, node) => picker.open(id, node),
      answer,
      edit: (id) => this.#editor.open(id),
      copy: (id) => navigator.clipboard.writeText(log.get(id).message),
      remove: (id) => changes.remove(id),
      unread: (id) => reading.back(id),
      done,
    });
    listenToFailures({list, outbox, changes, retryChange: (id) => this.#retry(id)});
    changes.on("failed", (change) => this.#editor.reopen(change));
    known.place.on("change", () => this.settle());
  }

  /** The log was drawn, or rights have changed: look after what may still stand where. */
  settle() {
    const {place, session} = this.#known;
    this.#editor.settle();
    this.#actions.settle();
    this.#chips.allow(place.may("react") && session.can("react"));
  }

  /** Open one's last message for editing; returns whether there is one. */
  editLast() {
    const last = this.#known.log.messages.findLast(({id}) => this.#offers(id).includes("edit") || this.#editor.id === id);
    return Boolean(last) && this.#editor.open(last.id);
  }

  /** What there is to do with a message that is not being changed already. */
  #offers(id) {
    const {log, people, place, session, changes} = this.#known;
    const can = (type) => (type === "copy" ? isTouch() && Boolean(navigator.clipboard) : session.can(type));
    const isBusy = changes.of(id) !== null || this.#editor.id === id;
    const facts = {me: people.me, isInside: place.isInside, may: (right) => place.may(right), can, editSeconds: this.#limits.edit_seconds, now: this.#clock.now()};
    return isBusy ? [] : offersFor(log.get(id), facts);
  }

  #retry(id) {
    const {changes} = this.#known;
    if (changes.of(id)?.kind === "edit") {
      this.#editor.open(id);
    } else {
      changes.retry(id);
    }
  }
}
