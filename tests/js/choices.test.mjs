import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {fit, fold} from "../../static/js/lib/fuzzy.js";
import {Choices} from "../../static/js/state/choices.js";
import {Recents} from "../../static/js/state/recents.js";
import {FakeClock, settle} from "./fakes.mjs";

/** The names that a query finds, best first. */
function ranked(query, names) {
  const scored = names.map((name) => ({name, score: fit(query, name)})).filter(({score}) => score > 0);
  return scored.sort((one, other) => other.score - one.score).map(({name}) => name);
}

test("whole names come before beginnings, words, parts and mere letters", () => {
  const names = ["redesign", "design team", "d-e-s-i-g-n", "game design", "Design", "kitchen"];
  assert.deepEqual(ranked("design", names), ["Design", "design team", "game design", "redesign", "d-e-s-i-g-n"]);
});

test("the letters that begin words find them, letters by chance do not", () => {
  assert.deepEqual(ranked("gd", ["Game Design", "gold", "big road"]), ["Game Design", "gold"]);
  assert.deepEqual(ranked("xyz", ["Game Design"]), []);
  assert.deepEqual(ranked("eig", ["a very long name with some letters in it"]), []);
});

test("each word has to be found, in any order", () => {
  assert.deepEqual(ranked("team des", ["Design team", "Team of cooks"]), ["Design team"]);
});

test("Chinese is found by any part of it, Japanese and Korean too", () => {
  const names = ["产品设计讨论组", "设计", "技术讨论", "開発チーム", "개발팀"];
  assert.deepEqual(ranked("讨论", names), ["技术讨论", "产品设计讨论组"]);
  assert.deepEqual(ranked("设计", names), ["设计", "产品设计讨论组"]);
  assert.deepEqual(ranked("チーム", names), ["開発チーム"]);
  assert.deepEqual(ranked("개발", names), ["개발팀"]);
});

test("case, accents and wide letters make no difference", () => {
  assert.equal(fold(" Ｃafé "), "cafe");
  assert.equal(fold("한국어"), "한국어");
  assert.deepEqual(ranked("ECOLE", ["école"]), ["école"]);
});

const OWN = [
  {kind: "public", key: "lobby", title: "Lobby", url: "/chat/lobby/"},
  {kind: "public", key: "dev", title: "Development", url: "/chat/dev/"},
  {kind: "private", key: "~a1", title: "Plans", url: "/chat/~a1/"},
  {kind: "direct", key: "~b2", title: "Bo", url: "/chat/~b2/"},
];

let asked;
let choices;
let clock;

beforeEach(() => {
  asked = [];
  clock = new FakeClock();
  choices = new Choices({ask: (query) => new Promise((answer) => asked.push({query, answer})), clock});
  choices.begin({own: OWN, recent: ["~a1", "dev", "gone"], here: "lobby"});
});

function titles() {
  return choices.list.map(({title}) => title);
}

async function answer(found, index = asked.length - 1) {
  asked[index].answer(found);
  await settle();
}

test("with nothing typed, where one was last comes first, and not where one is", () => {
  assert.deepEqual(titles(), ["Plans", "Development", "Bo"]);
  assert.equal(choices.chosen.key, "~a1");
});

test("the arrows go round", () => {
  choices.step(-1);
  assert.equal(choices.chosen.title, "Bo");
  choices.step(1);
  assert.equal(choices.chosen.title, "Plans");
});

test("a public room is found by its name in the address too", () => {
  choices.type("dev");
  assert.deepEqual(titles(), ["Development"]);
  choices.type("a1");
  assert.deepEqual(titles(), []);
  assert.equal(choices.chosen, null);
  choices.step(1);
  assert.equal(choices.chosen, null);
});

test("the server is asked once one pauses in typing, and what it finds stands after one's own that fits as well", async () => {
  choices.type("d");
  clock.pass(100);
  choices.type("de");
  clock.pass(149);
  assert.equal(asked.length, 0);
  clock.pass(1);
  assert.deepEqual(asked.map(({query}) => query), ["de"]);
  await answer([
    {kind: "public", key: "design", title: "Design", url: "/chat/design/"},
    {kind: "public", key: "dev", title: "Development", url: "/chat/dev/"},
    {kind: "public", key: "cooks", title: "Cooks", url: "/chat/cooks/"}, // Its topic has it.
    {kind: "person", key: 9, title: "Desmond"},
  ]);
  assert.deepEqual(titles(), ["Development", "Design", "Desmond", "Cooks"]);
});

test("an answer for other words than are there now changes nothing, until they are there again", async () => {
  choices.type("de");
  clock.pass(150);
  choices.type("pl");
  await answer([{kind: "public", key: "design", title: "Design", url: "/chat/design/"}]);
  assert.deepEqual(titles(), ["Plans"]);
  choices.type("de");
  assert.deepEqual(titles(), ["Development", "Design"]);
  clock.pass(1_000);
  assert.equal(asked.length, 1);
});

test("who has stepped on stays there when the server answers", async () => {
  choices.begin({own: [...OWN, {kind: "public", key: "devil", title: "Devil", url: "/chat/devil/"}], recent: [], here: null});
  choices.type("dev");
  choices.step(1);
  const {key} = choices.chosen;
  clock.pass(150);
  await answer([{kind: "public", key: "devon", title: "Devon", url: "/chat/devon/"}]);
  assert.equal(choices.list.length, 3);
  assert.equal(choices.chosen.key, key);
});

test("a person to whom a conversation is in the list is not offered twice", async () => {
  choices.type("bo");
  clock.pass(150);
  await answer([{kind: "person", key: 8, title: "Bo"}, {kind: "person", key: 9, title: "Bob"}]);
  assert.deepEqual(choices.list.map(({kind, title}) => [kind, title]), [["direct", "Bo"], ["person", "Bob"]]);
});

test("a server that does not answer leaves what is there", async () => {
  choices.type("dev");
  clock.pass(150);
  await answer(null);
  assert.deepEqual(titles(), ["Development"]);
});

test("recent rooms are kept in the tab, each once, and not for ever", () => {
  const kept = new Map();
  const storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
  const recents = new Recents(() => storage);
  for (const slug of ["a", "b", "a"]) {
    recents.add(slug);
  }
  assert.deepEqual(new Recents(() => storage).slugs, ["a", "b"]);
  Array.from({length: 30}, (_, number) => recents.add(`room-${number}`));
  assert.equal(recents.slugs.length, 20);
  recents.forget();
  assert.deepEqual(recents.slugs, []);
});

test("where the browser keeps nothing, nothing is recent", () => {
  const recents = new Recents(() => {
    throw new DOMException("forbidden", "SecurityError");
  });
  recents.add("a");
  recents.forget();
  assert.deepEqual(recents.slugs, []);
});
