/** What one wants to be told of on this device, and how; kept in this browser for all of its tabs. */

const KEY = "notices";
const START = {shown: false, sound: false, level: "direct", rooms: {}};
const LEVELS = ["mentions", "direct", "all"];
const ROOM_LEVELS = ["none", "mentions", "all"];
const KEPT_ROOMS = 200;

/** {shown, sound, level: "mentions" | "direct" | "all", rooms: {slug: "none" | "mentions" | "all"}}; "direct" takes mentions in. */
export class NoticeChoice {
  #storage;

  /** `storage` returns localStorage; where the browser forbids it, even asking may throw. */
  constructor(storage) {
    this.#storage = storage;
  }

  /** Read anew each time: another tab may have changed it. */
  get now() {
    try {
      return cleaned(JSON.parse(this.#storage().getItem(KEY)));
    } catch {
      return START;
    }
  }

  change(part) {
    this.#write({...this.now, ...part});
  }

  /** Another level for one room; null for that of all. */
  changeRoom(slug, level) {
    const {[slug]: _, ...others} = this.now.rooms;
    const rooms = level === null ? others : {...Object.fromEntries(Object.entries(others).slice(-KEPT_ROOMS + 1)), [slug]: level};
    this.change({rooms});
  }

  /** Whether something in this room is to be told; its `level` is that for all of one's devices, or null. */
  admits({slug, kind, level: own, isMention}) {
    const {level, rooms} = this.now;
    const wanted = rooms[slug] ?? own ?? level;
    return wanted === "all" || (isMention && wanted !== "none") || (wanted === "direct" && kind === "direct");
  }

  /** One has logged out. */
  forget() {
    try {
      this.#storage().removeItem(KEY);
    } catch {
      // Then nothing was kept.
    }
  }

  #write(choice) {
    try {
      this.#storage().setItem(KEY, JSON.stringify(choice));
    } catch {
      // Then it stays as it was.
    }
  }
}

/** What was found, without what no page of ours has written. */
function cleaned(found) {
  const rooms = Object.entries(found?.rooms ?? {}).filter(([, level]) => ROOM_LEVELS.includes(level));
  return {
    shown: found?.shown === true,
    sound: found?.sound === true,
    level: LEVELS.includes(found?.level) ? found.level : START.level,
    rooms: Object.fromEntries(rooms),
  };
}
