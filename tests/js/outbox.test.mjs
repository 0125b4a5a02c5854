import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {message, settle} from "./fakes.mjs";
import {ANA, Browser} from "./tabs.mjs";

let browser;
let tab;
let outbox;

beforeEach(() => {
  browser = new Browser();
  tab = browser.tab();
  outbox = tab.outbox;
});

function texts() {
  return tab.texts();
}

function states() {
  return tab.states();
}

function ack(entry, id) {
  outbox.acked({client_id: entry.client_id, id});
}

function echo(entry, id, user = {id: 7, name: "Ana"}) {
  outbox.arrived(message(id, {client_id: entry.client_id, user}));
}

function refuse(entry, error) {
  outbox.refused({type: "error", client_id: entry.client_id, message: "No.", ...error});
}

test("what is written before the line is good waits, and goes out then", async () => {
  outbox.add("hi");
  assert.deepEqual(tab.sent, []);
  assert.equal(outbox.waiting, 1);
  await browser.connect(tab);
  assert.deepEqual(texts(), ["hi"]);
});

test("one send is in flight; the next follows the answer", async () => {
  await browser.connect(tab);
  const [first] = ["one", "two", "three"].map((text) => outbox.add(text));
  assert.deepEqual(texts(), ["one"]);
  ack(first, 21);
  assert.deepEqual(texts(), ["one", "two"]);
});

test("ack and message settle an entry in either order, without a double", async () => {
  await browser.connect(tab);
  const one = outbox.add("one");
  ack(one, 21);
  assert.deepEqual(states(), ["sent"]);
  echo(one, 21);
  assert.deepEqual(states(), []);
  const two = outbox.add("two");
  echo(two, 22);
  assert.deepEqual(states(), []);
  ack(two, 22);
  assert.deepEqual(texts(), ["one", "two"]);
});

test("a message of someone else with the same client_id does not settle it", async () => {
  await browser.connect(tab);
  const entry = outbox.add("mine");
  echo(entry, 21, {id: 8, name: "Bo"});
  assert.deepEqual(states(), ["pending"]);
});

test("an acked entry whose message lies outside the stretch goes once S has passed it", async () => {
  await browser.connect(tab);
  ack(outbox.add("hi"), 21);
  outbox.passed(20);
  assert.equal(outbox.entries.length, 1);
  outbox.passed(21);
  assert.equal(outbox.entries.length, 0);
});

test("after a broken line the same id is sent again, before all others", async () => {
  await browser.connect(tab);
  outbox.add("one");
  outbox.add("two");
  outbox.close();
  outbox.add("three");
  assert.equal(outbox.waiting, 3);
  await browser.connect(tab);
  assert.deepEqual(texts(), ["one", "one"]);
  assert.equal(tab.sent[0].client_id, tab.sent[1].client_id);
});

test("what was committed before the line broke is not sent again", async () => {
  await browser.connect(tab);
  const entry = outbox.add("one");
  outbox.close();
  echo(entry, 21);
  await browser.connect(tab);
  assert.deepEqual(texts(), ["one"]);
});

test("silence repeats the same id", async () => {
  await browser.connect(tab);
  outbox.add("one");
  await browser.pass(10_000);
  assert.deepEqual(texts(), ["one", "one"]);
  assert.equal(tab.sent[0].client_id, tab.sent[1].client_id);
});

test("a refusal that passes is repeated after the time it names, and nothing overtakes it", async () => {
  await browser.connect(tab);
  const entry = outbox.add("one");
  refuse(entry, {code: "rate_limited", temporary: true, retry_after: 2.4});
  outbox.add("two");
  await browser.pass(2_399);
  assert.deepEqual(texts(), ["one"]);
  await browser.pass(1);
  assert.deepEqual(texts(), ["one", "one"]);
  assert.equal(tab.sent[0].client_id, tab.sent[1].client_id);
});

test("a final refusal fails the entry and lets the next one go", async () => {
  await browser.connect(tab);
  const one = outbox.add("one");
  outbox.add("two");
  refuse(one, {code: "too_long"});
  assert.deepEqual(states(), ["failed", "pending"]);
  assert.equal(outbox.entries[0].code, "too_long");
  assert.deepEqual(texts(), ["one", "two"]);
  await browser.pass(60_000);
  assert.equal(tab.sent.filter((frame) => frame.client_id === one.client_id).length, 1);
});

