/** The room's page: makes the parts, and connects what the server says with what is shown. */

import {systemClock as clock} from "../lib/clock.js";
import {chooseLocale, Times} from "../lib/times.js";
import {FRAME_REFUSED} from "../net/closing.js";
import {rename} from "../net/names.js";
import {Session} from "../net/session.js";
import {Socket} from "../net/socket.js";
import {Log} from "../state/log.js";
import {MemoryStore} from "../state/memory-store.js";
import {Outbox} from "../state/outbox.js";
import {Pager} from "../state/pager.js";
import {People} from "../state/people.js";
import {Attention} from "../ui/attention.js";
import {Composer} from "../ui/composer.js";
import {ConnectionBar} from "../ui/connection-bar.js";
import {Edges} from "../ui/edges.js";
import {Jump} from "../ui/jump.js";
import {LogView} from "../ui/log-view.js";
import {OwnName} from "../ui/own-name.js";
import {PeoplePanel} from "../ui/people-panel.js";
import {RoomHeader} from "../ui/room-header.js";
import {Scroller} from "../ui/scroller.js";

const PROTOCOL = "chat.v1";

const page = JSON.parse(document.getElementById("page").textContent);
const {urls, limits} = page;
const body = document.body;
const region = document.getElementById("chat-log");
const random = Math.random;

// What is known
const log = new Log({...page, pageSize: limits.history});
const people = new People({me: page.me});
const socket = new Socket({make: () => new WebSocket(address(urls.socket), PROTOCOL), clock, random});
const session = new Session({socket, position: () => log.position, clock});
const outbox = new Outbox({
  send: (frame) => session.send(frame),
  fill: (bytes) => crypto.getRandomValues(bytes),
  store: new MemoryStore(),
  clock,
  random,
});
const pager = new Pager({
  log,
  clock,
  limit: limits.history,
  canAsk: () => session.isReady && session.can("history"),
  ask: async (frame) => settle(await session.ask(frame)),
});

// What is shown
const scroller = new Scroller(region);
const edges = new Edges({region, scroller, log, pager});
const jump = new Jump({region: body, scroller, log, people, leave: () => pager.newest()});
const header = new RoomHeader({page: document, room: page.room});
const view = new LogView({
  region,
  scroller,
  log,
  outbox,
  people,
  clock,
  words: {times: new Times(chooseLocale(document.documentElement.lang, navigator.languages)), permalink: urls.permalink},
  afterwards,
});
const attention = new Attention({page: document, clock, tell: (state) => session.send({type: "presence", state})});
const bar = new ConnectionBar({body, clock, outbox, isOnline: () => navigator.onLine, connectNow: wake});
new PeoplePanel({page: document, people});
new OwnName({root: body.querySelector("[data-own-name-area]"), people, limit: limits.name, rename: (form) => rename(urls.name, form)});
new Composer({root: body.querySelector("[data-composer]"), limits, send});

/** The socket's address; it has the page's host, and its safety. */
function address(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}

function afterwards() {
  edges.draw({isEmpty: log.first === null && outbox.entries.length === 0});
  jump.draw();
  edges.fetch();
}

function send(text) {
  outbox.add(text);
  jump.go();
}

/** Messages came, live or by a page: those that are ours leave the outbox. */
function settle(frame) {
  frame.messages.forEach((message) => outbox.arrived(message));
  return frame;
}

function wake() {
  session.wake();
}

session.frames.on("hello", (frame) => {
  log.greet(frame);
  people.become(frame.user);
  Object.assign(limits, frame.limits);
  header.show(frame.room);
});
session.frames.on("sync", (frame) => {
  log.sync(frame);
  settle(frame);
});
session.frames.on("message", (frame) => {
  log.receive(frame);
  outbox.arrived(frame);
  outbox.passed(log.seq);
  if (frame.id === frame.seq && frame.user.id !== people.me?.id) {
    attention.heard();
  }
});
session.frames.on("tick", (frame) => {
  log.tick(frame);
  outbox.passed(log.seq);
});
session.frames.on("ack", (frame) => outbox.acked(frame));
session.frames.on("error", (frame) => outbox.refused(frame));
session.frames.on("presence", (frame) => people.hear(frame));
session.frames.on("user", (frame) => {
  people.rename(frame);
  log.rename(frame);
});
session.frames.on("room", ({room}) => {
  header.show(room);
  attention.entitle(header.title);
});

session.on("ready", () => {
  outbox.open({user: people.me.id, epoch: log.epoch});
  outbox.passed(log.seq);
  attention.greeted();
  edges.fetch();
});
session.on("lost", (code) => outbox.close({refused: FRAME_REFUSED.has(code)}));
socket.on("state", (state) => bar.show(state));
pager.on("change", view.redraw);

addEventListener("online", wake);
addEventListener("offline", () => bar.draw());
addEventListener("pageshow", (event) => event.persisted && wake());
document.addEventListener("visibilitychange", () => document.hidden || wake());

if (page.focus) {
  view.focus(page.focus);
}
socket.connect();
