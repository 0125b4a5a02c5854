import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {Draft} from "../../static/js/state/draft.js";
import {Log} from "../../static/js/state/log.js";
import {Originals} from "../../static/js/state/originals.js";
import {FakeChannels, FakeClock, FakeStore, message, messages, settle} from "./fakes.mjs";
import {ANA} from "./tabs.mjs";

let asked;
let clock;
let log;
let originals;

beforeEach(() => {
  asked = [];
  clock = new FakeClock();
  log = new Log({epoch: "k3", seq: 20, messages: messages(11, 20), more: {before: true, after: false}});
  const ask = (frame) => new Promise((resolve, reject) => asked.push({frame, resolve, reject}));
  originals = new Originals({log, ask, canAsk: () => true, clock});
});

test("what the log has need not be asked for", () => {
  assert.equal(originals.of(15).message, "m15");
  assert.equal(asked.length, 0);
});

test("what it lacks is fetched once, one after another, and kept", async () => {
  let changes = 0;
  originals.on("change", () => (changes += 1));
  assert.deepEqual([originals.of(3), originals.of(4), originals.of(3)], [null, null, null]);
  assert.deepEqual(asked.map(({frame}) => frame), [{type: "history", around: 3, limit: 1}]);
  asked[0].resolve({messages: [message(3)]});
  await settle();
  assert.equal(originals.of(3).message, "m3");
  assert.equal(asked[1].frame.around, 4);
  asked[1].resolve({messages: [message(5)]});
  await settle();
  assert.deepEqual([originals.of(4), asked.length, changes], [null, 2, 1], "it is not there, and not asked for again");
});

test("a broken line or a busy server only makes it later", async () => {
  originals.of(3);
  asked[0].reject({code: "rate_limited", temporary: true, retryAfter: 0.5});
  await settle();
  clock.pass(500);
  assert.equal(asked.length, 2);
});

test("what is kept changes with the message", async () => {
  originals.of(3);
  asked[0].resolve({messages: [message(3)]});
  await settle();
  originals.heard(message(3, {seq: 30, message: "new"}));
  originals.heard(message(4, {seq: 31}));
  assert.equal(originals.of(3).message, "new");
  assert.equal(asked.length, 1);
});

test("a draft remembers what it answers, until it is sent or taken back", async () => {
  const store = new FakeStore();
  const channels = new FakeChannels();
  const open = async () => {
    const draft = new Draft({store, channel: channels.open(), clock, room: "lobby"});
    const found = [];
    draft.on("found", (text) => found.push([text]));
    draft.on("answers", (id) => found.at(-1).push(id));
    draft.become(ANA);
    await settle();
    return {draft, found};
  };
  const {draft} = await open();
  draft.answer(15);
  draft.flush();
  assert.deepEqual((await open()).found, [["", 15]]);
  draft.change("yes");
  draft.flush();
  assert.deepEqual((await open()).found, [["yes", 15]]);
  draft.answer(null);
  draft.flush();
  assert.deepEqual((await open()).found, [["yes", null]]);
  draft.answer(16);
  draft.sent("yes");
  assert.deepEqual((await open()).found, []);
});

test("an answer that one tab has sent is no longer being written in another, unless something else stands there", async () => {
  const channels = new FakeChannels();
  const open = (text, id) => {
    const draft = new Draft({store: new FakeStore(), channel: channels.open(), clock, room: "lobby"});
    const tab = {draft, text, id};
    draft.on("sent", (sent) => sent === tab.text && draft.change((tab.text = "")));
    draft.on("answered", () => draft.answer((tab.id = null)));
    draft.change(text);
    draft.answer(id);
    return tab;
  };
  const tabs = [open("yes", 15), open("yes", 15), open("", 15), open("no", 15), open("yes", 16), open("", 16), open("", null)];
  tabs[0].draft.sent("yes");
  await settle();
  assert.deepEqual(tabs.map(({text, id}) => `${text} ${id}`), ["yes null", " null", " null", "no 15", " 16", " 16", " null"]);
});

test("what answers nothing takes no answer away in another tab", async () => {
  const channels = new FakeChannels();
  const [one, other] = [1, 2].map(() => new Draft({store: new FakeStore(), channel: channels.open(), clock, room: "lobby"}));
  other.on("answered", () => assert.fail("it answers still"));
  other.answer(15);
  one.sent("hi");
  await settle();
});
