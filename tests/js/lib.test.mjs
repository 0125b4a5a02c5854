import assert from "node:assert/strict";
import {test} from "node:test";

import {colour, initials} from "../../static/js/lib/avatars.js";
import {backoff, LONGEST_MS} from "../../static/js/lib/backoff.js";
import {openChannel} from "../../static/js/lib/channel.js";
import {Database} from "../../static/js/lib/database.js";
import {Emitter} from "../../static/js/lib/emitter.js";
import {nextId, uuid7} from "../../static/js/lib/ids.js";
import {watchNaps} from "../../static/js/lib/naps.js";
import {Recent} from "../../static/js/lib/recent.js";
import {Stopwatch} from "../../static/js/lib/stopwatch.js";
import {codePoints, frameBytes, isBlank} from "../../static/js/lib/text.js";
import {chooseLocale, dayOf, Times, untilTomorrow} from "../../static/js/lib/times.js";
import {gettext, interpolate, ngettext} from "../../static/js/lib/words.js";
import {FakeClock, fill} from "./fakes.mjs";

test("an id is a UUID of version 7 that begins with the time", () => {
  const id = uuid7(0x0192_3456_789a, fill);
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(id.slice(0, 13), "01923456-789a");
});

test("later ids sort after earlier ones", () => {
  const ids = [1, 2, 3].map((second) => uuid7(Date.UTC(2026, 10, 20) + second, fill));
  assert.deepEqual([...ids].sort(), ids);
});

test("the id after an id is always the same, and a UUID", () => {
  assert.equal(nextId("01923456-789a-7abc-8def-0123456789af"), "01923456-789a-7abc-8def-0123456789b0");
  assert.equal(nextId("01923456-789a-7abc-8def-ffffffffffff"), "01923456-789a-7abc-8def-000000000000");
});

test("an emoji outside the basic plane counts as one code point", () => {
  assert.equal(codePoints("a😀b"), 3);
  assert.equal(codePoints("聊天室"), 3);
  assert.equal(codePoints(""), 0);
});

test("a frame is measured in bytes of UTF-8", () => {
  assert.equal(frameBytes({m: "é"}), 10);
});

test("spaces, line breaks and characters of no width alone are blank", () => {
  assert.ok(isBlank(" \n\t"));
  assert.ok(isBlank("\u200b\u200e \ufeff"));
  assert.ok(!isBlank("👩‍👩‍👧‍👦"));
  assert.ok(!isBlank(" . "));
});

test("initials are the first characters of the first two words", () => {
  assert.equal(initials("quiet otter jones"), "QO");
  assert.equal(initials("小明"), "小");
  assert.equal(initials("😀 ana"), "😀A");
  assert.equal(initials(""), "");
});

test("the colour of a person follows from the id alone", () => {
  assert.equal(colour(347), "7");
  assert.equal(colour(null), "");
});

test("waiting grows with the trouble, up to a limit, times chance", () => {
  assert.equal(backoff(0, () => 1), 500);
  assert.equal(backoff(4_000, () => 1), 4_000);
  assert.equal(backoff(4_000, () => 0.25), 1_000);
  assert.equal(backoff(3_600_000, () => 1), LONGEST_MS);
});

test("a listener that was taken away hears nothing more", () => {
  const emitter = new Emitter();
  const heard = [];
  const off = emitter.on("news", (news) => heard.push(news));
  emitter.emit("news", 1);
  off();
  emitter.emit("news", 2);
  assert.deepEqual(heard, [1]);
});

test("without a catalogue the English sentence stands", () => {
  assert.equal(gettext("Hello"), "Hello");
  assert.equal(ngettext("one", "many", 1), "one");
  assert.equal(ngettext("one", "many", 2), "many");
});

test("with a catalogue its sentence is used", (context) => {
  globalThis.django = {gettext: () => "Hallo"};
  context.after(() => delete globalThis.django);
  assert.equal(gettext("Hello"), "Hallo");
});

