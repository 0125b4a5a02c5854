import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {Changes} from "../../static/js/state/changes.js";
import {Log} from "../../static/js/state/log.js";
import {FakeClock, FakeStore, message, messages, settle} from "./fakes.mjs";
import {ANA} from "./tabs.mjs";

let asked;
let changes;
let clock;
let log;
let store;

beforeEach(async () => {
  clock = new FakeClock();
  store = new FakeStore();
  log = new Log({epoch: "k3", seq: 20, messages: messages(11, 20)});
  changes = await made();
});

/** A page's changes, with a line; what is asked waits in `asked` for {resolve, reject}. */
async function made({isOpen = true} = {}) {
  asked = [];
  const ask = (frame) => new Promise((resolve, reject) => asked.push({frame, resolve, reject}));
  const made = new Changes({log, ask, store, clock, random: () => 1});
  made.become(ANA);
  await settle();
  if (isOpen) {
    made.open();
  }
  return made;
}

function frames() {
  return asked.map(({frame}) => frame);
}

async function done(seq, index = asked.length - 1) {
  asked[index].resolve({type: "done", seq});
  await settle();
}

async function refuse(refusal, index = asked.length - 1) {
  asked[index].reject({message: "No.", ...refusal});
  await settle();
}

function states() {
  return [...log.messages].map(({id}) => changes.of(id)).filter(Boolean).map(({id, state, code}) => [id, state, ...(code ? [code] : [])]);
}

test("an edit shows at once, goes out, and is over when the log has it", async () => {
  changes.edit(15, "new");
  assert.equal(changes.of(15).message, "new");
  assert.deepEqual(frames(), [{type: "edit", id: 15, message: "new"}]);
  await done(21);
  assert.deepEqual(states(), [[15, "done"]]);
  log.receive(message(15, {seq: 21, message: "new"}));
  assert.deepEqual(states(), []);
});

test("the log may have it before the answer", async () => {
  changes.edit(15, "new");
  log.receive(message(15, {seq: 21, message: "new"}));
  assert.deepEqual(states(), []);
  await done(21);
  assert.deepEqual(states(), []);
});

test("a deletion is over when the message is a tombstone", async () => {
  changes.remove(15);
  assert.deepEqual(frames(), [{type: "delete", id: 15}]);
  log.receive(message(15, {seq: 21, message: "", deleted: true}));
  assert.deepEqual(states(), []);
});

test("what has no answer yet waits, what was refused does not", async () => {
  changes.edit(12, "new");
  changes.remove(13);
  assert.equal(changes.waiting, 2);
  await done(21, 0);
  assert.equal(changes.waiting, 1);
  await refuse({code: "forbidden"}, 1);
  assert.equal(changes.waiting, 0);
});

test("an edit that changes nothing asks nothing", () => {
  changes.edit(15, "m15");
  assert.deepEqual(frames(), []);
});

test("a change that was done outside the stretch is over once S has passed it", async () => {
  changes.edit(3, "old message");
  await done(21);
  assert.equal(changes.of(3).state, "done");
  log.tick({seq: 21});
  changes.passed();
  assert.equal(changes.of(3), null);
});

test("after a broken line it is asked again, until there is an answer", async () => {
  changes.edit(15, "new");
  changes.close();
  await refuse({code: "lost", temporary: true});
  clock.pass(60_000);
  assert.equal(asked.length, 1);
  changes.open();
  assert.deepEqual(frames()[1], frames()[0]);
  await done(21);
  assert.deepEqual(states(), [[15, "done"]]);
});

test("a refusal that passes is repeated after the time it names", async () => {
  changes.edit(15, "new");
  await refuse({code: "rate_limited", temporary: true, retryAfter: 2});
  clock.pass(1_999);
  assert.equal(asked.length, 1);
  clock.pass(1);
  assert.equal(asked.length, 2);
});

test("a final refusal fails it and tells so; the text is kept", async () => {
  const failed = [];
  changes.on("failed", (change) => failed.push(change.message));
  changes.edit(15, "new");
  await refuse({code: "read_only"});
  assert.deepEqual(states(), [[15, "failed", "read_only"]]);
  assert.deepEqual(failed, ["new"]);
  changes.retry(15);
  assert.equal(asked.length, 2);
  await refuse({code: "read_only"});
  changes.discard(15);
  assert.deepEqual(states(), []);
  assert.deepEqual(await store.all("changes"), []);
});

test("a second edit takes the place of the first, whose answer means nothing then", async () => {
  changes.edit(15, "first");
  changes.edit(15, "second");
  await refuse({code: "unavailable", temporary: true}, 0);
  clock.pass(60_000);
  assert.deepEqual(frames().map((frame) => frame.message), ["first", "second"]);
  log.receive(message(15, {seq: 21, message: "first"}));
  assert.deepEqual(states(), [[15, "pending"]]);
});

test("an edit back to the old text goes out while another is on its way", () => {
  changes.edit(15, "new");
  changes.edit(15, "m15");
  assert.deepEqual(frames().map((frame) => frame.message), ["new", "m15"]);
});

test("a repeat never undoes what was written elsewhere meanwhile", async () => {
  changes.edit(15, "here");
  changes.close();
  await refuse({code: "lost", temporary: true});
  log.sync({messages: [message(15, {seq: 22, message: "on the phone"})], seq: 22, complete: true, more: false});
  changes.open();
  assert.equal(asked.length, 1);
  assert.deepEqual(states(), [[15, "failed", "changed_elsewhere"]]);
  changes.retry(15);
  assert.equal(asked.length, 2, "but one may say that it shall");
});

test("what was not answered is repeated by the next page", async () => {
  changes.edit(15, "new");
  changes.remove(16);
  await settle();
  changes = await made();
  assert.deepEqual(frames().map(({type, id}) => [type, id]), [["edit", 15], ["delete", 16]]);
});

test("another person repeats nothing of it, and it stays for whom it belongs to", async () => {
  changes.edit(15, "new");
  await settle();
  changes = await made({isOpen: false});
  changes.become({user: 9, guest: false, epoch: "k3"});
  changes.open();
  await settle();
  assert.deepEqual([frames(), states()], [[], []]);
  changes.become(ANA);
  await settle();
  assert.equal(asked.length, 1);
});

test("without a store it works for as long as the page lives", async () => {
  store.isBroken = true;
  changes.edit(15, "new");
  await settle();
  await done(21);
  assert.deepEqual(states(), [[15, "done"]]);
});
