import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {Session} from "../../static/js/net/session.js";
import {Socket} from "../../static/js/net/socket.js";
import {FakeClock, FakeWebSocket, settle} from "./fakes.mjs";

const HELLO = {type: "hello", user: {id: 7, name: "Ana"}, epoch: "k3", seq: 350, features: ["history", "presence"]};
const SYNC = {type: "sync", messages: [], seq: 350, complete: true, more: false};

let clock;
let lines;
let position;
let session;
let socket;

beforeEach(() => {
  clock = new FakeClock();
  lines = [];
  position = {since: 341, epoch: "k3"};
  const make = () => {
    lines.push(new FakeWebSocket());
    return lines.at(-1);
  };
  socket = new Socket({make, clock, random: () => 1});
  session = new Session({socket, position: () => position, clock});
});

function ready() {
  socket.connect();
  lines.at(-1).opens();
  lines.at(-1).says(HELLO);
  lines.at(-1).says(SYNC);
  return lines.at(-1);
}

test("the first frame is a hello that says where to go on", () => {
  socket.connect();
  lines[0].opens();
  assert.deepEqual(lines[0].sent, [{type: "hello", since: 341, epoch: "k3"}]);
});

test("with nothing to go on from, the hello is bare", () => {
  position = {};
  socket.connect();
  lines[0].opens();
  assert.deepEqual(lines[0].sent, [{type: "hello"}]);
});

test("it is ready after the last part of the sync, and not before", () => {
  const heard = [];
  session.on("ready", () => heard.push("ready"));
  session.frames.on("sync", () => heard.push("sync"));
  socket.connect();
  lines[0].opens();
  lines[0].says(HELLO);
  lines[0].says({...SYNC, more: true});
  assert.equal(socket.state, "connecting");
  lines[0].says(SYNC);
  assert.deepEqual(heard, ["sync", "sync", "ready"]);
  assert.equal(socket.state, "open");
});

test("it says hello again on each new line", () => {
  ready().closes(1006);
  position = {since: 360, epoch: "k3"};
  clock.pass(500);
  lines[1].opens();
  assert.deepEqual(lines[1].sent, [{type: "hello", since: 360, epoch: "k3"}]);
});

test("frame types that nobody knows are skipped, also those named like inner events", () => {
  const line = ready();
  let count = 0;
  session.on("ready", () => (count += 1));
  line.says({type: "ready"});
  line.says({type: "hologram"});
  assert.equal(count, 0);
});

test("nothing is sent that the server does not list", () => {
  const line = ready();
  assert.equal(session.send({type: "presence", state: "idle"}), true);
  assert.equal(session.send({type: "edit", ref: "r1", id: 1, message: "x"}), false);
  assert.equal(session.send({type: "delete", ref: "r2", id: 1}), false);
  assert.deepEqual(line.sent.slice(1), [{type: "presence", state: "idle"}]);
});

test("nothing is sent before the catch-up is done", () => {
  socket.connect();
  lines[0].opens();
  assert.equal(session.send({type: "send"}), false);
});

test("an answer finds who asked", async () => {
  const line = ready();
  const asked = session.ask({type: "history", before: 300});
  assert.deepEqual(line.sent.at(-1), {type: "history", before: 300, ref: "r1"});
  line.says({type: "history", ref: "r9", messages: ["wrong"]});
  line.says({type: "history", ref: "r1", messages: []});
  assert.deepEqual((await asked).messages, []);
});

test("a refusal, a broken line and silence each end a request", async () => {
  const line = ready();
  const refused = session.ask({type: "history", before: 300});
  line.says({type: "error", ref: "r1", code: "rate_limited", message: "Slowly.", temporary: true, retry_after: 2});
  await assert.rejects(refused, {code: "rate_limited", temporary: true, retryAfter: 2});
  const silent = session.ask({type: "history", before: 300});
  clock.pass(20_000);
  await assert.rejects(silent, {code: "lost"});
  const broken = session.ask({type: "history", before: 300});
  line.closes(1006);
  await assert.rejects(broken, {code: "lost", temporary: true});
  await assert.rejects(session.ask({type: "history", before: 300}), {code: "lost"});
  await settle();
});

test("a notice says when to come back", () => {
  const line = ready();
  line.says({type: "notice", code: "server_restart", retry_after: 0.1});
  line.closes(4412);
  clock.pass(100);
  assert.equal(lines.length, 2);
});

test("waking on a quiet line says hello again on the same line", () => {
  const line = ready();
  clock.pass(31_000);
  session.wake();
  assert.deepEqual(line.sent.at(-1), {type: "hello", since: 341, epoch: "k3"});
  line.says(HELLO);
  line.says(SYNC);
  clock.pass(10_000);
  assert.equal(lines.length, 1);
});

test("in doubt a line that spoke just now is asked too", () => {
  const line = ready();
  session.wake({doubt: true});
  assert.equal(line.sent.at(-1).type, "hello");
  clock.pass(5_000);
  assert.equal(lines.length, 2);
});

test("edit and delete are features of their own", () => {
  socket.connect();
  lines[0].opens();
  lines[0].says({...HELLO, features: ["edit"]});
  assert.deepEqual([session.can("edit"), session.can("delete")], [true, false]);
});
