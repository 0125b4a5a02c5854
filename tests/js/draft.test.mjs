import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {Draft} from "../../static/js/state/draft.js";
import {FakeChannels, FakeClock, FakeStore, settle} from "./fakes.mjs";
import {ANA} from "./tabs.mjs";

let channels;
let clock;
let store;

beforeEach(() => {
  channels = new FakeChannels();
  clock = new FakeClock();
  store = new FakeStore();
});

/** A page's draft; `found` is what it got of an earlier one. */
async function opened(me = ANA, room = "lobby") {
  const draft = new Draft({store, channel: channels.open(), clock, room});
  const found = [];
  draft.on("found", (text) => found.push(text));
  draft.become(me);
  await settle();
  return {draft, found};
}

async function typed(draft, text) {
  draft.change(text);
  clock.pass(300);
  await settle();
}

test("what was typed is there again on the next page", async () => {
  const {draft} = await opened();
  await typed(draft, "half a thou");
  assert.deepEqual((await opened()).found, ["half a thou"]);
});

test("what was typed just before the page went is saved when it goes", async () => {
  const {draft} = await opened();
  draft.change("quick");
  draft.flush();
  assert.deepEqual((await opened()).found, ["quick"]);
});

test("what was sent or wiped out is not there again", async () => {
  const {draft} = await opened();
  await typed(draft, "one");
  draft.sent("one");
  assert.deepEqual((await opened()).found, []);
  await typed(draft, "two");
  await typed(draft, "");
  assert.deepEqual((await opened()).found, []);
});

test("each room has its own, and so has each person in each life of the room", async () => {
  const {draft} = await opened();
  await typed(draft, "mine");
  assert.deepEqual((await opened(ANA, "other")).found, []);
  assert.deepEqual((await opened({...ANA, user: 9})).found, []);
  assert.deepEqual((await opened({...ANA, epoch: "k4"})).found, []);
  assert.deepEqual((await opened()).found, ["mine"]);
});

test("what stands in the field stays there when one turns out to be someone else", async () => {
  const {draft, found} = await opened({user: null, epoch: null});
  await typed(draft, "typed early");
  draft.become(ANA);
  await settle();
  assert.deepEqual(found, []);
  assert.deepEqual((await opened()).found, ["typed early"]);
});

test("what one types while the store is read is not written over", async () => {
  const {draft} = await opened();
  await typed(draft, "old");
  const next = new Draft({store, channel: channels.open(), clock, room: "lobby"});
  next.on("found", () => assert.fail("the field was in use"));
  next.become(ANA);
  next.change("new");
  await settle();
});

test("what one tab has sent the others need not show", async () => {
  const one = await opened();
  const two = await opened();
  const heard = [];
  two.draft.on("sent", (text) => heard.push(text));
  one.draft.sent("hi");
  await settle();
  assert.deepEqual(heard, ["hi"]);
});

test("drafts of last season are thrown away", async () => {
  const {draft} = await opened();
  await typed(draft, "old");
  clock.pass(91 * 24 * 3_600_000);
  await opened(ANA, "other");
  await settle();
  assert.deepEqual(await store.all("drafts"), []);
});

test("without a store one types all the same", async () => {
  store.isBroken = true;
  const {draft, found} = await opened();
  await typed(draft, "hi");
  assert.deepEqual(found, []);
});