test("trying again after a final refusal takes a new id", async () => {
  await browser.connect(tab);
  const entry = outbox.add("one");
  refuse(entry, {code: "forbidden"});
  outbox.retry(entry.client_id);
  assert.deepEqual(texts(), ["one", "one"]);
  assert.notEqual(tab.sent[0].client_id, tab.sent[1].client_id);
  assert.deepEqual(states(), ["pending"]);
});

test("an error inside the server is given up after some tries; the person's try keeps the id, for it may have been saved", async () => {
  await browser.connect(tab);
  const entry = outbox.add("one");
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    refuse(entry, {code: "internal", temporary: true});
    await browser.pass(30_500);
  }
  assert.deepEqual(states(), ["failed"]);
  outbox.retry(entry.client_id);
  assert.equal(tab.sent.at(-1).client_id, entry.client_id);
});

test("a frame that made the server close has failed", async () => {
  await browser.connect(tab);
  outbox.add("one");
  outbox.add("two");
  outbox.close({refused: true});
  assert.deepEqual(states(), ["failed", "pending"]);
  await browser.connect(tab);
  assert.deepEqual(texts(), ["one", "two"]);
});

test("nothing goes out under another person or in another life of the room", async () => {
  await browser.connect(tab);
  outbox.close();
  outbox.add("as Ana");
  await browser.connect(tab, {user: 9, guest: true, epoch: "k3"});
  assert.deepEqual(tab.sent, []);
  assert.deepEqual(outbox.entries.map(({code}) => code), ["not_yours"]);
});

test("a discarded entry is gone; one that waits cannot be discarded", async () => {
  await browser.connect(tab);
  const entry = outbox.add("one");
  outbox.discard(entry.client_id);
  assert.equal(outbox.entries.length, 1);
  refuse(entry, {code: "forbidden"});
  outbox.discard(entry.client_id);
  assert.equal(outbox.entries.length, 0);
});

test("a line that does not take the frame leaves it waiting", async () => {
  tab.isUp = false;
  await browser.connect(tab);
  outbox.add("one");
  assert.deepEqual(states(), ["pending"]);
  tab.isUp = true;
  await browser.connect(tab);
  assert.deepEqual(texts(), ["one"]);
});

test("the store holds what is not acked, and the next page takes it up again in order", async () => {
  await browser.connect(tab);
  const one = outbox.add("one");
  outbox.add("two");
  outbox.add("three");
  ack(one, 21);
  await browser.kill(tab);
  tab = browser.tab();
  await settle();
  assert.deepEqual(tab.messages(), ["two", "three"], "in sight before there is a line");
  await browser.connect(tab);
  assert.deepEqual(tab.texts(), ["two"]);
});

test("what has failed is there again after a reload, with the reason", async () => {
  await browser.connect(tab);
  refuse(outbox.add("one"), {code: "too_long"});
  await browser.kill(tab);
  tab = browser.tab();
  await settle();
  assert.deepEqual(tab.outbox.entries.map(({state, code}) => [state, code]), [["failed", "too_long"]]);
});

test("an entry that a page of the log shows already is not sent again", async () => {
  const entry = outbox.add("one");
  await settle();
  await browser.kill(tab);
  tab = browser.tab();
  tab.outbox.arrived(message(21, {client_id: entry.client_id}));
  await browser.connect(tab);
  assert.deepEqual([tab.sent, tab.states()], [[], []]);
  assert.deepEqual(await browser.store.all("entries"), []);
});

test("a hundred entries written in one millisecond keep their order", async () => {
  const words = Array.from({length: 100}, (_, index) => `m${index}`);
  words.forEach((word) => outbox.add(word));
  await browser.kill(tab);
  tab = browser.tab();
  await settle(300);
  assert.deepEqual(tab.messages(), words);
});

test("a clock that was set back does not change the order", async () => {
  outbox.add("one");
  browser.clock.set(-3_600_000);
  outbox.add("two");
  assert.deepEqual(tab.messages(), ["one", "two"]);
});

test("without a store everything works for as long as the page lives", async () => {
  browser.store.isBroken = true;
  const one = outbox.add("one");
  await browser.connect(tab);
  outbox.add("two");
  ack(one, 21);
  await settle();
  assert.deepEqual(texts(), ["one", "two"]);
  assert.deepEqual(states(), ["sent", "pending"]);
});

test("an unanswered send says so, for the line may be dead", async () => {
  let count = 0;
  outbox.on("unanswered", () => (count += 1));
  await browser.connect(tab);
  outbox.add("one");
  await browser.pass(9_999);
  assert.equal(count, 0);
  await browser.pass(1);
  assert.equal(count, 1);
});
