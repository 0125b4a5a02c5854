/** A room's server and a browser with several tabs, in virtual time, with everything that can go wrong in between. */

import {converse} from "../../static/js/main/conversation.js";
import {Session} from "../../static/js/net/session.js";
import {Socket} from "../../static/js/net/socket.js";
import {Changes} from "../../static/js/state/changes.js";
import {Draft} from "../../static/js/state/draft.js";
import {Entries} from "../../static/js/state/entries.js";
import {Life} from "../../static/js/state/life.js";
import {Log} from "../../static/js/state/log.js";
import {Members} from "../../static/js/state/members.js";
import {Outbox} from "../../static/js/state/outbox.js";
import {Pace} from "../../static/js/state/pace.js";
import {Pager} from "../../static/js/state/pager.js";
import {People} from "../../static/js/state/people.js";
import {Place} from "../../static/js/state/place.js";
import {Reading} from "../../static/js/state/reading.js";
import {Reactions} from "../../static/js/state/reactions.js";
import {Turn} from "../../static/js/state/turn.js";
import {Typists} from "../../static/js/state/typists.js";
import {Unread} from "../../static/js/state/unread.js";
import {FakeChannels, FakeClock, FakeLocks, FakeStore, settle} from "./fakes.mjs";

const ROOM = {slug: "lobby", title: "Lobby", topic: "", kind: "public", may: ["send", "edit", "delete"]};
const PAGE = 6;
const SYNC = 10; // Above it the log starts anew.
const LATENCY_MS = 300;
const FEATURES = ["history", "presence", "typing", "edit", "delete"];

/** The promises of the protocol, kept by a server of forty lines; `trouble` makes it refuse and lose now and then. */
export class Room {
  epoch = "k1";
  seq = 0;
  isUp = true;
  trouble = true;
  lines = new Set();
  messages = new Map();
  #byClient = new Map();
  #refused = new Set();

  constructor({random}) {
    this.random = random;
  }

  get log() {
    return [...this.messages.values()].sort((one, other) => one.id - other.id);
  }

  post(user, text, clientId = `other ${this.seq}`) {
    const key = `${user.id} ${clientId}`;
    if (!this.#byClient.has(key)) {
      const id = this.seq + 1;
      this.#byClient.set(key, id);
      this.#commit({type: "message", id, user, message: text, html: text, client_id: clientId, ts: "2026-11-20T10:00:00Z", deleted: false, reactions: []});
    }
    return this.#byClient.get(key);
  }

  change(user, id, change) {
    const message = this.messages.get(id);
    if (!message || (message.deleted && !change.deleted)) {
      return null;
    }
    if (Object.keys(change).some((key) => message[key] !== change[key])) {
      this.#commit({...message, ...change, ...(change.deleted ? {message: "", html: ""} : {})});
    }
    return this.messages.get(id).seq;
  }

