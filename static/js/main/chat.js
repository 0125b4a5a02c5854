/** A page with a room: opens it, and others in its place as one moves on; and tells them what happens to the page. */

import {openChannel} from "../lib/channel.js";
import {systemClock as clock} from "../lib/clock.js";
import {Database} from "../lib/database.js";
import {watchNaps} from "../lib/naps.js";
import {slugAt} from "../lib/paths.js";
import {chooseLocale, Times, untilTomorrow} from "../lib/times.js";
import {fetchPage} from "../net/pages.js";
import {Journey} from "../state/journey.js";
import {Life} from "../state/life.js";
import {Marks} from "../state/marks.js";
import {Recents} from "../state/recents.js";
import {Rooms} from "../state/rooms.js";
import {Unread} from "../state/unread.js";
import {Attention} from "../ui/attention.js";
import {Badges} from "../ui/badges.js";
import {readPage} from "../ui/markup.js";
import {followRoomLinks} from "../ui/room-links.js";
import {readRoom, takeRoom} from "../ui/room-page.js";
import {Sidebar} from "../ui/sidebar.js";
import {watchSigns} from "../ui/signs.js";
import {Stage} from "../ui/stage.js";
import {startNotices} from "./notifying.js";
import {Room} from "./room.js";

const RENEWAL_MS = 5_000; // Between two fetches of the list, at least.

const drawer = document.querySelector("[data-sidebar]");
const browser = openChannel("chat"); // All tabs, of whatever room.
const found = takeRoom(document);
const store = new Database({factory: () => indexedDB, name: "chat", tables: ["entries", "drafts", "changes"], clock});
const unread = new Unread();
const marks = new Marks(() => sessionStorage);
const isReload = performance.getEntriesByType("navigation")[0]?.type === "reload";
if (!isReload) {
  marks.forget();
}
const shared = {
  store,
  clock,
  random: Math.random,
  times: new Times(chooseLocale(document.documentElement.lang, navigator.languages)),
  life: new Life({channel: browser, clock, idleSeconds: found.data.limits.idle_seconds}),
  attention: new Attention({page: document}),
  sidebar: new Sidebar({root: drawer}),
  stage: new Stage({page: document}),
  recents: new Recents(() => sessionStorage),
  unread,
  marks,
  meet: (user) => rooms.meet(user),
  forget,
};
const first = new Room(found, shared);
const rooms = new Rooms({first, who: found.me?.id ?? null});
const journey = new Journey({
  rooms,
  fetch: fetchRoom,
  open: (room) => new Room(room, shared),
  navigate: (path) => (path === location.pathname ? location.reload() : location.assign(path)),
});

/** Another room's page, or null. */
async function fetchRoom(path, signal) {
  const arrived = shared.sidebar.expect(slugAt(path));
  const page = await fetchPage(path, {signal, clock});
  arrived();
  return page && readRoom(page, document);
}

const badges = new Badges({root: drawer, unread, renew: renewList, changed: (sum) => shared.attention.elsewhere(sum)});
let isRenewing = false;

/** A room is not in the list of this page: one came to belong to it, or it was hidden until something was said there. */
async function renewList() {
  const link = drawer.querySelector("[data-arrange]");
  if (isRenewing || !link) {
    return;
  }
  isRenewing = true;
  clock.setTimeout(() => (isRenewing = false), RENEWAL_MS);
  const page = await fetchPage(link.href, {signal: new AbortController().signal, clock});
  const list = page && readPage(page.html).querySelector("[data-sidebar-rooms]");
  if (list) {
    shared.sidebar.replace(list);
    shared.sidebar.mark(rooms.current.slug);
    badges.adopt();
    unread.enter(rooms.current.slug);
  }
}

/** One has logged out, here or in another tab. */
function forget() {
  store.erase().catch(() => {});
  shared.recents.forget();
  shared.notices.forget();
  marks.forget();
  unread.forget();
  rooms.forget();
}

/** Somebody looks at this tab again. */
function wakeUp() {
  rooms.all.forEach((room) => room.wake());
  rooms.current.reload();
}

function doubt() {
  rooms.all.forEach((room) => room.wake({doubt: true}));
}

function awaitTomorrow() {
  clock.setTimeout(() => {
    rooms.current.draw();
    awaitTomorrow();
  }, untilTomorrow(clock.now()) + 1_000);
}

shared.life.on("change", () => rooms.all.forEach((room) => room.tell(shared.life.state)));
watchSigns({page: document, view: window, sign: () => shared.life.sign()});
browser.listen(({type}) => type === "gone" && forget());
addEventListener("online", doubt);
addEventListener("offline", () => rooms.current.drawLine());
addEventListener("pageshow", (event) => event.persisted && doubt());
addEventListener("pagehide", () => rooms.current.flush());
document.addEventListener("visibilitychange", () => (document.hidden ? rooms.current.flush() : wakeUp()));
addEventListener("keydown", (event) => {
  if (event.altKey && event.shiftKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    event.preventDefault();
    badges.go(rooms.current.slug, event.key === "ArrowDown" ? 1 : -1);
  }
});
watchNaps({clock, woken: doubt});
awaitTomorrow();

const visit = followRoomLinks({
  view: window,
  drawer,
  go: (where, arrive) => journey.go(where, arrive),
  stop: () => journey.stop(),
  here: () => rooms.current.slug,
});
shared.notices = startNotices({clock, sidebar: drawer, room: () => rooms.current, visit});
first.enter();
if (found.data.focus) {
  first.show(found.data.focus);
}
