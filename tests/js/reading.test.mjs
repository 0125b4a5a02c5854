/** How far one has read: told as it is shown, drawn as a line, and the same on all devices. */

import assert from "node:assert/strict";
import {test} from "node:test";

import {Log} from "../../static/js/state/log.js";
import {Marks} from "../../static/js/state/marks.js";
import {offersFor} from "../../static/js/state/offers.js";
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

test("the page hears how far one reads on in it, not what is told by other devices", () => {
  const {reading} = room();
  const heard = [];
  reading.on("shown", (id) => heard.push(id));
  reading.shown(3); // No hello has come.
  reading.greet(3, 9);
  [4, 6, 5].forEach((id) => reading.shown(id));
  reading.hear({id: 8});
  reading.shown(7);
  assert.deepEqual(heard, [4, 6]);
});

test("what was shown is told at once, then once a second, and never what is known", () => {
  const {clock, reading, ids} = room();
  reading.shown(3); // No hello has come.
  reading.greet(5, 9);
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
  reading.greet(0, 9);
  reading.shown(4);
  isOpen = true;
  clock.pass(1_000);
  assert.deepEqual(ids(), [4]);
});

test("what was lost with the line is told again after the hello", () => {
  let isOpen = true;
  const {clock, reading, ids} = room({isOpen: () => isOpen});
  reading.greet(0, 9);
  reading.shown(3);
  isOpen = false;
  clock.pass(5_000);
  reading.greet(0, 9); // It had not arrived.
  isOpen = true;
  clock.pass(1_000);
  assert.deepEqual(ids(), [3, 3]);
});

test("what another device has read is not told again, and only a step back moves it back", () => {
  const {reading, sent} = room();
  reading.greet(2, 9);
  reading.hear({id: 9});
  reading.hear({id: 7});
  reading.shown(9);
  assert.deepEqual(sent, []);
  reading.hear({id: 4, back: true});
  assert.deepEqual(reading.line, {after: 4, upto: Infinity});
});

test("the line stands where one stopped until one leaves", () => {
  const {reading} = room();
  reading.greet(2, 9);
  reading.shown(8);
  reading.greet(8, 9); // The connection broke and came back.
  assert.deepEqual(reading.line, {after: 2, upto: 9});
  reading.leave();
  assert.equal(reading.line, null);
  reading.greet(8, 9);
  assert.deepEqual(reading.line, {after: 8, upto: 9});
});

test("what comes while one looks is not new, and what comes while nobody does is", () => {
  const {reading} = room();
  reading.greet(9, 9);
  reading.shown(10);
  reading.shown(11);
  assert.deepEqual(reading.line, {after: 9, upto: 9});
  reading.missed(12);
  reading.missed(13);
  assert.deepEqual(reading.line, {after: 11, upto: 12});
  reading.shown(13);
  reading.greet(13, 20); // The machine slept.
  assert.deepEqual(reading.line, {after: 13, upto: 20});
});

test("what was shown last is told at once where the page may go, and once only", () => {
  const {clock, reading, ids} = room();
  reading.flush(); // No hello has come.
  reading.greet(0, 3);
  [1, 2, 3].forEach((id) => reading.shown(id));
  reading.flush();
  reading.flush();
  clock.pass(10_000);
  assert.deepEqual(ids(), [1, 3]);
});

test("what was shown before one left is not new, though the server had not heard of it when one came back", () => {
  const {reading} = room();
  reading.greet(0, 3);
  reading.shown(3);
  reading.leave();
  reading.greet(2, 4);
  assert.deepEqual(reading.line, {after: 3, upto: 4});
});

test("leaving tells what was shown last", () => {
  const {reading, ids} = room();
  reading.greet(0, 2);
  reading.shown(1);
  reading.shown(2);
  reading.leave();
  assert.deepEqual(ids(), [1, 2]);
});

