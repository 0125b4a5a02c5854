/** Whom one may mean by an @ and some letters, and when the keys are the list's. */

import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {Members} from "../../static/js/state/members.js";
import {Mentions} from "../../static/js/state/mentions.js";
import {People} from "../../static/js/state/people.js";
import {FakeClock, settle} from "./fakes.mjs";

const ANA = {id: 7, name: "Ana", guest: false};

let fetched;
let mayLook;
let members;
let mentions;
let people;

beforeEach(async () => {
  fetched = 0;
  mayLook = true;
  people = new People({me: ANA});
  const belong = ["Ana", "Bo", "Anabel", "Zoë Ng", "开发 小李"].map((name, index) => ({id: 7 + index, name, role: "member"}));
  members = new Members({fetch: async () => (fetched += 1) && belong, clock: new FakeClock()});
  mentions = new Mentions({people, members, mayLook: () => mayLook});
  people.hear({here: [ANA, {id: 8, name: "Bo"}, {id: 20, name: "Ana Li"}, {id: 21, name: "Robin"}, {id: 22, name: ""}], count: 5});
  await members.look();
  await settle();
});

function offered(text) {
  mentions.look(text);
  return mentions.list.map(({name}) => name);
}

function chosen() {
  return mentions.chosen?.name ?? null;
}

test("an @ offers those who are here, then those who belong to the room, then all; never oneself or who has no name", () => {
  assert.deepEqual(offered("hi @"), ["Ana Li", "Bo", "Robin", "Anabel", "Zoë Ng", "开发 小李", "here"]);
  assert.deepEqual(mentions.list.map(({kind}) => kind), ["here", "here", "here", "away", "away", "away", "all"]);
});

test("letters find them as they find rooms, in any spelling and script", () => {
  assert.deepEqual(offered("@an"), ["Ana Li", "Anabel"]);
  assert.deepEqual(offered("@ana-li"), []); // It stands there whole, and there is no other.
  assert.deepEqual(offered("@ana-l"), ["Ana Li", "Anabel"]);
  assert.deepEqual(offered("@zoe"), ["Zoë Ng"]);
  assert.deepEqual(offered("@小李"), ["开发 小李"]);
  assert.deepEqual(offered("(@ROB"), ["Robin"]);
  assert.deepEqual(offered("@her"), ["here"]);
  assert.deepEqual(offered("@xyz"), []);
});

test("where the server would see no name none is offered", () => {
  for (const text of ["", "@bo ", "ana@bo", "你好@bo", "@@bo", "@-bo", "bo", `@${"b".repeat(65)}`]) {
    assert.deepEqual(offered(text), [], text);
  }
  assert.deepEqual(offered("to @bo, @ro"), ["Robin"]);
});

test("there are eight at most, and all is one of them where it fits", () => {
  people.hear({joined: Array.from({length: 20}, (_, index) => ({id: 100 + index, name: `Heron ${index}`})), count: 25});
  assert.equal(offered("@").length, 8);
  assert.equal(offered("@").at(-1), "here");
  assert.equal(offered("@he").length, 8);
  assert.ok(offered("@he").includes("here"));
  assert.deepEqual([offered("@hero").length, offered("@hero").includes("here")], [8, false]);
});

test("the first is chosen, steps go round the ends, and new letters begin at the first again", () => {
  offered("@");
  assert.equal(chosen(), "Ana Li");
  mentions.step(1);
  assert.equal(chosen(), "Bo");
  [1, 2].forEach(() => mentions.step(-1));
  assert.equal(chosen(), "here");
  mentions.step(1);
  assert.equal(chosen(), "Ana Li");
  mentions.step(1);
  offered("@a");
  assert.equal(chosen(), "Ana Li");
});

test("Enter is not the list's where a whole name stands already; one steps to the others all the same", () => {
  people.hear({joined: [{id: 30, name: "Bob"}], count: 6});
  assert.deepEqual([offered("@bo"), chosen()], [["Bo", "Bob"], null]);
  mentions.step(1);
  assert.equal(chosen(), "Bo");
  offered("@b");
  offered("@bo");
  mentions.step(-1);
  assert.equal(chosen(), "Bob");
  assert.deepEqual(offered("@here"), []);
});

test("what is written is the name with hyphens for its blanks, in the place of what was typed", () => {
  offered("hi @ng");
  assert.deepEqual(mentions.answer(mentions.chosen), {start: 3, text: "@Zoë-Ng"});
  people.hear({joined: [{id: 31, name: "-Dash  Ed"}], count: 6});
  offered("@dash");
  assert.deepEqual(mentions.answer(mentions.chosen), {start: 0, text: "@Dash-Ed"});
});

test("one that was refused stays so until another @ is written", () => {
  offered("@b");
  mentions.refuse();
  assert.deepEqual(offered("@bo"), []);
  assert.deepEqual(offered("@bo "), []);
  assert.deepEqual(offered("@bo @ro"), ["Robin"]);
  mentions.refuse();
  mentions.leave(); // It was sent, and the field is empty.
  assert.deepEqual(offered("@bo @ro"), ["Robin"]);
});

test("while one chooses, who comes or goes moves the choice of nobody", () => {
  offered("@");
  mentions.step(1);
  people.hear({joined: [{id: 1, name: "Abe"}], count: 6});
  assert.deepEqual([mentions.list[0].name, chosen()], ["Abe", "Bo"]);
  people.hear({left: [8], count: 5});
  assert.deepEqual([mentions.list.find(({name}) => name === "Bo").kind, chosen()], ["away", "Bo"]);
  mentions.leave();
  people.hear({joined: [{id: 2, name: "Abel"}], count: 6});
  assert.deepEqual(mentions.list, []);
});

test("who belongs to the room is asked only by those who may know it, and when somebody is looked for", async () => {
  members.expire();
  offered("no name");
  mayLook = false;
  offered("@bo");
  assert.equal(fetched, 1);
  mayLook = true;
  offered("@b");
  await settle();
  assert.equal(fetched, 2);
});
