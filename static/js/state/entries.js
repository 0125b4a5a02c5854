/** The outbox entries of one room as this tab knows them: its own, and through the store those of the other tabs. */

import {Emitter} from "../lib/emitter.js";
import {Recent} from "../lib/recent.js";
import {isUnclaimed, judge, NOBODY} from "./ownership.js";

const TABLE = "entries";
const REMEMBERED = 2_000;

/**
 * Entries: {client_id, room, user, guest, epoch, message, reply_to, ts, place, state: "pending" | "sent" | "failed", id, code,
 * problem, isFinal}. "sent" means acked, while the message frame is still on its way; it is kept here only.
 * Emits "change".
 */
export class Entries extends Emitter {
  #store;
  #channel;
  #room;
  #me = NOBODY;
  #known = new Map();
  #list = [];
  #fromHere = new Set();
  #unsaved = new Map(); // By client_id: {failed}, of writes that are under way or did not succeed.
  #ended = new Recent(REMEMBERED); // Acked, arrived or given up: whatever the store still says.
  #version = 0;
  #reading = null;

  /** `store` is {all, write}, shared by the tabs; `channel` {post, listen} is how they tell each other. */
  constructor({store, channel, room}) {
    super();
    this.#store = store;
    this.#channel = channel;
    this.#room = room;
    channel.listen((news) => this.#hear(news));
  }

  /** All that the person may see, in the order it was written. */
  get list() {
    return this.#list;
  }

  get me() {
    return this.#me;
  }

  find(clientId) {
    const id = clientId?.toLowerCase();
    return this.#list.find((entry) => entry.client_id === id);
  }

  /** Whether only this tab can send it: the store did not take it. */
  isLoose({client_id}) {
    return this.#unsaved.get(client_id)?.failed === true;
  }

  /** It is known who one is; what was written on this page before becomes one's own. */
  become(me) {
    this.#me = me;
    const claimed = [...this.#known.values()].filter((entry) => this.#fromHere.has(entry.client_id) && isUnclaimed(entry));
    for (const entry of claimed) {
      this.#put({...entry, user: entry.user ?? me.user, guest: entry.user === null ? me.guest : entry.guest, epoch: entry.epoch ?? me.epoch});
    }
    this.#changed();
  }

  /** Add an entry, or one in another state, as one's own; `instead` is the id of the one it replaces. */
  put(entry, {instead = entry.client_id} = {}) {
    if (this.#ended.has(entry.client_id)) {
      this.end(instead); // Another tab was faster, and it has been sent.
      return;
    }
    const replaced = instead !== entry.client_id;
    if (replaced) {
      this.#ended.add(instead);
      this.#known.delete(instead);
    }
    this.#fromHere.add(entry.client_id);
    this.#put({...entry, ...this.#me, room: this.#room}, replaced ? [instead] : []);
    this.#changed();
  }

  /** The server has it, as message `id`: the store need not keep it, but it stays in sight until the message comes. */
  acked(clientId, id) {
    this.#markSent(clientId, id);
    this.#channel.post({type: "acked", client_id: clientId, id});
    this.#write({remove: [clientId]});
  }

  /** It has become a message, or was given up. */
  end(clientId) {
    this.#ended.add(clientId);
    this.#unsaved.delete(clientId);
    if (this.#known.delete(clientId)) {
      this.#write({remove: [clientId]});
      this.#changed();
    }
  }

  /** Read what the other tabs, or earlier pages, have written. A store that fails leaves everything as it is. */
  reload() {
    this.#version += 1;
    this.#reading ??= this.#read();
    return this.#reading;
  }

  async #read() {
    let version;
    let found;
    do {
      version = this.#version;
      found = await this.#store.all(TABLE).catch(() => null);
    } while (version !== this.#version);
    this.#reading = null;
    if (found) {
      this.#merge(new Map(found.filter((entry) => this.#isOfRoom(entry)).map((entry) => [entry.client_id, entry])));
    }
  }

  #merge(found) {
    const ended = [...found.keys()].filter((id) => this.#ended.has(id));
    if (ended.length > 0) {
      this.#write({remove: ended}); // Left by a tab that died before it learnt of the end.
    }
    for (const [id, entry] of this.#known) {
      if (!found.has(id) && !this.#unsaved.has(id) && entry.state !== "sent") {
        this.#known.delete(id);
      }
    }
    for (const [id, entry] of found) {
      if (!this.#ended.has(id) && !this.#unsaved.has(id)) {
        this.#known.set(id, entry);
      }
    }
    this.#changed();
  }

  #put(entry, remove = []) {
    this.#known.set(entry.client_id, entry);
    const write = {failed: false};
    this.#unsaved.set(entry.client_id, write);
    const isLast = () => this.#unsaved.get(entry.client_id) === write;
    this.#write({put: [[entry.client_id, entry]], remove}).then((saved) => {
      if (isLast() && saved) {
        this.#unsaved.delete(entry.client_id);
      } else if (isLast()) {
        write.failed = true;
        this.#changed();
      }
    });
  }

  /** Resolves with whether the store has taken it. */
  async #write(changes) {
    this.#version += 1;
    try {
      await this.#store.write(TABLE, changes);
      this.#channel.post({type: "changed"});
      return true;
    } catch {
      return false;
    } finally {
      this.#version += 1;
    }
  }

  #hear(news) {
    if (news.type === "changed") {
      this.reload();
    } else if (news.type === "acked") {
      this.#markSent(news.client_id, news.id);
    }
  }

  #markSent(clientId, id) {
    const entry = this.#known.get(clientId);
    this.#ended.add(clientId);
    this.#unsaved.delete(clientId);
    if (entry) {
      this.#known.set(clientId, {...entry, state: "sent", id});
      this.#changed();
    }
  }

  #isOfRoom(entry) {
    return entry.room === this.#room || (entry.epoch !== null && entry.epoch === this.#me.epoch);
  }

  #changed() {
    this.#list = [...this.#known.values()]
      .map((entry) => judge(entry, this.#me, {isFromHere: this.#fromHere.has(entry.client_id)}))
      .filter((entry) => entry !== null)
      .sort((one, other) => one.place - other.place || (one.client_id < other.client_id ? -1 : 1));
    this.emit("change");
  }
}
