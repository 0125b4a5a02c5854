/** Tabs of one browser: an outbox each, over the same store, channel and locks. */

import {Entries} from "../../static/js/state/entries.js";
import {Outbox} from "../../static/js/state/outbox.js";
import {Turn} from "../../static/js/state/turn.js";
import {FakeChannels, FakeClock, FakeLocks, FakeStore, fill, settle} from "./fakes.mjs";

export const ANA = {user: 7, guest: true, epoch: "k3"};

export class Browser {
  clock = new FakeClock();
  store = new FakeStore();
  locks = new FakeLocks();
  #channels = new FakeChannels();

  /** A tab whose page was made for `me`; `sent` is what it put on the wire. */
  tab(me = ANA) {
    const {clock, store} = this;
    const channel = this.#channels.open();
    const tab = {sent: [], isUp: true, isFrozen: false, channel, texts: () => tab.sent.map((frame) => frame.message)};
    const send = (frame) => tab.isUp && !tab.isFrozen && Boolean(tab.sent.push(frame));
    tab.entries = new Entries({store, channel, room: "lobby"});
    tab.turn = new Turn({locks: this.locks, channel, clock});
    tab.outbox = new Outbox({send, clock, random: () => 1, fill, entries: tab.entries, turn: tab.turn});
    tab.states = () => tab.outbox.entries.map((entry) => entry.state);
    tab.messages = () => tab.outbox.entries.map((entry) => entry.message);
    tab.outbox.become(me);
    tab.entries.reload();
    return tab;
  }

  /** A tab with a line, caught up. */
  async openTab(me = ANA) {
    const tab = this.tab(me);
    await this.connect(tab, me);
    return tab;
  }

  async connect(tab, me = ANA) {
    tab.outbox.become(me);
    tab.outbox.open();
    await settle();
  }

  /** The tab is gone at once: nothing of it runs on, its lock is free. */
  async kill(tab) {
    tab.isUp = false;
    tab.channel.tab.isDeaf = true;
    tab.outbox.close();
    await settle();
  }

  /** The browser stops a tab that nobody looks at; it keeps what it holds. */
  freeze(tab) {
    tab.isFrozen = true;
    tab.channel.tab.isDeaf = true;
  }

  async pass(milliseconds) {
    this.clock.pass(milliseconds);
    await settle();
  }
}
