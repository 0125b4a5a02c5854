/** How far one has read: told as it is shown, drawn as a line, and the same on all devices. */

import assert from "node:assert/strict";
import {test} from "node:test";

import {Log} from "../../static/js/state/log.js";
import {Marks} from "../../static/js/state/marks.js";
import {Reading, firstNew} from "../../static/js/state/reading.js";
import {Unread} from "../../static/js/state/unread.js";
import {FakeClock} from "./fakes.mjs";

function storage() {
  const kept = new Map();
  return {getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value)};
}

function room({marks = new Marks(storage), isOpen = () => true} = {}) {
  const clock = new FakeClock();
  const sent = [];
  const send = (frame) => isOpen() && Boolean(sent.push(frame));
  const reading = new Reading({clock, send, marks: marks.of(() => "lobby")});
  return {clock, sent, reading, ids: () => sent.map(({id}) => id)};
}

test("what was shown is told at once, then once a second, and never what is known", () => {
  const {clock, reading, ids} = room();
  reading.shown(3); // No hello has come.
  reading.greet(5);
  [4, 5, 6, 7, 8].forEach((id) => reading.shown(id));
  assert.deepEqual(ids(), [6]);
  clock.pass(1_000);
  assert.deepEqual(ids(), [6, 8]);
  clock.pass(10_000);
  reading.shown(7);
  assert.deepEqual(ids(), [6, 8]);
});

test("what could not be told goes out later, with the next hello at the latest", () => {
  let isOpen = false;
  const {clock, reading, ids} = room({isOpen: () => isOpen});
  reading.greet(0);
  reading.shown(4);
  isOpen = true;
  clock.pass(1_000);
  assert.deepEqual(ids(), [4]);
});

test("what another device has read is not told again, and only a step back moves it back", () => {
  const {reading, sent} = room();
  reading.greet(2);
  reading.hear({id: 9});
  reading.hear({id: 7});
  reading.shown(9);
  assert.deepEqual(sent, []);
  reading.hear({id: 4, back: true});
  assert.equal(reading.line, 4);
});

test("the line stands where one stopped until one leaves", () => {
  const {reading} = room();
  reading.greet(2);
  reading.shown(8);
  reading.greet(8); // The line broke and came back.
  assert.equal(reading.line, 2);
  reading.leave();
  assert.equal(reading.line, null);
  reading.greet(8);
  assert.equal(reading.line, 8);
});

test("leaving tells what was shown last", () => {
  const {reading, ids} = room();
  reading.greet(0);
  reading.shown(1);
  reading.shown(2);
  reading.leave();
  assert.deepEqual(ids(), [1, 2]);
});

test("unread from here is told, drawn, and holds until one leaves", () => {
  const {reading, sent} = room();
  let drawn = 0;
  reading.greet(9);
  reading.on("change", () => (drawn += 1));
  reading.back(4);
  reading.shown(9);
  assert.deepEqual(sent, [{type: "read", id: 4, back: true}]);
  assert.deepEqual([reading.line, drawn], [3, 1]);
  reading.leave();
  reading.greet(3);
  reading.shown(9);
  assert.deepEqual(sent.at(-1), {type: "read", id: 9});
});

test("the line is there after a reload, in the room of this tab only", () => {
  const kept = storage();
  const before = room({marks: new Marks(() => kept)});
  before.reading.greet(2);
  before.reading.shown(8);
  const after = room({marks: new Marks(() => kept)});
  after.reading.greet(8);
  assert.equal(after.reading.line, 2);
  assert.equal(new Marks(() => kept).of(() => "kitchen").get(), null);
  before.reading.leave();
  assert.equal(new Marks(() => kept).of(() => "lobby").get(), null);
});

test("a browser that forbids its storage draws the line anew", () => {
  const marks = new Marks(() => {
    throw new Error("forbidden");
  });
  const {reading} = room({marks});
  reading.greet(2);
  assert.equal(reading.line, 2);
});

test("the first new message is another's, and in sight", () => {
  const me = {id: 1};
  const message = (id, author, deleted = false) => ({id, seq: id, user: {id: author, name: ""}, deleted});
  const log = (more, ...messages) => new Log({epoch: "e", seq: 9, messages, more: {before: more, after: false}});
  const some = [message(3, 2), message(4, 1), message(5, 2, true), message(6, 2)];
  assert.equal(firstNew({line: 3, log: log(false, ...some), me}), 6);
  assert.equal(firstNew({line: 2, log: log(false, ...some), me}), 3);
  assert.equal(firstNew({line: 2, log: log(true, ...some), me}), null); // There may be others below.
  assert.equal(firstNew({line: 6, log: log(false, ...some), me}), null);
  assert.equal(firstNew({line: null, log: log(false, ...some), me}), null);
  assert.equal(firstNew({line: 0, log: log(false), me}), null);
});

test("the next unread room is found in both directions, around the end", () => {
  const unread = new Unread();
  const changed = [];
  unread.on("change", (slug) => changed.push(slug));
  const slugs = ["a", "b", "c", "d"];
  assert.equal(unread.next(slugs, "a", 1), null);
  unread.hear({slug: "b", unread: 2, mentions: 1});
  unread.hear({slug: "d", unread: 1, mentions: 0});
  const next = (current, step) => unread.next(slugs, current, step);
  assert.deepEqual([next("a", 1), next("b", 1), next("c", 1), next("d", 1)], ["b", "d", "d", "b"]);
  assert.deepEqual([next("a", -1), next("b", -1), next("c", -1), next("d", -1)], ["d", "d", "b", "b"]);
  assert.deepEqual([next("elsewhere", 1), next("elsewhere", -1)], ["b", "d"]);
  assert.equal(unread.next([], "a", 1), null);
  unread.enter("b");
  assert.deepEqual(unread.of("b"), {unread: 0, mentions: 0});
  unread.forget();
  assert.equal(next("a", 1), null);
  assert.deepEqual(changed, ["b", "d", "b", "b", "d"]);
});
