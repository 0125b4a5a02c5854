import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {message, settle} from "./fakes.mjs";
import {ANA, Browser} from "./tabs.mjs";

let browser;
let one;
let two;

beforeEach(async () => {
  browser = new Browser();
  one = await browser.openTab();
  two = await browser.openTab();
});

function ack(tab, entry, id) {
  tab.outbox.acked({client_id: entry.client_id, id});
}

test("of two tabs one sends", () => {
  assert.deepEqual([one.outbox.isSender, two.outbox.isSender], [true, false]);
});

test("what is written in the other tab is pending there, seen here, and goes out here", async () => {
  two.outbox.add("hi");
  assert.deepEqual(two.states(), ["pending"]);
  await settle();
  assert.deepEqual(one.messages(), ["hi"]);
  assert.deepEqual([one.texts(), two.texts()], [["hi"], []]);
});

test("the ack reaches the other tab, where the entry stays in sight until the message comes", async () => {
  const entry = two.outbox.add("hi");
  await settle();
  ack(one, entry, 21);
  await settle();
  assert.deepEqual(two.states(), ["sent"]);
  two.outbox.arrived(message(21, {client_id: entry.client_id}));
  assert.deepEqual(two.states(), []);
  await settle();
  assert.deepEqual(await browser.store.all("entries"), []);
});

test("a message that comes before the other tab has heard of the entry leaves no double", async () => {
  const entry = one.outbox.add("hi");
  two.outbox.arrived(message(21, {client_id: entry.client_id}));
  await settle();
  assert.deepEqual(two.states(), []);
});

test("when the tab that sends dies, another goes on with the same id, in order", async () => {
  const first = one.outbox.add("first");
  await settle();
  two.outbox.add("second");
  await settle();
  await browser.kill(one);
  assert.deepEqual(two.texts(), ["first"]);
  assert.equal(two.sent[0].client_id, first.client_id);
  ack(two, first, 21);
  await settle();
  assert.deepEqual(two.texts(), ["first", "second"]);
});

test("a tab that lost its line hands over to one that has one", async () => {
  one.isUp = false;
  one.outbox.close();
  two.outbox.add("hi");
  await settle();
  assert.deepEqual(two.texts(), ["hi"]);
});

test("a frozen tab loses its turn to the one in which somebody writes", async () => {
  browser.freeze(one);
  two.outbox.add("hi");
  await browser.pass(2_999);
  assert.deepEqual(two.texts(), []);
  await browser.pass(1);
  assert.deepEqual(two.texts(), ["hi"]);
});

test("a tab that thaws queues behind the one that took over", async () => {
  browser.freeze(one);
  two.outbox.add("hi");
  await browser.pass(3_000);
  one.isFrozen = one.channel.tab.isDeaf = false;
  await settle();
  assert.deepEqual([one.outbox.isSender, two.outbox.isSender], [false, true]);
  await browser.kill(two);
  assert.equal(one.outbox.isSender, true);
});

test("a tab that answers keeps its turn, however long the server takes", async () => {
  two.outbox.add("hi");
  for (let second = 0; second < 60; second += 1) {
    await browser.pass(0);
    await browser.pass(1_000);
  }
  assert.deepEqual(two.texts(), []);
  assert.ok(one.outbox.isSender);
});

test("a failed entry can be tried again or discarded in either tab", async () => {
  const [kept, dropped] = ["kept", "dropped"].map((text) => one.outbox.add(text));
  await settle();
  one.outbox.refused({client_id: kept.client_id, code: "too_long", message: "No."});
  one.outbox.refused({client_id: dropped.client_id, code: "too_long", message: "No."});
  await settle();
  assert.deepEqual(two.states(), ["failed", "failed"]);
  two.outbox.discard(dropped.client_id);
  two.outbox.retry(kept.client_id);
  await settle();
  assert.deepEqual(one.messages(), ["kept"]);
  assert.deepEqual(one.texts(), ["kept", "dropped", "kept"]);
});

test("a failed entry that is tried again in both tabs at once is one message", async () => {
  const entry = one.outbox.add("hi");
  await settle();
  one.outbox.refused({client_id: entry.client_id, code: "forbidden", message: "No."});
  await settle();
  two.outbox.retry(entry.client_id);
  one.outbox.retry(entry.client_id);
  await settle();
  assert.deepEqual([one.messages(), two.messages()], [["hi"], ["hi"]]);
  assert.equal(one.outbox.entries[0].client_id, two.outbox.entries[0].client_id);
});

test("what a full store did not take stays, whatever the store says", async () => {
  const kept = two.outbox.add("in the store");
  await settle();
  browser.store.isFull = true;
  one.outbox.refused({client_id: kept.client_id, code: "forbidden", message: "No."});
  one.outbox.add("not in the store");
  await settle();
  await one.entries.reload();
  assert.deepEqual(one.outbox.entries.map(({message, state}) => [message, state]), [["in the store", "failed"], ["not in the store", "pending"]]);
  assert.deepEqual(one.texts(), ["in the store", "not in the store"]);
});

