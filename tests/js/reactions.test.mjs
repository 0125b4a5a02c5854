import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {findEmoji, GROUPS, QUICK} from "../../static/js/lib/emoji.js";
import {Log} from "../../static/js/state/log.js";
import {Reactions} from "../../static/js/state/reactions.js";
import {FakeClock, message, messages, settle} from "./fakes.mjs";

const ANA = {id: 7, name: "Ana"};
const BO = {id: 8, name: "Bo"};

let asked;
let clock;
let log;
let reactions;

beforeEach(() => {
  asked = [];
  clock = new FakeClock();
  log = new Log({epoch: "k3", seq: 20, messages: messages(11, 20)});
  const ask = (frame) => new Promise((resolve, reject) => asked.push({frame, resolve, reject}));
  reactions = new Reactions({log, people: {me: ANA}, ask, clock, random: () => 1});
  reactions.open();
});

function hear(id, seq, ...kinds) {
  log.receive(message(id, {seq, reactions: kinds.map(([emoji, ...users]) => ({emoji, count: users.length, users}))}));
}

function shown(id) {
  return reactions.of(log.get(id)).map(({emoji, count, isOwn}) => `${emoji} ${count}${isOwn ? " own" : ""}`);
}

async function answer(how, index = asked.length - 1) {
  asked[index][how.seq ? "resolve" : "reject"](how);
  await settle();
}

test("one's own shows at once, goes out, and gives way to what the log says", async () => {
  reactions.toggle(15, "👍");
  assert.deepEqual(shown(15), ["👍 1 own"]);
  assert.deepEqual(asked[0].frame, {type: "react", id: 15, emoji: "👍", op: "add"});
  await answer({seq: 21});
  assert.deepEqual(shown(15), ["👍 1 own"]);
  hear(15, 21, ["👍", BO, ANA]);
  assert.deepEqual(shown(15), ["👍 2 own"]);
  assert.equal(reactions.waiting, 0);
});

test("with others it counts one more, and one less when it is taken away", async () => {
  hear(15, 21, ["👍", BO]);
  reactions.toggle(15, "👍");
  assert.deepEqual(shown(15), ["👍 2 own"]);
  hear(15, 22, ["👍", BO, ANA]);
  assert.deepEqual(shown(15), ["👍 2 own"]);
  await answer({seq: 22});
  reactions.toggle(15, "👍");
  assert.equal(asked[1].frame.op, "remove");
  assert.deepEqual(shown(15), ["👍 1"]);
  await answer({seq: 23});
  hear(15, 23, ["👍", BO]);
  assert.deepEqual(shown(15), ["👍 1"]);
});

test("a kind whose last one takes it away is gone", () => {
  hear(15, 21, ["🎉", ANA]);
  reactions.toggle(15, "🎉");
  assert.deepEqual(shown(15), []);
});

test("picked a second time it stays", () => {
  hear(15, 21, ["🎉", ANA]);
  reactions.add(15, "🎉");
  assert.deepEqual(shown(15), ["🎉 1 own"]);
});

test("after a broken line it is asked again", async () => {
  reactions.toggle(15, "👍");
  reactions.close();
  await answer({code: "lost", temporary: true});
  clock.pass(60_000);
  assert.equal(asked.length, 1);
  reactions.open();
  assert.deepEqual(asked[1].frame, asked[0].frame);
});

test("a refusal that passes is repeated after a while; a second wish takes the place of the first", async () => {
  reactions.toggle(15, "👍");
  await answer({code: "unavailable", temporary: true});
  reactions.toggle(15, "👍");
  assert.equal(asked[1].frame.op, "remove");
  clock.pass(60_000);
  assert.equal(asked.length, 2);
  await answer({code: "rate_limited", temporary: true, retryAfter: 2});
  clock.pass(2_000);
  assert.equal(asked[2].frame.op, "remove");
});

test("a final refusal takes it back and tells so", async () => {
  const refused = [];
  reactions.on("refused", (what) => refused.push(what));
  reactions.toggle(15, "👍");
  await answer({code: "forbidden", message: "No."});
  assert.deepEqual(shown(15), []);
  assert.deepEqual(refused, [{id: 15, code: "forbidden", problem: "No."}]);
});

test("of a crowd that is not named whole, one's own is known from here", async () => {
  const crowd = (count) => ({seq: 20 + count, reactions: [{emoji: "👍", count, users: [BO]}]});
  log.receive(message(15, crowd(2)));
  reactions.toggle(15, "👍");
  await answer({seq: 23});
  log.receive(message(15, crowd(3)));
  assert.deepEqual(shown(15), ["👍 3 own"]);
  reactions.toggle(15, "👍");
  assert.equal(asked[1].frame.op, "remove");
});

test("of a crowd that is not named whole, the server tells oneself of one's own, and a frame for all keeps it", async () => {
  const told = (seq, own) => message(15, {seq, reactions: [{emoji: "👍", count: 30, users: [BO], ...(own && {own})}]});
  const changed = [];
  reactions.on("change", (id) => changed.push(id));
  log.receive(told(21, true));
  assert.deepEqual(shown(15), ["👍 30"]);
  reactions.learn([told(21, true)]);
  assert.deepEqual([shown(15), changed], [["👍 30 own"], [15]]);
  log.receive(told(22));
  reactions.learn([told(20)]); // A page that was on its way.
  assert.deepEqual([shown(15), changed], [["👍 30 own"], [15]]);
  reactions.toggle(15, "👍");
  assert.equal(asked[0].frame.op, "remove");
  await answer({seq: 23});
  log.receive(told(23));
  reactions.learn([told(22, true)]);
  assert.deepEqual(shown(15), ["👍 30"]);
  reactions.learn([told(24, true)]); // On another device.
  assert.deepEqual(shown(15), ["👍 30 own"]);
  reactions.learn([told(25)]);
  assert.deepEqual(shown(15), ["👍 30"]);
});

test("what one's own was is another's no longer", () => {
  const people = {me: ANA};
  reactions = new Reactions({log, people, ask: () => {}, clock, random: () => 1});
  const crowd = message(15, {seq: 21, reactions: [{emoji: "👍", count: 30, users: [], own: true}]});
  reactions.learn([crowd]);
  log.receive(crowd);
  assert.deepEqual(shown(15), ["👍 30 own"]);
  people.me = BO;
  assert.deepEqual(shown(15), ["👍 30"]);
});

test("a deletion ends what was on its way", () => {
  reactions.toggle(15, "👍");
  log.receive(message(15, {seq: 21, deleted: true, reactions: []}));
  assert.deepEqual(shown(15), []);
});

test("the table has each emoji once, each with a name, and each is one emoji", () => {
  const all = GROUPS.flatMap(({emoji}) => emoji);
  assert.ok(all.length > 200);
  assert.equal(new Set(all.map(({emoji}) => emoji)).size, all.length);
  for (const {emoji, names} of all) {
    assert.match(emoji, /^\p{RGI_Emoji}$/v);
    assert.ok(names.length > 0 && names.every(Boolean), emoji);
  }
  assert.ok(QUICK.every((one) => all.some(({emoji}) => emoji === one)));
});

test("they are found by a part of their names, in either language, or by themselves", () => {
  const first = (query) => findEmoji(query)[0]?.emoji;
  assert.deepEqual(["thumbs up", "tada", "赞", "笑哭", "ROCKET", "👀"].map(first), ["👍", "🎉", "👍", "😂", "🚀", "👀"]);
  assert.ok(findEmoji("heart").length > 5);
  assert.deepEqual(findEmoji("xyzxyz"), []);
});