  #commit(message) {
    this.seq += 1;
    const state = {...message, seq: this.seq};
    this.messages.set(state.id, state);
    this.lines.forEach((line) => line.tell(state));
  }

  /** Answer a client's frame. */
  hear(line, frame) {
    this[frame.type]?.(line, frame);
  }

  hello(line, {since, epoch}) {
    const changed = this.log.filter(({seq}) => seq > since).sort((one, other) => one.seq - other.seq);
    const complete = since !== undefined && epoch === this.epoch && since <= this.seq && changed.length <= SYNC;
    const messages = complete ? changed : this.log.slice(-PAGE);
    const half = Math.floor(messages.length / 2);
    const part = (more) => ({type: "sync", complete, messages: more ? messages.slice(0, half) : messages.slice(half), more});
    line.say({type: "hello", user: line.user, room: ROOM, epoch: this.epoch, seq: this.seq, features: FEATURES});
    if (half > 0) {
      line.say({...part(true), seq: complete ? messages[half - 1].seq : this.seq});
    }
    line.say({...part(false), seq: this.seq});
    this.lines.add(line);
  }

  send(line, {client_id, message}) {
    const chance = this.trouble ? this.random() : 1;
    if (chance < 0.05) {
      line.say({type: "error", code: "rate_limited", temporary: true, retry_after: 1, client_id, message: "Slowly."});
    } else if (this.#refuses(`${line.user.id} ${client_id}`, chance < 0.07)) {
      line.say({type: "error", code: "forbidden", client_id, message: "No."});
    } else {
      const id = this.post(line.user, message, client_id);
      if (chance < 0.12) {
        line.say({type: "error", code: "unavailable", temporary: true, client_id, message: "Who knows."});
      } else if (chance > 0.17 || chance < 0.15) {
        line.say({type: "ack", client_id, id});
      }
      if (chance < 0.15) {
        line.say({type: "ack", client_id, id});
      }
    }
  }

  /** A refusal for good is one: it does not depend on when one asks. */
  #refuses(key, now) {
    if (now && !this.#byClient.has(key)) {
      this.#refused.add(key);
    }
    return this.#refused.has(key);
  }

  edit(line, {ref, id, message}) {
    this.#done(line, ref, () => this.change(line.user, id, {message, html: message, edited: "now"}));
  }

  delete(line, {ref, id}) {
    this.#done(line, ref, () => this.change(line.user, id, {deleted: true}));
  }

  #done(line, ref, work) {
    const chance = this.trouble ? this.random() : 1;
    const seq = chance < 0.1 ? null : work();
    if (chance < 0.2) {
      line.say({type: "error", code: "unavailable", temporary: true, ref, message: "Who knows."});
    } else {
      line.say(seq === null ? {type: "error", code: "not_found", ref, message: "Gone."} : {type: "done", ref, seq});
    }
  }

  history(line, {ref, before, after, limit}) {
    const all = this.log;
    const fitting = before === undefined ? all.filter(({id}) => id > after).slice(0, limit) : all.filter(({id}) => id < before).slice(-limit);
    const more = {before: fitting.length > 0 && all[0].id < fitting[0].id, after: fitting.length > 0 && all.at(-1).id > fitting.at(-1).id};
    line.say({type: "history", ref, messages: fitting, more});
  }
}

/** A WebSocket to the room; what is under way when it is cut arrives never, in either direction. */
class Line {
  #room;
  #clock;
  #isCut = false;
  #last = {up: 0, down: 0};

  constructor({room, clock, user}) {
    this.#room = room;
    this.#clock = clock;
    this.user = user;
    this.#later("down", () => (room.isUp ? this.onopen?.() : this.cut()));
  }

  send(data) {
    this.#later("up", () => this.#room.hear(this, JSON.parse(data)));
  }

  close() {
    this.#isCut = true;
    this.#room.lines.delete(this);
  }

  say(frame) {
    const data = JSON.stringify(frame);
    this.#later("down", () => this.onmessage?.({data}));
  }

  tell(frame) {
    this.say(frame);
  }

  /** The network breaks; the client may hear of it, or only of silence. */
  cut({silently = false} = {}) {
    this.close();
    if (!silently) {
      this.onclose?.({code: 1006});
    }
  }

  /** In order, each way. */
  #later(way, work) {
    const due = Math.max(this.#last[way], this.#clock.now() + this.#room.random() * LATENCY_MS);
    this.#last[way] = due;
    this.#clock.setTimeout(() => this.#isCut || work(), due - this.#clock.now());
  }
}

/** A tab: the whole client but its page. Once dead nothing of it runs; frozen, all of it waits. */
export class Tab {
  isFrozen = false;
  isDead = false;
  line = null;
  #waiting = [];
  #held = new Set();

