/** The room's page: makes the parts, and connects what is known with what is shown. */

import {openChannel} from "../lib/channel.js";
import {systemClock as clock} from "../lib/clock.js";
import {Database} from "../lib/database.js";
import {watchNaps} from "../lib/naps.js";
import {moved} from "../lib/paths.js";
import {chooseLocale, Times} from "../lib/times.js";
import {gettext} from "../lib/words.js";
import {LOGGED_OUT, SENT_AWAY} from "../net/closing.js";
import {fetchMembers} from "../net/members.js";
import {rename} from "../net/names.js";
import {Session} from "../net/session.js";
import {Socket} from "../net/socket.js";
import {Changes} from "../state/changes.js";
import {Draft} from "../state/draft.js";
import {Entries} from "../state/entries.js";
import {Life} from "../state/life.js";
import {Log} from "../state/log.js";
import {Members} from "../state/members.js";
import {offersFor} from "../state/offers.js";
import {Outbox} from "../state/outbox.js";
import {Pace} from "../state/pace.js";
import {Pager} from "../state/pager.js";
import {People} from "../state/people.js";
import {Place} from "../state/place.js";
import {Turn} from "../state/turn.js";
import {Typing} from "../state/typing.js";
import {Typists} from "../state/typists.js";
import {Attention} from "../ui/attention.js";
import {Composer} from "../ui/composer.js";
import {ConnectionBar} from "../ui/connection-bar.js";
import {CutMark} from "../ui/cut-mark.js";
import {Edges} from "../ui/edges.js";
import {Editor} from "../ui/editor.js";
import {Farewell} from "../ui/farewell.js";
import {listenToFailures} from "../ui/failures.js";
import {Jump} from "../ui/jump.js";
import {LogView} from "../ui/log-view.js";
import {MessageActions} from "../ui/message-actions.js";
import {OwnName} from "../ui/own-name.js";
import {PeoplePanel} from "../ui/people-panel.js";
import {readdress} from "../ui/readdress.js";
import {RoomHeader} from "../ui/room-header.js";
import {Scroller} from "../ui/scroller.js";
import {Sidebar} from "../ui/sidebar.js";
import {watchSigns} from "../ui/signs.js";
import {TypingLine} from "../ui/typing-line.js";
import {Voice} from "../ui/voice.js";
import {isTouch} from "../ui/writing.js";
import {converse} from "./conversation.js";

const PROTOCOL = "chat.v1";

const page = takeOut("page");
const {limits, room: {slug}} = page;
let {urls} = page;
const body = document.body;
const region = document.getElementById("chat-log");
const list = region.querySelector("[data-messages]");
const random = Math.random;

// What is known
const store = new Database({factory: () => indexedDB, name: "chat", tables: ["entries", "drafts", "changes"], clock});
const channel = openChannel(`chat ${slug}`); // The tabs of this room.
const browser = openChannel("chat"); // All tabs.
const place = new Place(page.room);
const log = new Log({...page, pageSize: limits.history});
const people = new People({me: page.me});
const members = new Members({fetch: () => fetchMembers(urls.members), clock});
const pace = new Pace({clock, slow: () => place.slow});
const socket = new Socket({make: () => new WebSocket(address(urls.socket), PROTOCOL), clock, random});
const session = new Session({socket, position: () => log.position, clock});
const entries = new Entries({store, channel, room: slug});
const turn = new Turn({locks: navigator.locks, channel, clock});
const outbox = new Outbox({
  send: (frame) => session.send(frame),
  fill: (bytes) => crypto.getRandomValues(bytes),
  entries,
  turn,
  clock,
  random,
});
const changes = new Changes({log, ask: (frame) => session.ask(frame), store, clock, random});
const draft = new Draft({store, channel, clock, room: slug});
const pager = new Pager({
  log,
  clock,
  limit: limits.history,
  canAsk: () => session.isReady && session.can("history"),
  ask: (frame) => session.ask(frame),
});
const life = new Life({channel: browser, clock, idleSeconds: limits.idle_seconds});
const typists = new Typists({clock, shownSeconds: limits.typing_shown_seconds});
const typing = new Typing({clock, send: (frame) => session.send(frame), everySeconds: limits.typing_seconds});
converse({session, place, pace, log, outbox, changes, draft, people, members, typists, life});

