/** Random schedules: whatever breaks, each thing written goes out once, in order, and every tab ends with the same log. */

import assert from "node:assert/strict";
import {test} from "node:test";

import {seeded, settle} from "./fakes.mjs";
import {World} from "./world.mjs";

const SCHEDULES = Number(process.env.SCHEDULES ?? 100);
const FIRST = Number(process.env.SEED ?? 1);
const STEPS = 60;
const BO = {id: 8, name: "Bo"};

/** A schedule: what happens next follows from the seed alone. */
class Schedule {
  written = []; // {text, tab, round, hasFailed}
  edits = new Map(); // By message id: the texts that were asked for.
  #round = 0;

  constructor(seed, {persons = false} = {}) {
    this.random = seeded(seed);
    this.persons = persons;
    this.world = new World({random: this.random});
    this.world.open();
    this.world.open();
  }

  async run() {
    for (let step = 0; step < STEPS; step += 1) {
      this.#step();
      await settle(15);
      await this.world.pass(this.random() * 1_500);
      await settle(15);
      this.#decideFailures();
      this.#seeNoDouble();
    }
    await this.#end();
  }

  #step() {
    const {world} = this;
    const steps = [
      [8, () => this.#write()],
      [3, () => this.#edit()],
      [1, () => this.#delete()],
      [3, () => this.#othersSpeak(1 + this.#below(3))],
      [1, () => this.#othersSpeak(14)],
      [2, () => this.#othersEdit()],
      [2, () => this.#tab()?.pager.older()],
      [2, () => this.#tab()?.line?.cut({silently: this.random() < 0.3})],
      [1, () => this.#restart()],
      [1, () => this.#close()],
      [1, () => world.tabs.length < 4 && world.open()],
      [1, () => this.#freeze()],
      [2, () => this.#tab()?.session.wake({doubt: true})],
      [this.persons ? 2 : 0, () => this.#change()],
    ];
    let chance = this.random() * steps.reduce((sum, [weight]) => sum + weight, 0);
    steps.find(([weight]) => (chance -= weight) < 0)?.[1]();
  }

  #below(limit) {
    return Math.floor(this.random() * limit);
  }

  /** Some tab that a person could be using. */
  #tab() {
    const awake = this.world.tabs.filter((tab) => !tab.isFrozen);
    return awake[this.#below(awake.length)];
  }

  #write() {
    const tab = this.#tab();
    for (let count = tab ? 1 + this.#below(3) : 0; count > 0; count -= 1) {
      const text = `w${this.written.length}`;
      const entry = tab.outbox.add(text);
      this.written.push({text, tab, round: this.#round, clientId: entry.client_id, author: tab.entries.me.user, hasFailed: false});
    }
    this.#round += 1; // The time that passes after each step is more than the tabs need to tell each other.
  }

  #ownMessage(tab) {
    const own = tab?.session.can("edit") && tab.log.messages.filter(({id, user, deleted}) => user.id === tab.people.me.id && !deleted && !this.edits.has(id));
    return own ? own[this.#below(own.length)] : undefined;
  }

  #edit() {
    const tab = this.#tab();
    const message = this.#ownMessage(tab);
    if (message) {
      this.edits.set(message.id, `${message.message} edited`);
      tab.changes.edit(message.id, `${message.message} edited`);
    }
  }

  #delete() {
    const tab = this.#tab();
    const message = this.#ownMessage(tab);
    if (message) {
      this.edits.set(message.id, "");
      tab.changes.remove(message.id);
    }
  }

  #othersSpeak(count) {
    for (let index = 0; index < count; index += 1) {
      this.world.room.post(BO, "hm");
    }
  }

  #othersEdit() {
    const theirs = this.world.room.log.filter(({user, deleted}) => user.id === BO.id && !deleted);
    const message = theirs[this.#below(theirs.length)];
    if (message) {
      this.world.room.change(BO, message.id, this.random() < 0.3 ? {deleted: true} : {message: `hm ${this.world.room.seq}`});
    }
  }

  #restart() {
    const {room, clock} = this.world;
    room.isUp = false;
    [...room.lines].forEach((line) => line.cut());
    clock.setTimeout(() => (room.isUp = true), this.random() * 5_000);
  }

  #close() {
    const tab = this.#tab();
    if (tab) {
      tab.kill();
      this.world.tabs = this.world.tabs.filter((other) => other !== tab);
      this.#mayBeLost(tab);
    }
  }

  /** What the tab had not put into the store yet may be lost with it. */
  #mayBeLost(tab) {
    const kept = new Set(this.world.store.tables.get("entries")?.keys());
    this.written.filter((one) => one.tab === tab && !kept.has(one.clientId)).forEach((one) => (one.mayBeLost = true));
  }

  #freeze() {
    const tab = this.#tab();
    if (tab) {
      tab.isFrozen = true;
      this.world.clock.setTimeout(() => tab.thaw(), this.random() * 30_000);
    }
  }

  /** Somebody else logs in, or the database is restored: lines break, and the next hello says so. */
  #change() {
    const {world} = this;
    if (this.random() < 0.7) {
      world.person = world.person.id === 7 ? {id: 9, name: "Cy", guest: this.random() < 0.5} : {id: 7, name: "Ana", guest: true};
    } else {
      world.room.epoch += "x";
    }
    [...world.room.lines].forEach((line) => line.cut());
  }

  /** A person who sees a failed entry tries it again. */
  #decideFailures() {
    for (const tab of this.world.tabs.filter(({isFrozen}) => !isFrozen)) {
      for (const entry of tab.outbox.entries.filter(({state}) => state === "failed")) {
        Object.assign(this.written.find(({text}) => text === entry.message), {hasFailed: true});
        tab.outbox.retry(entry.client_id);
        return; // One at a time, and the other tabs hear of it.
      }
    }
  }

  #seeNoDouble() {
    for (const {log, outbox, people} of this.world.tabs) {
      const own = log.messages.filter(({user}) => user.id === people.me.id).map(({client_id}) => client_id);
      const both = outbox.entries.filter(({client_id, state}) => state !== "failed" && own.includes(client_id));
      assert.deepEqual(both, [], "an entry is seen beside its message");
    }
  }

  async #end() {
    const {world} = this;
    await world.calm();
    for (let tries = 0; tries < 200 && world.tabs.some(({outbox}) => outbox.entries.length > 0); tries += 1) {
      this.#decideFailures();
      await world.pass(3_000, 500);
      world.room.lines.forEach((line) => line.say({type: "tick", seq: world.room.seq}));
    }
    await settle(50);
  }
}

function checkOnce({written, world}) {
  for (const {text, mayBeLost} of written) {
    const count = world.room.log.filter(({message, deleted, user}) => user.id === 7 && !deleted && message.split(" ")[0] === text).length;
    assert.ok(count <= 1, `${text} is there ${count} times`);
    assert.ok(count === 1 || mayBeLost || world.deleted.has(text), `${text} is lost`);
  }
}

/** Of what did not fail: in the order of writing within a tab, and between tabs where one had time to tell the other. */
function checkOrder({written, world}) {
  const ids = new Map(world.room.log.map(({id, client_id}) => [client_id, id]));
  const sent = written.filter(({clientId, hasFailed}) => ids.has(clientId) && !hasFailed);
  for (let index = 1; index < sent.length; index += 1) {
    const [before, after] = [sent[index - 1], sent[index]];
    if (before.tab === after.tab || before.round < after.round) {
      assert.ok(ids.get(before.clientId) < ids.get(after.clientId), `${after.text} overtook ${before.text}`);
    }
  }
}

function checkLogs({world}) {
  const all = world.room.log;
  for (const {log} of world.tabs) {
    const stretch = all.filter(({id}) => id >= log.first && id <= log.last);
    assert.deepEqual(log.messages, stretch, "a log has a hole, or an old state");
    assert.ok(log.isAtNewest && log.last === all.at(-1)?.id, "a log ends before the newest");
    assert.equal(log.more.before || log.first === all[0].id, true, "a log does not know that there is more");
  }
}

function checkNothingWaits({world}) {
  for (const {outbox} of world.tabs) {
    assert.deepEqual(outbox.entries, []);
  }
  assert.deepEqual([...(world.store.tables.get("entries")?.values() ?? [])], []);
  assert.deepEqual([...(world.store.tables.get("changes")?.values() ?? [])], []);
}

function checkEdits({edits, world}) {
  for (const [id, text] of edits) {
    assert.equal(world.room.messages.get(id).message, text, "an edit is lost");
  }
}

/** Words that one has deleted oneself. */
function remember(schedule) {
  const gone = new Set([...schedule.edits].filter(([, text]) => text === "").map(([id]) => schedule.world.room.messages.get(id).client_id));
  schedule.world.deleted = new Set(schedule.written.filter(({clientId, hasFailed}) => gone.has(clientId) || hasFailed).map(({text}) => text));
}

function replayable(seed, check) {
  try {
    check();
  } catch (error) {
    error.message = `seed ${seed}: ${error.message}`;
    throw error;
  }
}

test("whatever breaks, each entry goes out once and in order, and all logs are the same", async () => {
  for (let seed = FIRST; seed < FIRST + SCHEDULES; seed += 1) {
    const schedule = new Schedule(seed);
    await schedule.run().catch((error) => {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    });
    remember(schedule);
    replayable(seed, () => [checkOnce, checkOrder, checkLogs, checkNothingWaits, checkEdits].forEach((check) => check(schedule)));
  }
});

test("whoever is logged in, nothing goes out under another name unless that person says so", async () => {
  for (let seed = FIRST; seed < FIRST + SCHEDULES / 3; seed += 1) {
    const schedule = new Schedule(seed, {persons: true});
    await schedule.run();
    replayable(seed, () => {
      for (const {text, author, hasFailed} of schedule.written.filter((one) => !one.hasFailed)) {
        const said = schedule.world.room.log.filter(({message, user}) => user.id !== BO.id && message.split(" ")[0] === text);
        assert.ok(said.length <= 1 && said.every(({user}) => user.id === author), `${text} of ${author}, ${hasFailed}`);
      }
      checkLogs(schedule);
    });
  }
});
