/** Where one writes in a room: the field, what it answers, whom it may name, whether it is one's turn, and who else is writing. */

import {rename} from "../net/names.js";
import {Mentions} from "../state/mentions.js";
import {Composer} from "../ui/composer.js";
import {MentionList} from "../ui/mention-list.js";
import {OwnName} from "../ui/own-name.js";
import {ReplyBar} from "../ui/reply-bar.js";
import {TypingLine} from "../ui/typing-line.js";
import {Voice} from "../ui/voice.js";
import {isTouch} from "../ui/writing.js";

export class WritingPart {
  #known;
  #composer;
  #reply;
  #sent;

  /** `sent` hears that something was said; `editLast` says whether it could. */
  constructor({root, limits, addresses, shared, known, sent, editLast}) {
    const {place, pace, session, people, members, draft, typing, typists, originals} = known;
    const {clock, times} = shared;
    const area = root.querySelector("[data-composer]");
    this.#known = known;
    this.#sent = sent;
    const voice = new Voice({root: area, place, pace, times, clock, ask: () => session.wake({doubt: true})});
    this.#composer = new Composer({root: area, limits, draft, typing, canSend: () => voice.isFree, send: (text) => this.#send(text), editLast});
    new MentionList({root: area, mentions: new Mentions({people, members, mayLook: () => place.isInside})});
    this.#reply = new ReplyBar({root: area, originals, changed: (id) => draft.answer(id)});
    new TypingLine({root: area, typists, clock});
    new OwnName({root: root.querySelector("[data-own-name-area]"), people, limit: limits.name, rename: (form) => rename(addresses.of("name"), form)});
    draft.on("answers", (id) => id !== null && this.#reply.id === null && this.#reply.answer(id));
    draft.on("answered", () => this.#reply.answer(null));
    originals.on("change", () => this.#reply.draw());
  }

  /** Put the focus there; not on a phone, whose keyboard would come up. */
  focus() {
    if (!isTouch()) {
      this.#composer.focus();
    }
  }

  /** What is written answers this message from now on. */
  answer(id) {
    this.#reply.answer(id);
    this.#composer.focus();
  }

  #send(text) {
    const {outbox, session} = this.#known;
    outbox.add(text, session.can("reply") ? this.#reply.id : null);
    this.#sent();
  }
}
