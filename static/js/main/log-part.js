/** The log of one room as it is shown: its messages, its ends, the ways down, and what of it was really seen. */

import {CutMark} from "../ui/cut-mark.js";
import {Divider} from "../ui/divider.js";
import {Edges} from "../ui/edges.js";
import {Jump} from "../ui/jump.js";
import {LogView} from "../ui/log-view.js";
import {Scroller} from "../ui/scroller.js";
import {Sight} from "../ui/sight.js";

export class LogPart {
  #region;
  #known;
  #edges;
  #cut;
  #jump;
  #view;
  #sight;
  #settle;
  #scrolled = 0;

  /** `isHere` says whether the room is the one that is shown; `settle` is called after each drawing, for what stands on messages. */
  constructor({root, region, addresses, shared, known, isHere, settle}) {
    const {log, outbox, changes, people, pager, reading} = known;
    const scroller = new Scroller(region);
    this.#region = region;
    this.#known = known;
    this.#settle = settle;
    this.#edges = new Edges({region, scroller, log, pager});
    this.#cut = new CutMark({region, scroller, log, nodeOf: (id) => this.nodeOf(id)});
    this.#jump = new Jump({region: root, scroller, log, people, leave: () => pager.newest()});
    this.#view = new LogView({
      region,
      scroller,
      log,
      outbox,
      changes,
      people,
      divider: new Divider({reading, log, people}),
      clock: shared.clock,
      words: words({addresses, shared, known}),
      afterwards: () => this.#afterwards(),
    });
    this.#sight = new Sight({region, scroller, page: document, shown: (id) => isHere() && reading.shown(id)});
    this.#listen(isHere);
  }

  nodeOf(id) {
    return this.#view.nodeOf(id);
  }

  /** Bring a message into the middle; returns whether it is there. */
  show(id) {
    this.#view.focus(id);
    return this.#view.nodeOf(id) !== null;
  }

  toNewest() {
    this.#jump.go();
  }

  /** One comes to the room: all is as one left it, and drawn at once. */
  enter() {
    this.#region.scrollTop = this.#scrolled;
    this.#view.draw();
  }

  leave() {
    this.#scrolled = this.#region.scrollTop;
  }

  /** Have it drawn soon. */
  redraw() {
    this.#view.redraw();
  }

  look() {
    this.#sight.look();
  }

  lookNow() {
    this.#sight.lookNow();
  }

  #listen(isHere) {
    const {session, reading, pager, originals, reactions} = this.#known;
    session.on("ready", () => isHere() && this.#edges.fetch());
    session.on("ready", () => this.look());
    [reading, pager, originals].forEach((one) => one.on("change", () => this.redraw()));
    reactions.on("change", (id) => this.#view.refill(id));
  }

  #afterwards() {
    const {log, outbox} = this.#known;
    this.#edges.draw({isEmpty: log.first === null && outbox.entries.length === 0});
    this.#cut.draw();
    this.#jump.draw();
    this.#edges.fetch();
    this.#settle();
    this.look();
  }
}

/** What a message's node asks for beside the message: see LogView. */
function words({addresses, shared, known: {people, originals, reactions}}) {
  return {
    times: shared.times,
    permalink: (id) => addresses.one("permalink", id),
    original: (id) => originals.of(id),
    kinds: (message) => reactions.of(message),
    isForMe({user, mentions = [], mentions_here: isForAll = false, deleted}) {
      const me = people.me?.id;
      return !deleted && user.id !== me && (isForAll || mentions.includes(me));
    },
  };
}
