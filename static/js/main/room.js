/** One room of the page: what is known of it, its parts on the page, and how one comes and goes. */

import {moved, pathOf} from "../lib/paths.js";
import {gettext} from "../lib/words.js";
import {LOGGED_OUT, SENT_AWAY} from "../net/closing.js";
import {Addresses} from "../state/addresses.js";
import {ConnectionBar} from "../ui/connection-bar.js";
import {Farewell} from "../ui/farewell.js";
import {PeoplePanel} from "../ui/people-panel.js";
import {readdress} from "../ui/readdress.js";
import {RoomHeader} from "../ui/room-header.js";
import {know, takeUp} from "./known.js";
import {LogPart} from "./log-part.js";
import {MessagePart} from "./message-part.js";
import {report} from "./reporting.js";
import {WritingPart} from "./writing-part.js";

/** See state/rooms.js for what a room can do. */
export class Room {
  #root;
  #found;
  #shared;
  #addresses;
  #known;
  #header;
  #farewell;
  #bar;
  #panel;
  #log;
  #messages;
  #writing;
  #ending = new AbortController();
  #isHere = false;
  #isOver = false;

  /**
   * Made of its part of a page (`root`) and of the `data` that came with it; nothing is shown or connected before `enter`. `list` is the
   * list of rooms as that page had it. `shared` is what all rooms of the document have in common: {store, clock, random, times, life,
   * attention, sidebar, stage, recents, notices, unread, marks, meet, forget}.
   */
  constructor({root, data: page, list = null}, shared) {
    this.#root = root;
    this.#found = list;
    this.#shared = shared;
    this.#addresses = new Addresses(page.urls);
    this.#known = know({page, addresses: this.#addresses, shared});
    this.#show(page.limits);
    this.#listen();
    takeUp(page, this.#known);
  }

  get slug() {
    return this.#known.place.room.slug;
  }

  get title() {
    return this.#known.place.room.title;
  }

  get kind() {
    return this.#known.place.room.kind;
  }

  get path() {
    return pathOf(this.slug);
  }

  get isOver() {
    return this.#isOver;
  }

  get isWaiting() {
    const {outbox, changes, reactions} = this.#known;
    return [outbox, changes, reactions].some(({waiting}) => waiting > 0);
  }

  enter() {
    const {stage, sidebar, recents, notices, unread, attention} = this.#shared;
    this.#isHere = true;
    stage.show(this.#root, this.title);
    sidebar.mark(this.slug, this.#found);
    recents.add(this.slug);
    notices.entered();
    unread.enter(this.slug);
    attention.entitle(this.#header.title);
    this.#bar.draw();
    this.#log.enter();
    this.#join();
    this.#panel.look();
  }

  /** What is written here still goes out; after that, nothing is heard of the room until one comes back. */
  async leave() {
    const {reading, draft, entries} = this.#known;
    this.#log.lookNow();
    this.#isHere = false;
    reading.leave();
    this.#log.leave();
    draft.flush();
    await entries.reload();
    this.#giveBack();
  }

  /** One was here all the time. */
  revisit() {
    this.#log.toNewest();
    this.focus();
  }

  focus() {
    this.#writing.focus();
    if (!this.#root.contains(document.activeElement)) {
      this.#root.focus();
    }
  }

  /** Bring a message into the middle. */
  show(id) {
    this.#log.show(id);
  }

  end() {
    this.#ending.abort();
    this.#known.socket.rest();
    this.#known.channel.close();
  }

  // What happens to the page

  draw() {
    this.#log.redraw();
  }

  drawLine() {
    this.#bar.draw();
  }

  /** It may be about to go. */
  flush() {
    this.#log.lookNow();
    this.#known.reading.flush();
    this.#known.draft.flush();
  }

  tell(state) {
    this.#known.session.send({type: "presence", state});
  }

  wake(how) {
    this.#known.session.wake(how);
    this.#log.look();
  }

  reload() {
    this.#known.entries.reload();
  }

  #show(limits) {
    const root = this.#root;
    const region = root.querySelector("#chat-log");
    const common = {root, limits, addresses: this.#addresses, shared: this.#shared, known: this.#known};
    const {place, people, members, outbox, session} = this.#known;
    this.#header = new RoomHeader({root, place});
    this.#farewell = new Farewell({root, page: document});
    this.#log = new LogPart({...common, region, isHere: () => this.#isHere, settle: () => this.#messages.settle()});
    this.#messages = new MessagePart({
      ...common,
      list: region.querySelector("[data-messages]"),
      nodeOf: (id) => this.#log.nodeOf(id),
      show: (id) => this.#log.show(id),
      answer: (id) => this.#writing.answer(id),
      done: () => this.#writing.focus(),
    });
    this.#writing = new WritingPart({...common, sent: () => this.#log.toNewest(), editLast: () => this.#messages.editLast()});
    this.#bar = new ConnectionBar({root, clock: this.#shared.clock, outbox, isOnline: () => navigator.onLine, connectNow: () => session.wake()});
    this.#panel = new PeoplePanel({root, people, members, mayLook: () => place.isInside, ending: this.#ending.signal});
  }

  #listen() {
    const {session, socket, place, people, reading, outbox, changes, reactions} = this.#known;
    const {sidebar, meet} = this.#shared;
    session.frames.on("hello", ({user}) => meet(user));
    session.frames.on("message", (frame) => this.#hear(frame));
    report({frames: session.frames, place, people, reading, notices: () => this.#shared.notices, isHere: () => this.#isHere});
    session.on("ready", () => this.#isHere && this.#shared.notices.greeted());
    socket.on("state", (state) => this.#bar.show(state));
    socket.on("state", ({code}) => SENT_AWAY.has(code) && this.#sendAway(code));
    place.on("moved", (from) => this.#move(from));
    place.on("change", () => this.#describe());
    people.on("me", () => sidebar.name(people.me));
    [outbox, changes, reactions].forEach((sender) => sender.on("change", () => this.#giveBack()));
  }

  /** Somebody has said something; a change is no news. */
  #hear({id, seq, user}) {
    const {people, reading} = this.#known;
    if (this.#isHere && id === seq && user.id !== people.me?.id) {
      this.#shared.attention.heard();
      if (document.hidden) {
        reading.missed(id);
      }
    }
  }

  /** The room has another slug. */
  #move(from) {
    const to = this.slug;
    this.#addresses.move(from, to);
    if (this.#isHere) {
      history.replaceState(history.state, "", moved(location.pathname, from, to) + location.search + location.hash);
      this.#shared.notices.entered();
    }
    this.#shared.sidebar.draw(this.#known.place.room, from);
    [document, this.#root].forEach((part) => readdress(part, from, to));
  }

  #describe() {
    this.#shared.sidebar.draw(this.#known.place.room);
    if (this.#isHere) {
      this.#shared.attention.entitle(this.#header.title);
    }
    this.#panel.look();
  }

  /** The server has closed the room to this person: nothing of it stays on the page. */
  #sendAway(code) {
    const logOut = code === LOGGED_OUT;
    this.#isOver = true;
    this.#farewell.show(code, {logOut, back: this.path});
    if (logOut) {
      this.#shared.attention.entitle(gettext("Chat"));
      this.#shared.forget();
    } else {
      this.#shared.sidebar.leave(this.slug);
    }
  }

  /** The line is still there where one comes back before all was sent. */
  #join() {
    const {socket, session} = this.#known;
    if (["closed", "resting"].includes(socket.state)) {
      socket.connect();
    } else {
      session.wake();
    }
  }

  /** One has left, and what was written here has gone out: the line is not needed any more. */
  #giveBack() {
    if (!this.#isHere && !this.isWaiting) {
      this.#known.socket.rest();
    }
  }
}
