import assert from "node:assert/strict";
import {test} from "node:test";

import {Emitter} from "../../static/js/lib/emitter.js";
import {converse} from "../../static/js/main/conversation.js";
import {Typing} from "../../static/js/state/typing.js";
import {Typists} from "../../static/js/state/typists.js";
import {FakeClock, message} from "./fakes.mjs";

const ANA = {id: 7, name: "Ana"};
const BO = {id: 8, name: "Bo"};

function writer({canSend = true} = {}) {
  const clock = new FakeClock();
  const line = {sent: [], canSend};
  const send = (frame) => {
    if (line.canSend) {
      line.sent.push(frame);
    }
    return line.canSend;
  };
  return {clock, line, typing: new Typing({clock, send, everySeconds: 3})};
}

function typists() {
  const clock = new FakeClock();
  const some = new Typists({clock, shownSeconds: 6});
  some.changes = 0;
  some.on("change", () => (some.changes += 1));
  return {clock, some};
}

test("who writes tells so at once, and then each three seconds while they go on", () => {
  const {clock, line, typing} = writer();
  for (let key = 0; key < 100; key += 1) {
    typing.wrote("words");
    clock.pass(100);
  }
  assert.deepEqual(line.sent, Array(4).fill({type: "typing"}));
  clock.pass(60_000);
  assert.equal(line.sent.length, 4, "nothing is told by itself");
});

test("an empty field is nobody writing", () => {
  const {line, typing} = writer();
  ["", "  ", "\n", "\u200b"].forEach((text) => typing.wrote(text));
  assert.deepEqual(line.sent, []);
});

test("what did not go out was not told", () => {
  const {line, typing} = writer({canSend: false});
  typing.wrote("w");
  line.canSend = true;
  typing.wrote("wo");
  assert.equal(line.sent.length, 1);
});

test("those who write are shown in the order in which they began, for six seconds after the last word of it", () => {
  const {clock, some} = typists();
  some.hear(ANA);
  clock.pass(3_000);
  some.hear(BO);
  some.hear(ANA);
  assert.deepEqual(some.names, ["Ana", "Bo"]);
  assert.equal(some.changes, 2, "what is shown already is no change");
  clock.pass(5_999);
  assert.deepEqual(some.names, ["Ana", "Bo"]);
  clock.pass(1);
  assert.deepEqual(some.names, []);
});

test("who has sent it is not writing any longer, and may begin again", () => {
  const {clock, some} = typists();
  some.hear(ANA);
  clock.pass(5_000);
  some.stopped(ANA.id);
  assert.deepEqual(some.names, []);
  some.stopped(BO.id);
  assert.equal(some.changes, 2, "nobody was told of it");
  some.hear(ANA);
  clock.pass(5_000);
  assert.deepEqual(some.names, ["Ana"], "the time that ran before is over");
});

test("a new name is shown, and a broken line shows nobody", () => {
  const {clock, some} = typists();
  some.hear(ANA);
  some.hear(BO);
  some.rename({id: 7, name: "Ana Li"});
  some.rename({id: 9, name: "Cy"});
  assert.deepEqual(some.names, ["Ana Li", "Bo"]);
  some.forget();
  assert.deepEqual(some.names, []);
  const {changes} = some;
  clock.pass(10_000);
  assert.equal(some.changes, changes);
});

/** A session of Bo's, with nothing behind it that these tests ask for. */
function conversation() {
  const session = Object.assign(new Emitter(), {frames: new Emitter(), sent: [], send: (frame) => session.sent.push(frame)});
  const {clock, some} = typists();
  const life = {state: "active"};
  const nothing = new Proxy({}, {get: () => () => {}});
  const people = {me: BO, hear: () => {}, rename: () => {}};
  const log = {messages: [], sync: () => {}, receive: () => {}, rename: () => {}};
  const rest = {place: nothing, pace: nothing, outbox: nothing, changes: nothing, reactions: nothing, draft: nothing, members: nothing};
  converse({...rest, session, log, people, typists: some, life});
  const say = (frame) => session.frames.emit(frame.type, frame);
  return {session, say, some, clock, life};
}

test("what the server says of those who write is shown, but not of oneself", () => {
  const {say, some} = conversation();
  say({type: "typing", user: BO});
  say({type: "typing", user: ANA});
  assert.deepEqual(some.names, ["Ana"]);
  say({type: "user", id: 7, name: "Ana Li"});
  assert.deepEqual(some.names, ["Ana Li"]);
});

test("who says something, is found to have said it, or leaves has stopped writing", () => {
  const {session, say, some} = conversation();
  const ends = [
    () => say(message(5, {user: ANA})),
    () => say({type: "sync", messages: [message(6, {user: ANA})], seq: 6, complete: true, more: false}),
    () => say({type: "presence", left: [7], count: 1}),
    () => session.emit("lost", 1006),
  ];
  for (const end of ends) {
    say({type: "typing", user: ANA});
    assert.deepEqual(some.names, ["Ana"]);
    end();
    assert.deepEqual(some.names, []);
  }
});

test("who edits what they have said may be writing all the same", () => {
  const {say, some} = conversation();
  say({type: "typing", user: ANA});
  say(message(5, {user: ANA, seq: 9}));
  assert.deepEqual(some.names, ["Ana"]);
});

test("a new line hears that one is away, since the server takes everybody for active", () => {
  const {session, life} = conversation();
  session.emit("ready");
  assert.deepEqual(session.sent, []);
  life.state = "idle";
  session.emit("ready");
  assert.deepEqual(session.sent, [{type: "presence", state: "idle"}]);
});
