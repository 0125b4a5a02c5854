import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {Emitter} from "../../static/js/lib/emitter.js";
import {report} from "../../static/js/main/reporting.js";
import {Hold, isHeld} from "../../static/js/state/hold.js";
import {NoticeChoice} from "../../static/js/state/notice-choice.js";
import {Notices} from "../../static/js/state/notices.js";
import {People} from "../../static/js/state/people.js";
import {Place} from "../../static/js/state/place.js";
import {FakeClock, settle} from "./fakes.mjs";

const ME = {id: 7, name: "Ana"};
const LOBBY = {slug: "lobby", title: "Lobby", kind: "public"};
const DEV = {slug: "dev", title: "Dev", kind: "public"};
const DIRECT = {slug: "~b2", title: "Bo", kind: "direct"};

let choice;
let clock;
let kept;
let notices;
let told;
let watch;

beforeEach(() => {
  clock = new FakeClock();
  kept = new Map();
  choice = new NoticeChoice(() => ({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  }));
  choice.change({level: "all"});
  told = [];
  watch = {speaksFor: () => true, leads: true, open: new Set(), looked: new Set()};
  watch.isOpen = async (slug) => watch.open.has(slug);
  watch.isLookedAt = async (slug) => watch.looked.has(slug);
  notices = new Notices({clock, choice, watch, tell: (notice) => told.push(notice)});
  clock.pass(60_000);
});

function message(id, more = {}) {
  return {id, seq: id, user: {id: 8, name: "Bo"}, message: `words ${id}`, mentions: [], deleted: false, ...more};
}

async function later(milliseconds = 1_500) {
  clock.pass(milliseconds);
  await settle();
}

function words() {
  return told.map(({room, text, count}) => `${room.slug} ${text ?? count}`);
}

test("what is said while nobody looks is told of, after a moment", async () => {
  notices.said(LOBBY, message(1), ME);
  await later(1_499);
  assert.deepEqual(told, []);
  await later(1);
  assert.deepEqual(words(), ["lobby words 1"]);
  assert.equal(told[0].author, "Bo");
});

test("what comes within a moment is told of in one, with the last words", async () => {
  [1, 2, 3].forEach((id) => notices.said(LOBBY, message(id), ME));
  await later();
  assert.deepEqual(words(), ["lobby words 3"]);
  assert.equal(told[0].count, 3);
});

test("nothing is told of one's own words, of what is looked at, or by a tab that does not speak for the room", async () => {
  notices.said(LOBBY, message(1, {user: ME}), ME);
  watch.looked.add("lobby");
  notices.said(LOBBY, message(2), ME);
  await later();
  watch.looked.clear();
  watch.speaksFor = () => false;
  notices.said(LOBBY, message(3), ME);
  await later();
  assert.deepEqual(told, []);
});

test("what was read on another device meanwhile is not told of", async () => {
  notices.said(LOBBY, message(5), ME);
  notices.read("lobby", 4);
  notices.read("lobby", 5);
  await later();
  assert.deepEqual(told, []);
  notices.said(LOBBY, message(6), ME);
  notices.read("lobby", 5);
  await later();
  assert.deepEqual(words(), ["lobby words 6"]);
});

test("what was read on another device before it came here is not told of", async () => {
  notices.read("lobby", 6);
  [5, 6].forEach((id) => notices.said(LOBBY, message(id), ME));
  notices.said(DEV, message(4), ME);
  await later();
  assert.deepEqual(words(), ["dev words 4"]);
  notices.said(LOBBY, message(7), ME);
  await later();
  assert.deepEqual(words(), ["dev words 4", "lobby words 7"]);
});

/** A room's frames on their way to the notices; `heard` is what comes of them. */
function reporting({may = ["leave"], isHere = () => true} = {}) {
  const frames = new Emitter();
  const reading = new Emitter();
  const heard = [];
  const sink = {
    said: (messages, me) => heard.push(["said", messages.map(({id}) => id), me.id]),
    unread: ({slug}) => heard.push(["unread", slug]),
    read: (id) => heard.push(["read", id]),
  };
  report({frames, place: new Place({...LOBBY, may}), people: new People({me: ME}), reading, notices: () => sink, isHere});
  return {frames, reading, heard};
}

