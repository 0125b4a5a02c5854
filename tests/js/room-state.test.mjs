import assert from "node:assert/strict";
import {test} from "node:test";

import {examine} from "../../static/js/state/limits.js";
import {arrange} from "../../static/js/state/grouping.js";
import {Log} from "../../static/js/state/log.js";
import {Pager} from "../../static/js/state/pager.js";
import {People} from "../../static/js/state/people.js";
import {FakeClock, message, messages, settle} from "./fakes.mjs";

const ANA = {id: 7, name: "Ana", idle: false};
const BO = {id: 8, name: "Bo", idle: false};
const LIMITS = {message: 20, frame: 200};

function names(people) {
  return people.here.map(({name}) => name);
}

test("presence is taken whole and then kept up by changes", () => {
  const people = new People({me: BO});
  people.hear({here: [ANA, BO], count: 2});
  assert.deepEqual(names(people), ["Bo", "Ana"], "oneself comes first");
  people.hear({joined: [{id: 9, name: "Cy", idle: false}], left: [7], idle: [8], count: 2});
  assert.deepEqual(names(people), ["Bo", "Cy"]);
  assert.equal(people.here[0].idle, true);
  people.hear({active: [8], count: 2});
  assert.equal(people.here[0].idle, false);
});

test("a whole presence frame replaces what was believed", () => {
  const people = new People();
  people.hear({here: [ANA, BO], count: 2});
  people.hear({here: [BO], count: 1});
  assert.deepEqual(names(people), ["Bo"]);
});

test("someone who joins twice is there once", () => {
  const people = new People();
  people.hear({here: [ANA], count: 1});
  people.hear({joined: [{...ANA, idle: true}], count: 1});
  assert.equal(people.here.length, 1);
  assert.equal(people.here[0].idle, true);
  assert.equal(people.others, 0);
});

test("those beyond the list are counted", () => {
  const people = new People();
  people.hear({here: [ANA, BO], count: 300});
  assert.equal(people.count, 300);
  assert.equal(people.others, 298);
});

test("of a large room most changes are the number alone", () => {
  const people = new People();
  people.hear({here: [ANA, BO], count: 300});
  people.hear({joined: [], left: [], idle: [], active: [], count: 320});
  assert.deepEqual(names(people), ["Ana", "Bo"]);
  assert.equal(people.others, 318);
  people.hear({joined: [{id: 9, name: "Cy", idle: false}], left: [7], idle: [], active: [], count: 319});
  assert.deepEqual(names(people), ["Bo", "Cy"]);
  assert.equal(people.others, 317);
});

test("a new name is taken over, one's own too", () => {
  const people = new People({me: {id: 7, name: "Ana", guest: true}});
  people.hear({here: [ANA], count: 1});
  people.rename({id: 7, name: "Ana Li"});
  assert.deepEqual(names(people), ["Ana Li"]);
  assert.deepEqual(people.me, {id: 7, name: "Ana Li", guest: true});
});

test("a change about someone who is not in the list does no harm", () => {
  const people = new People();
  people.hear({left: [5], idle: [6], count: 250});
  assert.deepEqual(names(people), []);
});

function at(minutes, user, more = {}) {
  return message(minutes + 1, {user, ts: new Date(2026, 10, 20, 23, minutes).toISOString(), ...more});
}

test("what one person says in a row within five minutes stands together", () => {
  const rows = arrange([at(0, ANA), at(4, ANA), at(9, ANA), at(10, BO), at(11, ANA)]);
  assert.deepEqual(rows.map((row) => row.continued), [false, true, false, false, false]);
});

test("each local day begins with a separator, and nothing is continued over it", () => {
  const rows = arrange([at(58, ANA), at(59, ANA), at(60, ANA), at(61, ANA)]);
  assert.deepEqual(rows.map((row) => row.startsDay), [true, false, true, false]);
  assert.deepEqual(rows.map((row) => row.continued), [false, true, false, true]);
  assert.deepEqual(rows.map((row) => row.day), ["2026-11-20", "2026-11-20", "2026-11-21", "2026-11-21"]);
});

test("a draft is measured in code points against the server's limit", () => {
  assert.deepEqual(examine("😀".repeat(20), LIMITS), {blank: false, rest: 0, near: true, tooLong: false});
  assert.deepEqual(examine("😀".repeat(21), LIMITS), {blank: false, rest: -1, near: true, tooLong: true});
  assert.deepEqual(examine("  ", LIMITS), {blank: true, rest: 18, near: false, tooLong: false});
});

test("a draft whose frame would be too large is too long as well", () => {
  assert.equal(examine("\u0001".repeat(20), {message: 20, frame: 150}).tooLong, true);
});

/** A pager over a room of 60 messages of which the newest 10 are there. */
function paged({answer, isUp = () => true, more = {before: true, after: false}, range = [51, 60]} = {}) {
  const clock = new FakeClock();
  const asked = [];
  const log = new Log({epoch: "k", seq: 60, messages: messages(...range), more});
  const ask = (frame) => {
    asked.push(frame);
    return answer(frame);
  };
  return {clock, asked, log, pager: new Pager({log, ask, canAsk: isUp, clock, limit: 10})};
}

async function before({before: id}) {
  return {messages: messages(Math.max(1, id - 10), id - 1), more: {before: id > 11, after: true}};
}

test("older pages follow each other without a hole down to the first message", async () => {
  const {asked, log, pager} = paged({answer: before});
  for (let page = 0; page < 9; page += 1) {
    await pager.older();
  }
  assert.deepEqual(log.messages.map(({id}) => id), messages(1, 60).map(({id}) => id));
  assert.deepEqual(asked.map((frame) => frame.before), [51, 41, 31, 21, 11]);
});

test("one page is on its way at a time", async () => {
  const {asked, pager} = paged({answer: before});
  const first = pager.older();
  pager.older();
  await first;
  assert.equal(asked.length, 1);
});

test("without a line nothing is asked", () => {
  const {asked, pager} = paged({answer: before, isUp: () => false});
  pager.older();
  assert.deepEqual(asked, []);
  assert.equal(pager.state, "idle");
});

test("a refusal that passes rests for the time it names", async () => {
  const answer = () => Promise.reject(Object.assign(new Error(), {temporary: true, retryAfter: 3}));
  const {asked, clock, pager} = paged({answer});
  await pager.older();
  assert.equal(pager.state, "resting");
  clock.pass(2_999);
  pager.older();
  assert.equal(asked.length, 1);
  clock.pass(1);
  assert.equal(pager.state, "idle");
});

test("a final refusal waits for the reader", async () => {
  const {clock, pager} = paged({answer: () => Promise.reject(new Error())});
  await pager.older();
  clock.pass(60_000);
  assert.equal(pager.state, "failed");
  pager.reset();
  assert.equal(pager.state, "idle");
});

test("the newest page is asked for from above S, so that nothing can be missing", async () => {
  const {asked, log, pager} = paged({answer: before, more: {before: true, after: true}, range: [11, 20]});
  const jump = pager.newest();
  log.receive(message(61));
  await jump;
  await settle();
  assert.deepEqual(asked, [{type: "history", before: 61, limit: 10}]);
  assert.deepEqual([log.first, log.last, log.isAtNewest], [51, 61, true]);
});