test("placeholders are filled by name, and what came in is not read as a placeholder again", () => {
  assert.equal(interpolate("%(a)s and %(b)s", {a: "%(b)s", b: 2}), "%(b)s and 2");
  assert.equal(interpolate("%(unknown)s", {}), "%(unknown)s");
});

test("the reader's variant of the page's language is chosen", () => {
  assert.equal(chooseLocale("en", ["de-DE", "en-GB"]), "en-GB");
  assert.equal(chooseLocale("en", ["de-DE"]), "en");
});

test("days are named relative to now", () => {
  const times = new Times("en");
  const now = new Date(2026, 10, 20, 12);
  assert.equal(times.day(new Date(2026, 10, 20, 1), now), "Today");
  assert.equal(times.day(new Date(2026, 10, 19, 23), now), "Yesterday");
  assert.equal(times.day(new Date(2026, 10, 10), now), "Tuesday, November 10");
  assert.match(times.day(new Date(2025, 10, 10), now), /2025/);
});

test("a language code that nobody knows does not stop the page", () => {
  assert.equal(typeof new Times("no_such!").time(0), "string");
});

test("the day's key is local and sorts", () => {
  assert.equal(dayOf(new Date(2026, 0, 2, 23, 59)), "2026-01-02");
  assert.equal(untilTomorrow(new Date(2026, 0, 2, 23, 59).getTime()), 60_000);
});

test("a stopwatch counts sleep, and is not fooled by a clock that was set back", () => {
  const clock = new FakeClock();
  const watch = new Stopwatch(clock);
  clock.pass(1_000);
  assert.equal(watch.elapsed, 1_000);
  clock.sleep(60_000);
  assert.equal(watch.elapsed, 61_000);
  watch.restart();
  clock.set(-3_600_000);
  clock.pass(5_000);
  assert.equal(watch.elapsed, 5_000);
});

test("a nap is noticed soon after it, once, and a slow timer is none", () => {
  const clock = new FakeClock();
  let naps = 0;
  watchNaps({clock, woken: () => (naps += 1)});
  clock.pass(60_000);
  assert.equal(naps, 0);
  clock.sleep(20_000);
  clock.pass(5_000);
  assert.equal(naps, 1);
  clock.pass(60_000);
  assert.equal(naps, 1);
});

test("only the last few strings are remembered", () => {
  const recent = new Recent(2);
  ["a", "b", "a", "c"].forEach((string) => recent.add(string));
  assert.deepEqual(["a", "b", "c"].map((string) => recent.has(string)), [true, false, true]);
});

test("where there are no channels nobody is heard, and nothing breaks", () => {
  const channel = openChannel("x", null);
  channel.listen(() => assert.fail());
  channel.post("hi");
});

test("a database that is erased is deleted, and takes nothing any more", async () => {
  const clock = new FakeClock();
  const asked = [];
  const request = (work) => {
    const made = {};
    queueMicrotask(() => work(made));
    return made;
  };
  const factory = () => ({
    open: () => request((made) => ((made.result = {close: () => asked.push("close")}), made.onsuccess())),
    deleteDatabase: (name) => (asked.push(name), request((made) => made.onsuccess())),
  });
  const database = new Database({factory, name: "x", tables: ["t"], clock});
  await assert.rejects(database.all("t")); // Open, and broken.
  await database.erase();
  assert.deepEqual(asked, ["close", "x"]);
  await assert.rejects(database.write("t", {put: [["a", {}]]}), /erased/);
});

test("a database that is forbidden, broken or silent is a rejection", async () => {
  const clock = new FakeClock();
  const database = (factory) => new Database({factory, name: "x", tables: ["t"], clock});
  const forbidden = () => {
    throw new DOMException("no", "SecurityError");
  };
  await assert.rejects(database(() => undefined).all("t"));
  await assert.rejects(database(forbidden).write("t", {remove: ["a"]}));
  const silent = database(() => ({open: () => ({})})).all("t");
  clock.pass(5_000);
  await assert.rejects(silent);
});
