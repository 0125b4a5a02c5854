import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {pathOf, slugAt} from "../../static/js/lib/paths.js";
import {Addresses} from "../../static/js/state/addresses.js";
import {Journey} from "../../static/js/state/journey.js";
import {Rooms} from "../../static/js/state/rooms.js";

const ANA = {id: 7};
const BO = {id: 8};

class FakeRoom {
  isWaiting = false;
  isOver = false;

  constructor(slug, told) {
    this.slug = slug;
    for (const what of ["enter", "focus", "leave", "revisit", "end"]) {
      this[what] = () => told.push(`${what} ${slug}`);
    }
  }
}

let told;
let rooms;

beforeEach(() => {
  told = [];
  rooms = new Rooms({first: new FakeRoom("lobby", told), who: ANA.id});
});

function room(slug) {
  return new FakeRoom(slug, told);
}

function enterMany(count) {
  Array.from({length: count}, (_, number) => rooms.enter(room(`room-${number}`)));
  told.length = 0;
}

test("the one that is left hears of it before the other is entered", () => {
  rooms.enter(room("dev"));
  assert.deepEqual(told, ["leave lobby", "enter dev", "focus dev"]);
  assert.equal(rooms.current.slug, "dev");
  rooms.enter(rooms.find("lobby"));
  rooms.enter(rooms.find("lobby"));
  assert.deepEqual(told.slice(3), ["leave dev", "enter lobby", "focus lobby", "revisit lobby"]);
});

test("the last ten are kept, by when one was there", () => {
  enterMany(9);
  assert.equal(rooms.all.length, 10);
  rooms.enter(rooms.find("lobby"));
  rooms.enter(room("one too many"));
  assert.deepEqual(told.filter((word) => word.startsWith("end")), ["end room-0"]);
  assert.equal(rooms.find("room-0"), null);
  assert.equal(rooms.find("lobby").slug, "lobby");
});

test("one in which something waits is kept for as long as it does", () => {
  const lobby = rooms.current;
  lobby.isWaiting = true;
  enterMany(20);
  assert.equal(rooms.find("lobby"), lobby);
  lobby.isWaiting = false;
  rooms.enter(room("next"));
  assert.ok(told.includes("end lobby"));
});

test("one that the server has closed is not found again, and let go once one has left it", () => {
  rooms.current.isOver = true;
  assert.equal(rooms.find("lobby"), null);
  rooms.enter(room("dev"));
  assert.ok(told.includes("end lobby"));
});

test("after another person's hello nothing is kept, and nothing more is taken onto the page", () => {
  enterMany(2);
  assert.ok(rooms.suits(ANA));
  assert.ok(!rooms.suits(BO));
  rooms.meet(ANA);
  assert.deepEqual(told, []);
  rooms.meet(BO);
  assert.deepEqual(told, ["end room-0", "end lobby"]);
  assert.ok(!rooms.suits(BO));
});

test("a guest who had no row yet becomes somebody with the first hello", () => {
  rooms = new Rooms({first: room("lobby"), who: null});
  assert.ok(rooms.suits(null));
  assert.ok(rooms.suits(BO));
  rooms.meet(ANA);
  assert.ok(rooms.suits(ANA));
  assert.ok(!rooms.suits(null));
});

/** A journey whose fetches are answered by hand. */
function journeys() {
  const asked = [];
  const journey = new Journey({
    rooms,
    fetch: (path, signal) => new Promise((answer) => asked.push({path, signal, answer})),
    open: ({slug}) => room(slug),
    navigate: (path) => told.push(`navigate ${path}`),
  });
  const go = (slug) => journey.go({slug, path: pathOf(slug)}, ({slug: there}) => told.push(`arrive ${there}`));
  return {journey, asked, go};
}

test("a room that is kept is shown within the same turn", () => {
  enterMany(1);
  journeys().go("lobby");
  assert.deepEqual(told, ["arrive lobby", "leave room-0", "enter lobby", "focus lobby"]);
});

test("another is fetched, and shown when it is there", async () => {
  const {asked, go} = journeys();
  const going = go("聊天室");
  assert.equal(asked[0].path, pathOf("聊天室"));
  assert.deepEqual(told, []);
  asked[0].answer({slug: "聊天室", me: ANA});
  await going;
  assert.equal(rooms.current.slug, "聊天室");
});

test("whoever clicks again while one waits goes there, and only there", async () => {
  const {asked, go} = journeys();
  const first = go("slow");
  const second = go("quick");
  assert.ok(asked[0].signal.aborted);
  asked[1].answer({slug: "quick", me: ANA});
  asked[0].answer({slug: "slow", me: ANA});
  await Promise.all([first, second]);
  assert.deepEqual(told, ["arrive quick", "leave lobby", "enter quick", "focus quick"]);
});

test("one that was stopped goes nowhere, not by an ordinary page either", async () => {
  const {journey, asked, go} = journeys();
  const going = go("slow");
  journey.stop();
  asked[0].answer(null);
  await going;
  assert.deepEqual(told, []);
});

test("no such page, and a page for somebody else, lead there as a browser does it", async () => {
  for (const answer of [null, {slug: "dev", me: BO}, {slug: "dev", me: null}]) {
    const {asked, go} = journeys();
    const going = go("dev");
    asked[0].answer(answer);
    await going;
  }
  assert.deepEqual(told, ["navigate /chat/dev/", "navigate /chat/dev/", "navigate /chat/dev/"]);
});

test("another spelling of a room that is kept leads to that one", async () => {
  const {asked, go} = journeys();
  const going = go("Lobby");
  asked[0].answer({slug: "lobby", me: ANA});
  await going;
  assert.deepEqual(told, ["arrive lobby", "revisit lobby"]);
});

test("a slug and the path of its room are the same thing", () => {
  for (const slug of ["lobby", "聊天室", "~k3-x_y"]) {
    assert.equal(slugAt(pathOf(slug)), slug);
  }
  for (const other of ["/", "/chat/", "/chat/lobby/12", "/chat/lobby/people/", "/account/", "/chat/%ff/"]) {
    assert.equal(slugAt(other), null);
  }
});

test("a room's addresses name one of many, and move with its slug", () => {
  const addresses = new Addresses({room: "/chat/0/", permalink: "/chat/0/0", report: "/chat/0/0/report/", person: "/chat/0/people/0/", name: "/me/name/"});
  assert.equal(addresses.of("room"), "/chat/0/");
  assert.deepEqual(["permalink", "report", "person"].map((name) => addresses.one(name, 12)), ["/chat/0/12", "/chat/0/12/report/", "/chat/0/people/12/"]);
  addresses.move("0", "聊天室");
  assert.equal(addresses.one("permalink", 7), `${pathOf("聊天室")}7`);
  assert.equal(addresses.of("name"), "/me/name/");
});