test("unread from here is told, drawn, and holds until one leaves", () => {
  const {reading, sent} = room();
  let drawn = 0;
  reading.greet(9, 9);
  reading.on("change", () => (drawn += 1));
  reading.back(4);
  reading.shown(9);
  assert.deepEqual(sent, [{type: "read", id: 4, back: true}]);
  assert.deepEqual([reading.line, drawn], [{after: 3, upto: Infinity}, 1]);
  reading.greet(3, 9); // The connection broke and came back.
  reading.shown(9);
  assert.equal(sent.length, 1);
  reading.leave();
  reading.greet(3, 9);
  reading.shown(9);
  assert.deepEqual(sent.at(-1), {type: "read", id: 9});
});

test("unread from here has what stands above read, whether or not that was told", () => {
  const {reading, sent} = room();
  reading.greet(0, 9);
  reading.back(5); // At once, before anything of it was seen to be shown.
  reading.back(8);
  reading.back(3);
  const back = (id) => ({type: "read", id, back: true});
  assert.deepEqual(sent, [{type: "read", id: 4}, back(5), {type: "read", id: 7}, back(8), back(3)]);
  assert.deepEqual(reading.line, {after: 2, upto: Infinity});
});

test("unread from here is for those who belong to the room, a direct one too", () => {
  const message = {id: 1, user: {id: 2}, ts: "2026-11-20T10:00:00Z", edited: null, deleted: false};
  const offers = (isInside, can) => offersFor(message, {me: {id: 1}, isInside, may: () => false, can, now: 0});
  assert.deepEqual(offers(true, (type) => type === "read"), ["unread"]);
  assert.deepEqual(offers(false, (type) => type === "read"), []);
  assert.deepEqual(offers(true, () => false), []);
});

test("the line is there after a reload, in the room of this tab only", () => {
  const kept = storage();
  const before = room({marks: new Marks(() => kept)});
  before.reading.greet(2, 8);
  before.reading.shown(8);
  const after = room({marks: new Marks(() => kept)});
  after.reading.greet(8, 9);
  assert.deepEqual(after.reading.line, {after: 2, upto: 8});
  before.reading.back(5);
  const again = room({marks: new Marks(() => kept)});
  again.reading.greet(4, 9);
  assert.deepEqual(again.reading.line, {after: 4, upto: Infinity});
  assert.equal(new Marks(() => kept).of(() => "kitchen").get(), null);
  before.reading.leave();
  assert.equal(new Marks(() => kept).of(() => "lobby").get(), null);
});

test("a browser that forbids its storage draws the line anew", () => {
  const marks = new Marks(() => {
    throw new Error("forbidden");
  });
  const {reading} = room({marks});
  reading.greet(2, 9);
  assert.deepEqual(reading.line, {after: 2, upto: 9});
});

test("the first new message is another's, and in sight", () => {
  const me = {id: 1};
  const message = (id, author, deleted = false) => ({id, seq: id, user: {id: author, name: ""}, deleted});
  const log = (more, ...messages) => new Log({epoch: "e", seq: 9, messages, more: {before: more, after: false}});
  const some = [message(3, 2), message(4, 1), message(5, 2, true), message(6, 2)];
  assert.equal(firstNew({line: {after: 3, upto: Infinity}, log: log(false, ...some), me}), 6);
  assert.equal(firstNew({line: {after: 2, upto: Infinity}, log: log(false, ...some), me}), 3);
  assert.equal(firstNew({line: {after: 2, upto: Infinity}, log: log(true, ...some), me}), null); // There may be others below.
  assert.equal(firstNew({line: {after: 6, upto: Infinity}, log: log(false, ...some), me}), null);
  assert.equal(firstNew({line: {after: 3, upto: 5}, log: log(false, ...some), me}), null); // What came later is seen as it comes.
  assert.equal(firstNew({line: null, log: log(false, ...some), me}), null);
  assert.equal(firstNew({line: {after: 0, upto: Infinity}, log: log(false), me}), null);
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
