import assert from "node:assert/strict";
import {test} from "node:test";

import {Log} from "../../static/js/state/log.js";
import {message, messages} from "./fakes.mjs";

function ids(log) {
  return log.messages.map(({id}) => id);
}

function page(from, to, more) {
  return {messages: messages(from, to), more};
}

/** A log as a fresh page has it: 11 to 20, older ones below. */
function opened(more = {}) {
  return new Log({epoch: "k3", seq: 20, messages: messages(11, 20), more: {before: true, after: false}, pageSize: 10, ...more});
}

/** A permalink page: 11 to 15 of a room that stands at 20. */
function focused() {
  return opened({messages: messages(11, 15), more: {before: true, after: true}});
}

test("it goes on from where the page was read", () => {
  assert.deepEqual(opened().position, {since: 20, epoch: "k3"});
});

test("a room that does not exist yet has nothing to go on from", () => {
  assert.deepEqual(new Log({}).position, {});
});

test("live messages are appended and raise S", () => {
  const log = opened();
  log.receive(message(21));
  assert.deepEqual(ids(log).slice(-2), [20, 21]);
  assert.equal(log.seq, 21);
});

test("of each message the state with the highest seq is kept, whatever the order", () => {
  const log = opened();
  log.receive(message(12, {seq: 23, message: "third"}));
  log.receive(message(12, {seq: 22, message: "second"}));
  assert.equal(log.get(12).message, "third");
  assert.equal(log.seq, 23);
});

test("a state that is known already is no change", () => {
  const log = opened();
  let changes = 0;
  log.on("change", () => (changes += 1));
  log.receive(message(20));
  assert.equal(changes, 0);
});

test("a tick raises S and a lower one does not lower it", () => {
  const log = opened();
  log.tick({seq: 25});
  log.tick({seq: 24});
  assert.equal(log.seq, 25);
});

test("a change below the stretch is let pass, but counts as heard", () => {
  const log = opened();
  log.receive(message(3, {seq: 21}));
  assert.equal(log.get(3), undefined);
  assert.equal(log.seq, 21);
});

test("where nothing is older, an unknown lower id belongs into the stretch", () => {
  const log = opened({more: {before: false, after: false}});
  log.receive(message(3, {seq: 21}));
  assert.equal(ids(log)[0], 3);
});

test("catch-up comes by seq and is put in order of ids", () => {
  const log = opened();
  log.sync({messages: [message(22), message(21, {seq: 24})], seq: 24, complete: true, more: false});
  assert.deepEqual(ids(log).slice(-2), [21, 22]);
  assert.equal(log.seq, 24);
});

test("a catch-up in parts can be broken off and gone on with", () => {
  const log = opened();
  log.sync({messages: [message(21)], seq: 21, complete: true, more: true});
  assert.deepEqual(log.position, {since: 21, epoch: "k3"});
});

test("an incomplete sync drops the log at its first part and stands at the last part's seq", () => {
  const log = opened();
  log.greet({epoch: "k4"});
  log.sync({messages: messages(900, 904), seq: 0, complete: false, more: true});
  assert.deepEqual(ids(log), [900, 901, 902, 903, 904]);
  assert.deepEqual(log.position, {}, "broken off here, it must start over");
  log.sync({messages: messages(905, 909), seq: 950, complete: false, more: false});
  assert.equal(log.messages.length, 10);
  assert.deepEqual(log.position, {since: 950, epoch: "k4"});
  assert.deepEqual(log.more, {before: true, after: false});
});

test("a replacement that was broken off is dropped when the next one begins", () => {
  const log = opened();
  log.greet({epoch: "k3"});
  log.sync({messages: messages(900, 904), seq: 0, complete: false, more: true});
  log.greet({epoch: "k3"});
  log.sync({messages: messages(950, 952), seq: 952, complete: false, more: false});
  assert.deepEqual(ids(log), [950, 951, 952]);
});

test("a replacement shorter than a page is the whole room", () => {
  const log = new Log({pageSize: 10});
  log.greet({epoch: "k1"});
  log.sync({messages: [], seq: 0, complete: false, more: false});
  assert.deepEqual(log.position, {since: 0, epoch: "k1"});
  assert.equal(log.more.before, false);
});

