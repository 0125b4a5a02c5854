/** What is known of one room, and the line to its server: made, and connected with each other. Nothing is shown here. */

import {openChannel} from "../lib/channel.js";
import {fetchMembers} from "../net/members.js";
import {Session} from "../net/session.js";
import {Socket} from "../net/socket.js";
import {Changes} from "../state/changes.js";
import {Draft} from "../state/draft.js";
import {Entries} from "../state/entries.js";
import {Log} from "../state/log.js";
import {Members} from "../state/members.js";
import {Originals} from "../state/originals.js";
import {Outbox} from "../state/outbox.js";
import {Pace} from "../state/pace.js";
import {Pager} from "../state/pager.js";
import {People} from "../state/people.js";
import {Place} from "../state/place.js";
import {Reactions} from "../state/reactions.js";
import {Reading} from "../state/reading.js";
import {Turn} from "../state/turn.js";
import {Typing} from "../state/typing.js";
import {Typists} from "../state/typists.js";
import {converse} from "./conversation.js";

const PROTOCOL = "chat.v1";

/** All that is known, by name, out of a `page`'s data; nothing is connected to the server yet. */
export function know({page, addresses, shared}) {
  const {limits, room: {slug}} = page;
  const {store, clock, random, life, unread, marks} = shared;
  const channel = openChannel(`chat ${slug}`); // The tabs of this room.
  const place = new Place(page.room);
  const log = new Log({...page, pageSize: limits.history});
  const people = new People({me: page.me});
  const socket = new Socket({make: () => new WebSocket(socketAddress(addresses.of("socket")), PROTOCOL), clock, random});
  const session = new Session({socket, position: () => log.position, clock});
  const send = (frame) => session.send(frame);
  const ask = (frame) => session.ask(frame);
  const canAsk = () => session.isReady && session.can("history");
  const entries = new Entries({store, channel, room: slug});
  const turn = new Turn({locks: navigator.locks, channel, clock});
  const known = {
    channel,
    place,
    log,
    people,
    socket,
    session,
    entries,
    members: new Members({fetch: () => fetchMembers(addresses.of("members")), clock}),
    pace: new Pace({clock, slow: () => place.slow}),
    outbox: new Outbox({send, fill: (bytes) => crypto.getRandomValues(bytes), entries, turn, clock, random}),
    changes: new Changes({log, ask, store, clock, random}),
    reactions: new Reactions({log, people, ask, clock, random}),
    draft: new Draft({store, channel, clock, room: slug}),
    pager: new Pager({log, clock, limit: limits.history, canAsk, ask}),
    originals: new Originals({log, ask, canAsk, clock}),
    typists: new Typists({clock, shownSeconds: limits.typing_shown_seconds}),
    typing: new Typing({clock, send, everySeconds: limits.typing_seconds}),
    reading: new Reading({clock, send: (frame) => place.isInside && send(frame), marks: marks.of(() => place.room.slug)}),
  };
  converse({...known, life, unread});
  session.frames.on("hello", (frame) => Object.assign(limits, frame.limits));
  session.frames.on("message", (frame) => known.originals.heard(frame));
  session.on("ready", () => known.originals.fetch());
  return known;
}

/** Take up what an earlier page has left; the hello will say whether it is still the same person's. */
export function takeUp(page, {log, pace, entries, outbox, changes, reactions, draft}) {
  const me = {user: page.me?.id ?? null, guest: page.me?.guest ?? null, epoch: page.epoch};
  [outbox, changes, draft].forEach((keeper) => keeper.become(me));
  log.messages.forEach((message) => outbox.arrived(message));
  reactions.learn(log.messages);
  entries.reload();
  const last = log.messages.findLast(({user}) => user.id === me.user);
  if (last) {
    pace.said(Date.parse(last.ts));
  }
}

/** The socket's address; it has the page's host, and its safety. */
function socketAddress(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}
