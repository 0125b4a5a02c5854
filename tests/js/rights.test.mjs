import assert from "node:assert/strict";
import {test} from "node:test";

import {moved} from "../../static/js/lib/paths.js";
import {Members} from "../../static/js/state/members.js";
import {offersFor} from "../../static/js/state/offers.js";
import {Pace} from "../../static/js/state/pace.js";
import {Place} from "../../static/js/state/place.js";
import {FakeClock} from "./fakes.mjs";

const ROOM = {slug: "lobby", title: "Lobby", topic: "", kind: "public", may: ["send"], archived: false, members_only: false, slow: 0};
const ANA = {id: 7, name: "Ana"};
const BO = {id: 8, name: "Bo"};
const SAID = Date.parse("2026-11-20T10:00:00Z");

function silence(more) {
  return new Place({...ROOM, may: [], ...more}).silence;
}

test("who may write is not silent", () => {
  assert.equal(new Place(ROOM).silence, null);
  assert.equal(silence({may: ["send"], archived: true}), null, "the server's word counts");
});

test("why one cannot write", () => {
  assert.equal(silence({archived: true, may: ["leave"]}), "archived");
  assert.equal(silence({members_only: true, may: ["join"]}), "join");
  assert.equal(silence({members_only: true}), "members", "a guest");
  assert.equal(silence({members_only: true, may: ["leave"]}), "muted", "a member");
  assert.equal(silence({}), "muted");
});

test("who belongs to a room or looks after it is inside", () => {
  assert.equal(new Place(ROOM).isInside, false);
  assert.equal(new Place({...ROOM, may: ["send", "leave"]}).isInside, true);
  assert.equal(new Place({...ROOM, may: ["moderate"]}).isInside, true);
  assert.equal(new Place({...ROOM, kind: "direct"}).isInside, true);
});

test("slow mode is for those who do not moderate", () => {
  assert.equal(new Place({...ROOM, slow: 30}).slow, 30);
  assert.equal(new Place({...ROOM, slow: 30, may: ["send", "moderate"]}).slow, 0);
  assert.equal(new Place({slug: "old-server", may: []}).slow, 0);
});

test("a room that gets another slug has moved, and another description is a change", () => {
  const place = new Place(ROOM);
  const heard = [];
  place.on("moved", (from) => heard.push(`from ${from}`));
  place.on("change", () => heard.push(place.room.title));
  place.become({...ROOM, title: "Hall"});
  place.become({...ROOM, slug: "hall", title: "Hall"});
  assert.deepEqual(heard, ["Hall", "from lobby", "Hall"]);
  assert.equal(place.may("send"), true);
});

test("addresses follow a room that has moved, those of other rooms do not", () => {
  assert.equal(moved("/chat/聊天室/12", "聊天室", "~abc"), "/chat/聊天室/12", "an address is encoded");
  assert.equal(moved(`/chat/${encodeURIComponent("聊天室")}/12`, "聊天室", "~abc"), "/chat/~abc/12");
  assert.equal(moved("/ws/chat/old/", "old", "new"), "/ws/chat/new/");
  assert.equal(moved("/chat/older/", "old", "new"), "/chat/older/");
});

test("in slow mode one waits from one's last word on", () => {
  const clock = new FakeClock();
  let slow = 30;
  const pace = new Pace({clock, slow: () => slow});
  let changes = 0;
  pace.on("change", () => (changes += 1));
  assert.equal(pace.left, 0);
  pace.said();
  assert.deepEqual([pace.left, changes], [30, 1]);
  clock.pass(29_500);
  assert.equal(pace.left, 1);
  clock.pass(500);
  assert.equal(pace.left, 0);
  pace.said();
  slow = 0;
  assert.equal(pace.left, 0, "the rule is gone");
});

test("a word that the server's clock puts into the future was said now", () => {
  const clock = new FakeClock();
  const pace = new Pace({clock, slow: () => 30});
  pace.said(clock.now() + 100_000);
  assert.equal(pace.left, 30);
  pace.said(clock.now() - 20_000);
  assert.equal(pace.left, 30, "an older word changes nothing");
});

test("what the server says about the wait counts", () => {
  const clock = new FakeClock();
  const pace = new Pace({clock, slow: () => 30});
  pace.refused(12.2);
  assert.equal(pace.left, 13);
});

function offers(message, {me = ANA, may = ["send", "edit", "delete"], minutes = 0, without = ["copy", "reply"]} = {}) {
  const facts = {me, may: (right) => may.includes(right), can: (type) => !without.includes(type), editSeconds: 600};
  const whole = {user: ANA, ts: new Date(SAID).toISOString(), edited: null, deleted: false, ...message};
  return offersFor(whole, {...facts, now: SAID + minutes * 60_000}).join(" ");
}

test("one's own message can be edited and deleted for a while", () => {
  assert.equal(offers({}), "edit delete");
  assert.equal(offers({}, {minutes: 11}), "");
  assert.equal(offers({}, {may: ["delete"]}), "delete", "muted");
  assert.equal(offers({edited: "2026-11-20T10:01:00Z"}, {minutes: 11}), "versions");
});

test("somebody else's message can be reported, and more by those who moderate", () => {
  assert.equal(offers({user: BO}), "");
  assert.equal(offers({user: BO, edited: "2026-11-20T10:01:00Z"}, {may: ["send", "report"]}), "report");
  const moderator = {may: ["send", "edit", "delete", "report", "moderate"], minutes: 11};
  assert.equal(offers({user: BO}, moderator), "delete report person");
  assert.equal(offers({user: BO, edited: "2026-11-20T10:01:00Z"}, moderator), "delete versions report person");
  assert.equal(offers({}, moderator), "delete", "one's own, too old to be edited");
});

test("whoever has a voice reacts to anybody's message, their own too", () => {
  assert.equal(offers({user: BO}, {may: ["react"]}), "react");
  assert.equal(offers({}, {may: ["react", "edit"]}), "react edit");
});

test("whoever may write can answer anybody, where the server takes answers", () => {
  assert.equal(offers({user: BO}, {without: ["copy"]}), "reply");
  assert.equal(offers({user: BO}, {without: ["copy"], may: []}), "");
});

test("a deleted message offers nothing, nor does one that is not there", () => {
  assert.equal(offers({deleted: true}, {may: ["moderate"]}), "");
  assert.deepEqual(offersFor(undefined, {}), []);
});

test("members are learnt once, and again when that is old or rights have changed", async () => {
  const clock = new FakeClock();
  let asked = 0;
  const answers = [null, [{id: 7, name: "Ana", role: "owner"}], [{...ANA, role: "member"}, {...BO, role: "owner"}]];
  const members = new Members({fetch: async () => answers[Math.min((asked += 1), 3) - 1], clock});
  await members.look();
  assert.equal(members.roleOf(7), null, "there was no answer");
  await members.look();
  await members.look();
  assert.deepEqual([asked, members.roleOf(7)], [2, "owner"]);
  members.expire();
  await members.look();
  assert.deepEqual([asked, members.roleOf(8)], [3, "owner"]);
  clock.pass(60_000);
  await members.look();
  assert.equal(asked, 4);
});

test("who is not here is absent, under the name of now", async () => {
  const members = new Members({fetch: async () => [{...ANA, role: "owner"}, {...BO, role: "member"}], clock: new FakeClock()});
  await members.look();
  members.rename({id: 8, name: "Bo Li"});
  assert.deepEqual(members.absent([ANA]).map(({name}) => name), ["Bo Li"]);
  members.forget();
  assert.deepEqual(members.absent([]), []);
});