test("a hello tells how far one has read before the catch-up tells what was said", () => {
  const {frames, heard} = reporting();
  frames.emit("hello", {read: 5});
  frames.emit("sync", {complete: true, messages: [message(5), message(3, {seq: 6}), message(7)]});
  frames.emit("message", message(8));
  frames.emit("read", {id: 8});
  frames.emit("unread", {slug: "dev"});
  assert.deepEqual(heard, [["read", 5], ["said", [5, 7], 7], ["said", [8], 7], ["read", 8], ["unread", "dev"]]);
});

test("what one has seen here is read, whoever leaves a moment later", () => {
  const {frames, reading, heard} = reporting();
  frames.emit("message", message(8));
  reading.emit("shown", 8);
  assert.deepEqual(heard, [["said", [8], 7], ["read", 8]]);
  const left = reporting({isHere: () => false});
  left.reading.emit("shown", 8);
  assert.deepEqual(left.heard, []);
});

test("a log that begins anew is no news, nor is the hello of who does not belong there, nor a room that is not shown", () => {
  const guest = reporting({may: ["send"]});
  guest.frames.emit("hello", {read: 9});
  guest.frames.emit("sync", {complete: false, messages: [message(9)]});
  assert.deepEqual(guest.heard, []);
  const left = reporting({isHere: () => false});
  left.frames.emit("hello", {read: 9});
  left.frames.emit("message", message(10));
  assert.deepEqual(left.heard, []);
});

test("the counts that follow a hello are no news; what rises after them is, and what was read meanwhile is not", async () => {
  notices.greeted();
  notices.unread(DEV, {unread: 4, mentions: 1});
  await later(5_000);
  assert.deepEqual(told, []);
  notices.unread(DEV, {unread: 6, mentions: 1});
  await later();
  assert.deepEqual(words(), ["dev 6"]);
  notices.unread(DEV, {unread: 7, mentions: 1});
  notices.unread(DEV, {unread: 0, mentions: 0});
  await later();
  notices.unread(DEV, {unread: 0, mentions: 0});
  await later();
  assert.equal(told.length, 1);
});

test("a room that one has just come to belong to is news", async () => {
  notices.greeted();
  await later(5_000);
  notices.unread(DIRECT, {unread: 1, mentions: 0});
  await later();
  assert.deepEqual(words(), ["~b2 1"]);
});

test("of rooms that no tab has open one tab tells, the leader", async () => {
  watch.leads = false;
  notices.unread(DEV, {unread: 1, mentions: 0});
  await later();
  watch.leads = true;
  watch.open.add("dev");
  notices.unread(DEV, {unread: 2, mentions: 0});
  await later();
  assert.deepEqual(told, []);
  watch.open.clear();
  notices.unread(DEV, {unread: 3, mentions: 0});
  await later();
  assert.deepEqual(words(), ["dev 3"]);
});

test("a room that one enters is told of no more", async () => {
  notices.unread(DEV, {unread: 1, mentions: 0});
  notices.entered(DEV);
  await later();
  assert.deepEqual(told, []);
});

test("one chooses what to be told of, for all rooms and for each", async () => {
  const wanted = (level, own) => {
    choice.change({level, rooms: own ? {lobby: own, "~b2": own} : {}});
    const ask = (room, isMention) => choice.admits({...room, isMention});
    return [ask(LOBBY, false), ask(LOBBY, true), ask(DIRECT, false)].map(Number).join("");
  };
  assert.deepEqual([wanted("mentions"), wanted("direct"), wanted("all")], ["010", "011", "111"]);
  assert.ok(!choice.admits({...LOBBY, level: "none", isMention: true}), "what one wants on all devices");
  choice.changeRoom("lobby", "all");
  assert.ok(choice.admits({...LOBBY, level: "none", isMention: false}), "this device may be another");
  assert.deepEqual([wanted("all", "none"), wanted("all", "mentions"), wanted("mentions", "all")], ["000", "010", "111"]);
});