  constructor(world) {
    const {clock, random, room, store} = world;
    const mine = this.#clock(clock);
    const page = room.log.slice(-PAGE);
    const channel = this.#channel(world.channels.open());
    const fill = (bytes) => bytes.map(() => Math.floor(random() * 256));
    const kept = {all: (...how) => this.#gate(store.all(...how)), write: (...how) => this.#gate(store.write(...how))};
    this.world = world;
    this.log = new Log({epoch: room.epoch, seq: room.seq, messages: page, more: {before: room.log.length > PAGE, after: false}, pageSize: PAGE});
    this.people = new People({me: world.person});
    this.place = new Place(ROOM);
    this.members = new Members({fetch: async () => null, clock: mine});
    this.pace = new Pace({clock: mine, slow: () => this.place.slow});
    this.socket = new Socket({make: () => this.#connect(), clock: mine, random});
    this.session = new Session({socket: this.socket, position: () => this.log.position, clock: mine});
    this.entries = new Entries({store: kept, channel, room: "lobby"});
    this.turn = new Turn({locks: this.#locks(world.locks), channel, clock: mine});
    this.outbox = new Outbox({send: (frame) => this.session.send(frame), clock: mine, random, fill, entries: this.entries, turn: this.turn});
    this.changes = new Changes({log: this.log, ask: (frame) => this.session.ask(frame), store: kept, clock: mine, random});
    this.draft = new Draft({store: kept, channel, clock: mine, room: "lobby"});
    this.pager = new Pager({log: this.log, clock: mine, limit: PAGE, canAsk: () => this.session.isReady, ask: (frame) => this.session.ask(frame)});
    this.typists = new Typists({clock: mine, shownSeconds: 6});
    this.life = new Life({channel, clock: mine, idleSeconds: 300});
    this.reading = new Reading({clock: mine, send: () => false, marks: {get: () => null, set: () => {}, clear: () => {}}});
    this.unread = new Unread();
    this.reactions = new Reactions({log: this.log, people: this.people, ask: (frame) => this.session.ask(frame), clock: mine, random});
    converse(this);
    this.outbox.become({user: world.person.id, guest: world.person.guest, epoch: room.epoch});
    this.log.messages.forEach((message) => this.outbox.arrived(message));
    this.entries.reload();
    this.socket.connect();
  }

  kill() {
    this.isDead = true;
    this.line?.close();
    this.#held.forEach((release) => release());
  }

  thaw() {
    this.isFrozen = false;
    this.#waiting.splice(0).forEach((work) => this.#run(work));
  }

  #run(work) {
    if (this.isFrozen) {
      this.#waiting.push(work);
    } else if (!this.isDead) {
      work();
    }
  }

  #gate(promise) {
    return new Promise((resolve, reject) => {
      promise.then((value) => this.#run(() => resolve(value)), (error) => this.#run(() => reject(error)));
    });
  }

  #clock(clock) {
    return {...bound(clock), setTimeout: (callback, delay) => clock.setTimeout(() => this.#run(callback), delay)};
  }

  #channel({listen, post}) {
    return {listen: (listener) => listen((news) => this.#run(() => listener(news))), post: (news) => this.isDead || post(news)};
  }

  /** The browser frees what a dead tab holds, and forgets what it waits for. */
  #locks(locks) {
    const request = (name, {signal, steal}, callback) => {
      const wish = new AbortController();
      signal?.addEventListener("abort", () => wish.abort());
      this.#held.add(() => wish.abort());
      const granted = () => new Promise((resolve) => {
        this.#held.add(resolve);
        this.#run(async () => resolve(await callback()));
      });
      return this.#gate(locks.request(name, steal ? {steal} : {signal: wish.signal}, () => (this.isDead ? null : granted())));
    };
    return {request};
  }

  #connect() {
    const line = new Line({room: this.world.room, clock: this.world.clock, user: this.world.person});
    const shell = {send: (data) => line.send(data), close: () => line.close()};
    line.onopen = () => this.#run(() => shell.onopen?.());
    line.onmessage = (event) => this.#run(() => shell.onmessage?.(event));
    line.onclose = (event) => this.#run(() => shell.onclose?.(event));
    this.line = line;
    return shell;
  }
}

export class World {
  clock = new FakeClock();
  store = new FakeStore();
  locks = new FakeLocks();
  channels = new FakeChannels();
  person = {id: 7, name: "Ana", guest: true};
  tabs = [];

  constructor({random}) {
    this.random = random;
    this.room = new Room({random});
  }

  open() {
    this.tabs.push(new Tab(this));
  }

  async pass(milliseconds, step = 250) {
    for (let rest = milliseconds; rest > 0; rest -= step) {
      this.clock.pass(Math.min(step, rest));
      await settle(3);
    }
  }

  /** All is well again, for as long as it takes. */
  async calm() {
    this.room.isUp = true;
    this.room.trouble = false;
    this.tabs.forEach((tab) => tab.thaw());
    this.open();
    for (let minute = 0; minute < 4; minute += 1) {
      await this.pass(40_000, 1_000);
      this.room.lines.forEach((line) => line.say({type: "tick", seq: this.room.seq}));
    }
    await settle(50);
  }
}

function bound(clock) {
  return {now: () => clock.now(), steady: () => clock.steady(), clearTimeout: (timer) => clock.clearTimeout(timer)};
}