test("without locks every tab sends, with the same ids", async () => {
  browser = new Browser();
  browser.locks = undefined;
  one = await browser.openTab();
  two = await browser.openTab();
  two.outbox.add("hi");
  await settle();
  assert.deepEqual([one.texts(), two.texts()], [["hi"], ["hi"]]);
  assert.equal(one.sent[0].client_id, two.sent[0].client_id);
});

test("locks that the browser denies are as none", async () => {
  browser = new Browser();
  browser.locks = {request: () => Promise.reject(new DOMException("denied", "SecurityError"))};
  one = await browser.openTab();
  one.outbox.add("hi");
  await settle();
  assert.deepEqual(one.texts(), ["hi"]);
});

test("an entry that the store did not take goes out by the tab that has it", async () => {
  browser.store.isBroken = true;
  two.outbox.add("hi");
  await settle();
  assert.deepEqual(two.texts(), ["hi"]);
});

// Whose it is

async function left(me, ...words) {
  browser = new Browser();
  const tab = browser.tab(me);
  words.forEach((word) => tab.outbox.add(word));
  await settle();
  await browser.kill(tab);
}

test("what another member wrote here is kept aside until that member is back", async () => {
  await left({user: 7, guest: false, epoch: "k3"}, "secret");
  const other = await browser.openTab({user: 9, guest: false, epoch: "k3"});
  assert.deepEqual([other.sent, other.messages()], [[], []]);
  await browser.kill(other);
  const back = await browser.openTab({user: 7, guest: false, epoch: "k3"});
  assert.deepEqual(back.texts(), ["secret"]);
});

test("what another guest wrote here is shown as failed, and goes out only when one says so", async () => {
  await left(ANA, "hi");
  const other = await browser.openTab({user: 9, guest: false, epoch: "k3"});
  assert.deepEqual(other.sent, []);
  assert.deepEqual(other.outbox.entries.map(({state, code}) => [state, code]), [["failed", "not_yours"]]);
  other.outbox.retry(other.outbox.entries[0].client_id);
  await settle();
  assert.deepEqual(other.texts(), ["hi"]);
});

test("what was written before a restore is shown as failed, and tried again under the same id", async () => {
  await left(ANA, "hi");
  const tab = await browser.openTab({...ANA, epoch: "k4"});
  const [entry] = tab.outbox.entries;
  assert.deepEqual([tab.sent, entry.state, entry.code], [[], "failed", "restored"]);
  tab.outbox.retry(entry.client_id);
  await settle();
  assert.equal(tab.sent[0].client_id, entry.client_id);
});

test("what was written before the first hello becomes that person's", async () => {
  browser = new Browser();
  const tab = browser.tab({user: null, guest: null, epoch: null});
  tab.outbox.add("hi");
  assert.deepEqual(tab.states(), ["pending"]);
  await browser.connect(tab);
  assert.deepEqual(tab.texts(), ["hi"]);
});

test("what an earlier page wrote before it knew who one is does not go out by itself", async () => {
  await left({user: null, guest: null, epoch: "k3"}, "hi");
  const tab = await browser.openTab();
  assert.deepEqual([tab.sent, tab.outbox.entries[0].code], [[], "not_yours"]);
});

test("a second tab does not take what the first has written before its hello", async () => {
  browser = new Browser();
  one = browser.tab({user: null, guest: null, epoch: null});
  one.outbox.add("hi");
  await settle();
  two = await browser.openTab();
  assert.deepEqual(two.sent, []);
  await browser.connect(one);
  assert.deepEqual(two.texts(), ["hi"], "claimed by the first, it goes out by the second, whose turn it is");
});

test("another person on the same page sees what is left, and none of it goes out", async () => {
  one.isUp = false;
  one.outbox.close();
  await browser.kill(two);
  one.outbox.add("as Ana");
  one.isUp = true;
  await browser.connect(one, {user: 9, guest: false, epoch: "k3"});
  assert.deepEqual([one.sent, one.outbox.entries[0].code], [[], "not_yours"]);
});

test("entries of other rooms stay where they are", async () => {
  await browser.store.write("entries", {put: [["x", {client_id: "x", room: "other", user: 7, epoch: "k9", message: "no", place: 1, state: "pending"}]]});
  const tab = await browser.openTab();
  assert.deepEqual(tab.messages(), []);
});

test("entries of this room are found after its name has changed", async () => {
  await browser.store.write("entries", {put: [["x", {client_id: "x", room: "old-name", user: 7, epoch: "k3", message: "hi", place: 1, state: "pending"}]]});
  await browser.kill(one);
  await browser.kill(two);
  const tab = await browser.openTab();
  assert.deepEqual(tab.texts(), ["hi"]);
});
