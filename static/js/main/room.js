/** The room's page: makes the parts, and connects what is known with what is shown. */

import {openChannel} from "../lib/channel.js";
import {systemClock as clock} from "../lib/clock.js";
import {Database} from "../lib/database.js";
import {watchNaps} from "../lib/naps.js";
import {chooseLocale, Times} from "../lib/times.js";
import {rename} from "../net/names.js";
import {Session} from "../net/session.js";
import {Socket} from "../net/socket.js";
import {Changes} from "../state/changes.js";
import {Draft} from "../state/draft.js";
import {Entries} from "../state/entries.js";
import {Log} from "../state/log.js";
import {Outbox} from "../state/outbox.js";
import {Pager} from "../state/pager.js";
import {People} from "../state/people.js";
import {Turn} from "../state/turn.js";
import {Attention} from "../ui/attention.js";
import {Composer} from "../ui/composer.js";
import {ConnectionBar} from "../ui/connection-bar.js";
import {CutMark} from "../ui/cut-mark.js";
import {Edges} from "../ui/edges.js";
import {Editor} from "../ui/editor.js";
import {listenToFailures} from "../ui/failures.js";
import {Jump} from "../ui/jump.js";
import {LogView} from "../ui/log-view.js";
import {MessageActions} from "../ui/message-actions.js";
import {OwnName} from "../ui/own-name.js";
import {PeoplePanel} from "../ui/people-panel.js";
import {RoomHeader} from "../ui/room-header.js";
import {Scroller} from "../ui/scroller.js";
import {isTouch} from "../ui/writing.js";
import {converse} from "./conversation.js";

const PROTOCOL = "chat.v1";
const LOGGED_OUT = 4401;

const page = JSON.parse(document.getElementById("page").textContent);
const {urls, limits, room: {slug}} = page;
const body = document.body;
const region = document.getElementById("chat-log");
const list = region.querySelector("[data-messages]");
const random = Math.random;

// What is known
const store = new Database({factory: () => indexedDB, name: "chat", tables: ["entries", "drafts", "changes"], clock});
const channel = openChannel(`chat ${slug}`);
const log = new Log({...page, pageSize: limits.history});
const people = new People({me: page.me});
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
converse({session, log, outbox, changes, draft, people});

// What is shown
const scroller = new Scroller(region);
const edges = new Edges({region, scroller, log, pager});
const cut = new CutMark({region, scroller, log, nodeOf});
const jump = new Jump({region: body, scroller, log, people, leave: () => pager.newest()});
const header = new RoomHeader({page: document, room: page.room});
const parts = []; // What stands on messages, and has to look after each drawing whether it still may.
const view = new LogView({
  region,
  scroller,
  log,
  outbox,
  changes,
  people,
  clock,
  words: {times: new Times(chooseLocale(document.documentElement.lang, navigator.languages)), permalink: urls.permalink},
  afterwards,
});
const composer = new Composer({root: body.querySelector("[data-composer]"), limits, draft, send, editLast});
const toComposer = () => isTouch() || composer.focus();
const editor = new Editor({log, changes, limits, nodeOf, done: toComposer});
const actions = new MessageActions({
  list,
  isOwn: (node) => mayChange(Number(node?.dataset.id)),
  can: (type) => (type === "copy" ? isTouch() && Boolean(navigator.clipboard) : session.can(type)),
  edit: (id) => editor.open(id),
  copy: (id) => navigator.clipboard.writeText(log.get(id).message),
  remove: (id) => changes.remove(id),
  done: toComposer,
});
parts.push(editor, actions);
listenToFailures({list, outbox, changes, retryChange});
const attention = new Attention({page: document, clock, tell: (state) => session.send({type: "presence", state})});
const bar = new ConnectionBar({body, clock, outbox, isOnline: () => navigator.onLine, connectNow: () => session.wake()});
new PeoplePanel({page: document, people});
new OwnName({root: body.querySelector("[data-own-name-area]"), people, limit: limits.name, rename: (form) => rename(urls.name, form)});

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

/** Whether a message is one's own, there, and not being changed already. */
function mayChange(id) {
  const message = log.get(id);
  const isOwn = Boolean(message) && message.user.id === people.me?.id && !message.deleted;
  return isOwn && changes.of(id) === null && editor.id !== id && (session.can("edit") || session.can("delete"));
}

/** Somebody looks at this tab again. */
function wakeUp() {
  session.wake();
  entries.reload();
}

function editLast() {
  const last = log.messages.findLast(({id}) => mayChange(id) || editor.id === id);
  return Boolean(last) && session.can("edit") && editor.open(last.id);
}

function retryChange(id) {
  if (changes.of(id)?.kind === "edit") {
    editor.open(id);
  } else {
    changes.retry(id);
  }
}

session.frames.on("hello", (frame) => {
  Object.assign(limits, frame.limits);
  header.show(frame.room);
});
session.frames.on("message", ({id, seq, user}) => {
  if (id === seq && user.id !== people.me?.id) {
    attention.heard();
  }
});
session.frames.on("room", ({room}) => {
  header.show(room);
  attention.entitle(header.title);
});
session.on("lost", (code) => code === LOGGED_OUT && store.erase().catch(() => {}));
openChannel("chat").listen(({type}) => type === "gone" && store.erase().catch(() => {}));
session.on("ready", () => {
  attention.greeted();
  edges.fetch();
});
socket.on("state", (state) => bar.show(state));
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
if (page.focus) {
  view.focus(page.focus);
}
socket.connect();