// What is shown
const scroller = new Scroller(region);
const edges = new Edges({region, scroller, log, pager});
const cut = new CutMark({region, scroller, log, nodeOf});
const jump = new Jump({region: body, scroller, log, people, leave: () => pager.newest()});
const header = new RoomHeader({page: document, place});
const sidebar = new Sidebar({root: document.querySelector("[data-sidebar]"), place, people});
const farewell = new Farewell({page: document});
const times = new Times(chooseLocale(document.documentElement.lang, navigator.languages));
const parts = []; // What stands on messages, and has to look after each drawing whether it still may.
const view = new LogView({
  region,
  scroller,
  log,
  outbox,
  changes,
  people,
  clock,
  words: {times, permalink: (id) => urls.permalink.replace(/0$/, id)},
  afterwards,
});
const writing = body.querySelector("[data-composer]");
const voice = new Voice({root: writing, place, pace, times, clock, ask: () => session.wake({doubt: true})});
const composer = new Composer({root: writing, limits, draft, typing, canSend: () => voice.isFree, send, editLast});
const toComposer = () => isTouch() || composer.focus();
const editor = new Editor({log, changes, limits, nodeOf, done: toComposer});
const actions = new MessageActions({
  list,
  offers,
  lead: (offer, id) => urls[offer].replace("/0/", `/${offer === "person" ? log.get(id).user.id : id}/`),
  edit: (id) => editor.open(id),
  copy: (id) => navigator.clipboard.writeText(log.get(id).message),
  remove: (id) => changes.remove(id),
  done: toComposer,
});
parts.push(editor, actions);
listenToFailures({list, outbox, changes, retryChange});
const attention = new Attention({page: document});
new TypingLine({root: writing, typists, clock});
watchSigns({page: document, view: window, sign: () => life.sign()});
const bar = new ConnectionBar({body, clock, outbox, isOnline: () => navigator.onLine, connectNow: () => session.wake()});
const panel = new PeoplePanel({page: document, people, members, mayLook: () => place.isInside});
new OwnName({root: body.querySelector("[data-own-name-area]"), people, limit: limits.name, rename: (form) => rename(urls.name, form)});

/** What the server has put into the page for us; it does not stay there. */
function takeOut(id) {
  const element = document.getElementById(id);
  element.remove();
  return JSON.parse(element.textContent);
}

/** The socket's address; it has the page's host, and its safety. */
function address(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}

function afterwards() {
  edges.draw({isEmpty: log.first === null && outbox.entries.length === 0});
  cut.draw();
  jump.draw();
  edges.fetch();
  parts.forEach((part) => part.settle());
}

function nodeOf(id) {
  return view.nodeOf(id);
}

function send(text) {
  outbox.add(text);
  jump.go();
}

/** What there is to do with a message that is not being changed already. */
function offers(id) {
  const can = (type) => (type === "copy" ? isTouch() && Boolean(navigator.clipboard) : session.can(type));
  const isBusy = changes.of(id) !== null || editor.id === id;
  const facts = {me: people.me, may: (right) => place.may(right), can, editSeconds: limits.edit_seconds, now: clock.now()};
  return isBusy ? [] : offersFor(log.get(id), facts);
}

/** Somebody looks at this tab again. */
function wakeUp() {
  session.wake();
  entries.reload();
}

function editLast() {
  const last = log.messages.findLast(({id}) => offers(id).includes("edit") || editor.id === id);
  return Boolean(last) && editor.open(last.id);
}

function retryChange(id) {
  if (changes.of(id)?.kind === "edit") {
    editor.open(id);
  } else {
    changes.retry(id);
  }
}

/** The server has closed the room to this person: nothing of it stays on the page. */
function leave(code) {
  const logOut = code === LOGGED_OUT;
  farewell.show(code, {logOut, back: location.pathname});
  if (logOut) {
    attention.entitle(gettext("Chat"));
  } else {
    sidebar.leave();
  }
}

session.frames.on("hello", (frame) => Object.assign(limits, frame.limits));
session.frames.on("message", ({id, seq, user}) => {
  if (id === seq && user.id !== people.me?.id) {
    attention.heard();
  }
});
place.on("moved", (from) => {
  const to = place.room.slug;
  urls = Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, moved(url, from, to)]));
  history.replaceState(history.state, "", moved(location.pathname, from, to) + location.search + location.hash);
  readdress(document, from, to);
});
place.on("change", () => {
  attention.entitle(header.title);
  parts.forEach((part) => part.settle());
  panel.look();
});
session.on("lost", (code) => code === LOGGED_OUT && store.erase().catch(() => {}));
browser.listen(({type}) => type === "gone" && store.erase().catch(() => {}));
session.on("ready", () => {
  edges.fetch();
});
socket.on("state", (state) => bar.show(state));
socket.on("state", ({code}) => SENT_AWAY.has(code) && leave(code));
pager.on("change", view.redraw);
changes.on("failed", (change) => editor.reopen(change));

addEventListener("online", () => session.wake({doubt: true}));
addEventListener("offline", () => bar.draw());
addEventListener("pageshow", (event) => event.persisted && session.wake({doubt: true}));
addEventListener("pagehide", () => draft.flush());
document.addEventListener("visibilitychange", () => (document.hidden ? draft.flush() : wakeUp()));
watchNaps({clock, woken: () => session.wake({doubt: true})});

// What an earlier page has left; the hello will say whether it is still the same person's.
const me = {user: page.me?.id ?? null, guest: page.me?.guest ?? null, epoch: page.epoch};
[outbox, changes, draft].forEach((keeper) => keeper.become(me));
log.messages.forEach((message) => outbox.arrived(message));
entries.reload();
const last = log.messages.findLast(({user}) => user.id === me.user);
if (last) {
  pace.said(Date.parse(last.ts));
}
if (page.focus) {
  view.focus(page.focus);
}
socket.connect();