test("an older page joins the stretch below", () => {
  const log = opened();
  assert.ok(log.extend(log.openHistory(), "before", page(1, 10, {before: false, after: true})));
  assert.equal(log.first, 1);
  assert.equal(log.messages.length, 20);
  assert.deepEqual(log.more, {before: false, after: false});
});

test("a change that overtakes the page it belongs to is not lost", () => {
  const log = opened();
  const token = log.openHistory();
  log.receive(message(5, {seq: 21, message: "edited"}));
  log.extend(token, "before", page(1, 10, {before: false, after: true}));
  assert.equal(log.get(5).message, "edited");
});

test("what was kept but does not belong to the page is let pass", () => {
  const log = opened();
  const token = log.openHistory();
  log.receive(message(2, {seq: 21}));
  log.extend(token, "before", page(6, 10, {before: true, after: true}));
  assert.equal(log.first, 6);
});

test("a page that comes after the log was replaced is not taken", () => {
  const log = opened();
  const token = log.openHistory();
  log.greet({epoch: "k4"});
  log.sync({messages: messages(900, 909), seq: 909, complete: false, more: false});
  assert.equal(log.extend(token, "before", page(1, 10, {before: false, after: true})), false);
  assert.equal(log.first, 900);
});

test("on a permalink page live messages beyond the stretch are let pass", () => {
  const log = focused();
  assert.equal(log.isAtNewest, false);
  log.receive(message(21));
  assert.equal(log.last, 15);
  assert.equal(log.seq, 21);
});

test("the last newer page brings the stretch to the newest, with what came meanwhile", () => {
  const log = focused();
  const token = log.openHistory();
  log.receive(message(21));
  log.extend(token, "after", page(16, 20, {before: true, after: false}));
  assert.deepEqual(ids(log).slice(-6), [16, 17, 18, 19, 20, 21]);
  assert.ok(log.isAtNewest);
});

test("a newer page that is not the last leaves the gap open", () => {
  const log = focused();
  const token = log.openHistory();
  log.receive(message(31));
  log.extend(token, "after", page(16, 18, {before: true, after: true}));
  assert.equal(log.last, 18);
});

test("the way back to the newest replaces the stretch and keeps what came meanwhile", () => {
  const log = focused();
  const token = log.openHistory();
  log.receive(message(21));
  log.replace(token, page(18, 20, {before: true, after: true}), {atNewest: true});
  assert.deepEqual(ids(log), [18, 19, 20, 21]);
  assert.ok(log.isAtNewest);
});

test("trimmed messages can be fetched again", () => {
  const log = opened({more: {before: false, after: false}});
  log.trim(4);
  assert.deepEqual(ids(log), [17, 18, 19, 20]);
  assert.equal(log.more.before, true);
  assert.equal(log.get(11), undefined);
});

test("nothing is trimmed while a page is on its way", () => {
  const log = opened();
  log.openHistory();
  log.trim(4);
  assert.equal(log.messages.length, 10);
});

test("a new name shows at old messages", () => {
  const log = opened();
  log.rename({id: 7, name: "Ana Li"});
  assert.ok(log.messages.every(({user}) => user.name === "Ana Li"));
});

test("frames in any order with any repeats give the state of a fresh page", () => {
  const frames = [message(21), message(22), message(21, {seq: 23, message: "edited"}), message(24)];
  for (const order of [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1, 0, 2]]) {
    const log = opened();
    order.forEach((index) => log.receive(frames[index]));
    assert.deepEqual(log.messages.slice(-3), [frames[2], frames[1], frames[3]]);
  }
});

test("a replaced log says where it was cut, until the reader knows", () => {
  const log = opened();
  log.greet({epoch: "k3"});
  log.sync({messages: messages(900, 904), seq: 0, complete: false, more: true});
  log.sync({messages: messages(905, 909), seq: 950, complete: false, more: false});
  assert.equal(log.cut, 900);
  log.extend(log.openHistory(), "before", page(890, 899, {before: true, after: true}));
  assert.equal(log.cut, 900);
  log.mend();
  assert.equal(log.cut, null);
});

test("a first page, and one that is the whole room, are not cut", () => {
  const fresh = new Log({pageSize: 10});
  fresh.sync({messages: messages(900, 909), seq: 909, complete: false, more: false});
  assert.equal(fresh.cut, null);
  const log = opened();
  log.sync({messages: messages(1, 3), seq: 30, complete: false, more: false});
  assert.equal(log.cut, null);
});
