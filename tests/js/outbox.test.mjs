import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {MemoryStore} from "../../static/js/state/memory-store.js";
import {Outbox} from "../../static/js/state/outbox.js";
import {FakeClock, fill, message} from "./fakes.mjs";

const ANA = {user: 7, epoch: "k3"};

let clock;
let outbox;
let sent;
let isUp;
let store;

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  isUp = true;
  store = new MemoryStore();
  outbox = made();
});

function made() {
  const send = (frame) => isUp && Boolean(sent.push(frame));
  return new Outbox({send, clock, random: () => 1, fill, store});
}

function texts() {
  return sent.map((frame) => frame.message);
}

function states() {
  return outbox.entries.map((entry) => entry.state);
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

test("what is written before the line is good waits, and goes out then", () => {
  outbox.add("hi");
  assert.deepEqual(sent, []);
  assert.equal(outbox.waiting, 1);
  outbox.open(ANA);
  assert.deepEqual(texts(), ["hi"]);
});

test("one send is in flight; the next follows the answer", () => {
  outbox.open(ANA);
  const [first] = ["one", "two", "three"].map((text) => outbox.add(text));
  assert.deepEqual(texts(), ["one"]);
  ack(first, 21);
  assert.deepEqual(texts(), ["one", "two"]);
});

test("ack and message settle an entry in either order, without a double", () => {
  outbox.open(ANA);
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

test("a message of someone else with the same client_id does not settle it", () => {
  outbox.open(ANA);
  const entry = outbox.add("mine");
  echo(entry, 21, {id: 8, name: "Bo"});
  assert.deepEqual(states(), ["pending"]);
});

test("an acked entry whose message lies outside the stretch goes once S has passed it", () => {
  outbox.open(ANA);
  ack(outbox.add("hi"), 21);
  outbox.passed(20);
  assert.equal(outbox.entries.length, 1);
  outbox.passed(21);
  assert.equal(outbox.entries.length, 0);
});

test("after a broken line the same id is sent again, before all others", () => {
  outbox.open(ANA);
  outbox.add("one");
  outbox.add("two");
  outbox.close();
  outbox.add("three");
  assert.equal(outbox.waiting, 3);
  outbox.open(ANA);
  assert.deepEqual(texts(), ["one", "one"]);
  assert.equal(sent[0].client_id, sent[1].client_id);
});

test("what was committed before the line broke is not sent again", () => {
  outbox.open(ANA);
  const entry = outbox.add("one");
  outbox.close();
  echo(entry, 21);
  outbox.open(ANA);
  assert.deepEqual(texts(), ["one"]);
});

test("silence repeats the same id", () => {
  outbox.open(ANA);
  outbox.add("one");
  clock.pass(10_000);
  assert.deepEqual(texts(), ["one", "one"]);
  assert.equal(sent[0].client_id, sent[1].client_id);
});

test("a refusal that passes is repeated after the time it names, and nothing overtakes it", () => {
  outbox.open(ANA);
  const entry = outbox.add("one");
  refuse(entry, {code: "rate_limited", temporary: true, retry_after: 2.4});
  outbox.add("two");
  clock.pass(2_399);
  assert.deepEqual(texts(), ["one"]);
  clock.pass(1);
  assert.deepEqual(texts(), ["one", "one"]);
  assert.equal(sent[0].client_id, sent[1].client_id);
});

test("a final refusal fails the entry and lets the next one go", () => {
  outbox.open(ANA);
  const one = outbox.add("one");
  outbox.add("two");
  refuse(one, {code: "too_long"});
  assert.deepEqual(states(), ["failed", "pending"]);
  assert.equal(outbox.entries[0].code, "too_long");
  assert.deepEqual(texts(), ["one", "two"]);
  clock.pass(60_000);
  assert.equal(sent.filter((frame) => frame.client_id === one.client_id).length, 1);
});

test("trying again after a final refusal takes a new id", () => {
  outbox.open(ANA);
  const entry = outbox.add("one");
  refuse(entry, {code: "forbidden"});
  outbox.retry(entry.client_id);
  assert.deepEqual(texts(), ["one", "one"]);
  assert.notEqual(sent[0].client_id, sent[1].client_id);
  assert.deepEqual(states(), ["pending"]);
});

test("an error inside the server is given up after some tries; the person's try keeps the id, for it may have been saved", () => {
  outbox.open(ANA);
  const entry = outbox.add("one");
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    refuse(entry, {code: "internal", temporary: true});
    clock.pass(30_500);
  }
  assert.deepEqual(states(), ["failed"]);
  outbox.retry(entry.client_id);
  assert.equal(sent.at(-1).client_id, entry.client_id);
});

test("a frame that made the server close has failed", () => {
  outbox.open(ANA);
  outbox.add("one");
  outbox.add("two");
  outbox.close({refused: true});
  assert.deepEqual(states(), ["failed", "pending"]);
  outbox.open(ANA);
  assert.deepEqual(texts(), ["one", "two"]);
});

test("nothing goes out under another person or in another life of the room", () => {
  outbox.open(ANA);
  outbox.close();
  outbox.add("as Ana");
  outbox.open({user: 9, epoch: "k3"});
  assert.deepEqual(sent, []);
  assert.deepEqual(outbox.entries.map(({code}) => code), ["not_yours"]);
});

test("a discarded entry is gone; one that waits cannot be discarded", () => {
  outbox.open(ANA);
  const entry = outbox.add("one");
  outbox.discard(entry.client_id);
  assert.equal(outbox.entries.length, 1);
  refuse(entry, {code: "forbidden"});
  outbox.discard(entry.client_id);
  assert.equal(outbox.entries.length, 0);
});

test("a line that does not take the frame leaves it waiting", () => {
  isUp = false;
  outbox.open(ANA);
  outbox.add("one");
  assert.deepEqual(states(), ["pending"]);
  isUp = true;
  outbox.open(ANA);
  assert.deepEqual(texts(), ["one"]);
});

test("the store holds what is not acked, and an outbox takes it up again in order", async () => {
  outbox.open(ANA);
  const one = outbox.add("one");
  outbox.add("two");
  outbox.add("three");
  ack(one, 21);
  outbox = made();
  await outbox.restore();
  assert.deepEqual(outbox.entries.map((entry) => entry.message), ["two", "three"]);
  outbox.open(ANA);
  assert.equal(sent.at(-1).message, "two");
});
