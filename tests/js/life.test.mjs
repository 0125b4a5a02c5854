import assert from "node:assert/strict";
import {test} from "node:test";

import {Life} from "../../static/js/state/life.js";
import {watchSigns} from "../../static/js/ui/signs.js";
import {FakeChannels, FakeClock, settle} from "./fakes.mjs";

const MINUTE = 60_000;

function tab(channels, clock) {
  const life = new Life({channel: channels.open(), clock, idleSeconds: 300});
  life.heard = [];
  life.on("change", () => life.heard.push(life.state));
  return life;
}

test("five minutes without a sign of life are idle, and the next sign is active at once", () => {
  const clock = new FakeClock();
  const life = tab(new FakeChannels(), clock);
  clock.pass(4 * MINUTE);
  life.sign();
  clock.pass(5 * MINUTE - 1);
  assert.deepEqual(life.heard, []);
  clock.pass(1);
  assert.deepEqual(life.heard, ["idle"]);
  clock.pass(60 * MINUTE);
  life.sign();
  assert.deepEqual(life.heard, ["idle", "active"]);
  clock.pass(5 * MINUTE);
  assert.deepEqual(life.heard, ["idle", "active", "idle"]);
});

test("a sign in one tab counts for all tabs of the browser", async () => {
  const clock = new FakeClock();
  const channels = new FakeChannels();
  const [one, other] = [tab(channels, clock), tab(channels, clock)];
  for (let minute = 0; minute < 20; minute += 1) {
    one.sign();
    await settle();
    clock.pass(MINUTE);
  }
  assert.deepEqual(other.heard, []);
  clock.pass(5 * MINUTE);
  assert.deepEqual([one.state, other.state], ["idle", "idle"]);
  other.sign();
  await settle();
  assert.deepEqual([one.state, other.state], ["active", "active"]);
});

test("tabs tell each other of it a few times a minute, however much one does", async () => {
  const clock = new FakeClock();
  const channels = new FakeChannels();
  const life = tab(channels, clock);
  let told = 0;
  channels.open().listen(() => (told += 1));
  for (let moment = 0; moment < 600; moment += 1) {
    life.sign();
    clock.pass(100);
  }
  await settle();
  assert.ok(told >= 10 && told <= 13, `told ${told} times in a minute`);
});

test("a machine that slept is idle when the page looks", () => {
  const clock = new FakeClock();
  const life = tab(new FakeChannels(), clock);
  clock.pass(4 * MINUTE);
  life.sign();
  clock.sleep(60 * MINUTE);
  clock.pass(MINUTE);
  assert.equal(life.state, "idle");
});

test("what is no sign is none: the page goes out of sight, or moves under a pointer that rests", () => {
  const page = Object.assign(new EventTarget(), {hidden: false});
  const view = new EventTarget();
  let signs = 0;
  watchSigns({page, view, sign: () => (signs += 1)});
  const move = (screenX, screenY) => view.dispatchEvent(Object.assign(new Event("pointermove"), {screenX, screenY}));
  move(10, 10);
  move(10, 10);
  page.hidden = true;
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(signs, 0);

  move(10, 11);
  page.hidden = false;
  page.dispatchEvent(new Event("visibilitychange"));
  ["pointerdown", "keydown", "wheel", "touchstart", "focus"].forEach((type) => view.dispatchEvent(new Event(type)));
  assert.equal(signs, 7);
});
