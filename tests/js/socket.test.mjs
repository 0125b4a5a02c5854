import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {comesBack, delayAfter} from "../../static/js/net/closing.js";
import {Socket} from "../../static/js/net/socket.js";
import {FakeClock, FakeWebSocket} from "./fakes.mjs";

let clock;
let made;
let socket;
let states;

beforeEach(() => {
  clock = new FakeClock();
  made = [];
  states = [];
  const make = () => {
    made.push(new FakeWebSocket());
    return made.at(-1);
  };
  socket = new Socket({make, clock, random: () => 1});
  socket.on("state", ({state}) => states.push(state));
});

function connected() {
  socket.connect();
  made.at(-1).opens();
  socket.ready();
  return made.at(-1);
}

test("it comes back after codes of the network and the passing ones of the application only", () => {
  const back = [1000, 1001, 1006, 1007, 1009, 1011, 4408, 4409, 4412, 4413, 4429];
  const gone = [4400, 4401, 4403, 4404, 4430];
  assert.deepEqual(back.filter(comesBack), back);
  assert.deepEqual(gone.filter(comesBack), []);
});

test("a restarting server is asked again within half a second, a crowded one later", () => {
  assert.ok(delayAfter(4412, 0, () => 1) <= 500);
  assert.ok(delayAfter(4413, 0, () => 0) >= 2000);
  assert.equal(delayAfter(1006, 2000, () => 1), 2000);
});

test("a lost line is made again after a wait", () => {
  connected().closes(1006);
  assert.deepEqual(states, ["connecting", "open", "waiting"]);
  clock.pass(499);
  assert.equal(made.length, 1);
  clock.pass(1);
  assert.equal(made.length, 2);
});

test("the longer it does not work, the longer the waits", () => {
  socket.connect();
  for (const wait of [500, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    made.at(-1).closes(1006);
    const before = made.length;
    clock.pass(wait - 1);
    assert.equal(made.length, before);
    clock.pass(1);
    assert.equal(made.length, before + 1);
  }
});

test("a line that held for a while starts the waits anew, one that broke at once does not", () => {
  connected().closes(1006);
  clock.pass(500);
  made.at(-1).opens();
  socket.ready();
  clock.pass(3_500);
  made.at(-1).closes(1006);
  clock.pass(3_999);
  assert.equal(made.length, 2);
  clock.pass(1);
  made.at(-1).opens();
  socket.ready();
  clock.pass(10_000);
  made.at(-1).closes(1006);
  clock.pass(500);
  assert.equal(made.length, 4);
});

test("a final close code ends it", () => {
  const heard = [];
  socket.on("state", (state) => heard.push(state));
  connected().closes(4403);
  clock.pass(100_000);
  assert.equal(made.length, 1);
  assert.deepEqual(heard.at(-1), {state: "closed", code: 4403});
});

test("what the server said about coming back is kept to, once", () => {
  const line = connected();
  socket.comeBackAfter(0.4);
  line.closes(4412);
  clock.pass(399);
  assert.equal(made.length, 1);
  clock.pass(1);
  assert.equal(made.length, 2);
  made.at(-1).closes(1006);
  clock.pass(400);
  assert.equal(made.length, 2);
});

test("a silence of a minute means dead, and the next line is made at once", () => {
  const line = connected();
  clock.pass(50_000);
  line.says({type: "tick", seq: 1});
  clock.pass(59_000);
  assert.equal(made.length, 1);
  clock.pass(1_000);
  assert.equal(made.length, 2);
  assert.ok(line.isClosed);
});

test("a handshake that never ends is given up", () => {
  socket.connect();
  clock.pass(20_000);
  assert.equal(socket.state, "waiting");
});

test("waking connects at once where it was waiting", () => {
  connected().closes(1006);
  socket.wake();
  assert.equal(made.length, 2);
  clock.pass(500);
  assert.equal(made.length, 2);
});

test("waking after a long sleep does not trust the old line", () => {
  const line = connected();
  clock.sleep(3_600_000);
  socket.wake();
  assert.equal(made.length, 2);
  assert.ok(line.isClosed);
});

test("waking on a line that is a little too quiet asks for a probe, and no answer means dead", () => {
  const line = connected();
  assert.equal(socket.wake(), false);
  clock.pass(31_000);
  assert.equal(socket.wake(), true);
  socket.expectAnswer();
  line.says({type: "hello"});
  clock.pass(6_000);
  assert.equal(made.length, 1);
  socket.expectAnswer();
  clock.pass(5_000);
  assert.equal(made.length, 2);
});

test("what an abandoned line still says is not heard", () => {
  const frames = [];
  socket.on("frame", (frame) => frames.push(frame));
  const line = connected();
  clock.pass(60_000);
  assert.equal(line.onmessage, null);
  assert.equal(line.onclose, null);
});

test("what is no JSON object is skipped", () => {
  const frames = [];
  socket.on("frame", (frame) => frames.push(frame));
  const line = connected();
  ["", "{", "null", "3", '"text"'].forEach((data) => line.says(data));
  line.says({type: "tick"});
  assert.deepEqual(frames, [{type: "tick"}]);
});

test("a clock that is set back does not make a dead line look alive", () => {
  connected();
  clock.set(-3_600_000);
  clock.pass(60_000);
  assert.equal(made.length, 2);
});

test("waking in doubt probes a line that spoke just now", () => {
  connected();
  assert.equal(socket.wake({doubt: true}), true);
});

test("waking in doubt does not wait for a handshake that began before", () => {
  socket.connect();
  clock.pass(1_999);
  socket.wake({doubt: true});
  assert.equal(made.length, 1);
  clock.pass(1);
  socket.wake({doubt: true});
  assert.equal(made.length, 2);
});

test("waking after a sleep in the middle of a handshake connects at once", () => {
  socket.connect();
  clock.sleep(3_600_000);
  socket.wake();
  assert.equal(made.length, 2);
  assert.equal(socket.state, "connecting");
});

test("a line that is not needed is given back, and comes only when it is asked for", () => {
  const line = connected();
  const lost = [];
  socket.on("lost", (code) => lost.push(code));
  socket.rest();
  assert.ok(line.isClosed);
  assert.deepEqual(lost, [1000]);
  assert.deepEqual(states, ["connecting", "open", "resting"]);
  socket.rest();
  assert.equal(socket.wake({doubt: true}), false);
  clock.pass(600_000);
  assert.equal(made.length, 1);
  socket.connect();
  assert.equal(made.length, 2);
});

test("one that is still being opened is let open before it is given back, and says nothing", () => {
  socket.connect();
  socket.rest();
  assert.ok(!made[0].isClosed);
  const links = [];
  socket.on("link", () => links.push("link"));
  made[0].opens();
  assert.ok(made[0].isClosed);
  assert.deepEqual(links, []);
});

test("one that has waited to come back waits no longer", () => {
  connected().closes(1006);
  socket.rest();
  clock.pass(600_000);
  assert.equal(made.length, 1);
});