test("a mention counts for all that came in the same moment", async () => {
  choice.change({level: "mentions"});
  notices.said(LOBBY, message(1, {mentions: [7]}), ME);
  notices.said(LOBBY, message(2), ME);
  await later();
  assert.deepEqual(words(), ["lobby words 2"]);
  notices.said(LOBBY, message(3, {mentions_here: true}), ME);
  await later();
  notices.said(LOBBY, message(4, {mentions: [9]}), ME);
  await later();
  notices.unread(DEV, {unread: 1, mentions: 0});
  await later();
  notices.unread(DEV, {unread: 2, mentions: 1});
  await later();
  assert.deepEqual(words().slice(1), ["lobby words 3", "dev 2"]);
});

test("a choice is kept for all tabs, and what no page of ours wrote is none", () => {
  choice.changeRoom("lobby", "none");
  assert.deepEqual(choice.now, {shown: false, sound: false, level: "all", rooms: {lobby: "none"}});
  choice.changeRoom("lobby", null);
  assert.deepEqual(choice.now.rooms, {});
  for (const broken of ["", "[]", "null", '{"level":"loud","shown":1,"rooms":{"a":"x"}}']) {
    kept.set("notices", broken);
    assert.deepEqual(choice.now, {shown: false, sound: false, level: "direct", rooms: {}});
  }
  choice.forget();
  assert.equal(kept.size, 0);
});

/** A LockManager of one browser, as far as it is used here. */
class FakeLocks {
  #held = [];
  #queue = [];

  request(name, {mode, signal}, work) {
    return new Promise((resolve, reject) => {
      const wish = {name, mode, work, resolve};
      this.#queue.push(wish);
      signal.addEventListener("abort", () => {
        this.#queue = this.#queue.filter((one) => one !== wish);
        reject(new DOMException("aborted", "AbortError"));
      });
      this.#serve();
    });
  }

  async query() {
    return {held: this.#held.map(({name}) => ({name}))};
  }

  #serve() {
    for (const wish of this.#queue.filter((one) => this.#isFree(one))) {
      this.#queue = this.#queue.filter((one) => one !== wish);
      this.#held.push(wish);
      Promise.resolve(wish.work()).then((value) => {
        this.#held = this.#held.filter((one) => one !== wish);
        wish.resolve(value);
        this.#serve();
      });
    }
  }

  #isFree({name, mode}) {
    const others = this.#held.filter((one) => one.name === name);
    return others.length === 0 || (mode === "shared" && others.every((one) => one.mode === "shared"));
  }
}

test("one tab of several speaks, and the next one when it goes", async () => {
  const locks = new FakeLocks();
  const [one, other] = [new Hold({locks}), new Hold({locks})];
  one.take("room lobby");
  other.take("room lobby");
  await settle();
  assert.deepEqual([one.isMine, other.isMine], [true, false]);
  assert.ok(await isHeld(locks, "room lobby"));
  one.take("room dev");
  await settle();
  assert.deepEqual([one.isMine, other.isMine], [true, true]);
  other.leave();
  await settle();
  assert.ok(!(await isHeld(locks, "room lobby")));
  assert.ok(await isHeld(locks, "room dev"));
});

test("several may look at one room, and one that only waited leaves without a trace", async () => {
  const locks = new FakeLocks();
  const [one, other, third] = [1, 2, 3].map(() => new Hold({locks}));
  one.take("look lobby", {mode: "shared"});
  other.take("look lobby", {mode: "shared"});
  third.take("look lobby");
  await settle();
  assert.deepEqual([one.isMine, other.isMine, third.isMine], [true, true, false]);
  third.leave();
  one.leave();
  other.leave();
  await settle();
  assert.ok(!(await isHeld(locks, "look lobby")));
});

test("where the browser has no locks, each tab tells by itself", async () => {
  const hold = new Hold({});
  assert.ok(!hold.isMine);
  hold.take("notices");
  assert.ok(hold.isMine);
  assert.equal(await isHeld(undefined, "notices"), false);
});
