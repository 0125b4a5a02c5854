/** One room of the page: makes its parts, and connects what is known with what is shown. */

import {openChannel} from "../lib/channel.js";
import {moved, pathOf} from "../lib/paths.js";
import {gettext} from "../lib/words.js";
import {LOGGED_OUT, SENT_AWAY} from "../net/closing.js";
import {fetchMembers} from "../net/members.js";
import {rename} from "../net/names.js";
import {Session} from "../net/session.js";
import {Socket} from "../net/socket.js";
import {Changes} from "../state/changes.js";
import {Draft} from "../state/draft.js";
import {Entries} from "../state/entries.js";
import {Log} from "../state/log.js";
import {Members} from "../state/members.js";
import {offersFor} from "../state/offers.js";
import {Mentions} from "../state/mentions.js";
import {Originals} from "../state/originals.js";
import {Outbox} from "../state/outbox.js";
import {Pace} from "../state/pace.js";
import {Pager} from "../state/pager.js";
import {People} from "../state/people.js";
import {Place} from "../state/place.js";
import {Reading} from "../state/reading.js";
import {Reactions} from "../state/reactions.js";
import {Turn} from "../state/turn.js";
import {Typing} from "../state/typing.js";
import {Typists} from "../state/typists.js";
import {Composer} from "../ui/composer.js";
import {ConnectionBar} from "../ui/connection-bar.js";
import {CutMark} from "../ui/cut-mark.js";
import {Divider} from "../ui/divider.js";
import {Edges} from "../ui/edges.js";
import {Editor} from "../ui/editor.js";
import {EmojiPicker} from "../ui/emoji-picker.js";
import {Farewell} from "../ui/farewell.js";
import {listenToFailures} from "../ui/failures.js";
import {Jump} from "../ui/jump.js";
import {LogView} from "../ui/log-view.js";
import {MentionList} from "../ui/mention-list.js";
import {MessageActions} from "../ui/message-actions.js";
import {OwnName} from "../ui/own-name.js";
import {PeoplePanel} from "../ui/people-panel.js";
import {Quotes} from "../ui/quotes.js";
import {readdress} from "../ui/readdress.js";
import {ReactionChips} from "../ui/reactions.js";
import {ReplyBar} from "../ui/reply-bar.js";
import {RoomHeader} from "../ui/room-header.js";
import {Scroller} from "../ui/scroller.js";
import {Sight} from "../ui/sight.js";
import {TypingLine} from "../ui/typing-line.js";
import {Voice} from "../ui/voice.js";
import {isTouch} from "../ui/writing.js";
import {converse} from "./conversation.js";
import {report} from "./reporting.js";

const PROTOCOL = "chat.v1";

/**
 * Make a room of its part of a page (`root`) and of the data that came with it (`page`); nothing is shown or connected before
 * `enter`. `list` is the list of rooms as that page had it. `shared` is what all rooms of the document have in common: {store,
 * clock, random, times, life, attention, sidebar, stage, recents, notices, unread, marks,
 * meet, forget}. See state/rooms.js for what a room can do.
 */
export function openRoom({root, data: page, list: found = null}, shared) {
  const {limits, room: {slug}} = page;
  let {urls} = page;
  let isHere = false;
  let isOver = false;
  let scrolled = 0;
  const {store, clock, random, times, life, attention, sidebar, stage, recents, unread, marks} = shared;
  const ending = new AbortController();
  const region = root.querySelector("#chat-log");
  const list = region.querySelector("[data-messages]");

  // What is known
  const channel = openChannel(`chat ${slug}`); // The tabs of this room.
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
  const reactions = new Reactions({log, people, ask: (frame) => session.ask(frame), clock, random});
  const draft = new Draft({store, channel, clock, room: slug});
  const pager = new Pager({
    log,
    clock,
    limit: limits.history,
    canAsk: () => session.isReady && session.can("history"),
    ask: (frame) => session.ask(frame),
  });
  const originals = new Originals({log, ask: (frame) => session.ask(frame), canAsk: () => session.isReady && session.can("history"), clock});
  const typists = new Typists({clock, shownSeconds: limits.typing_shown_seconds});
  const typing = new Typing({clock, send: (frame) => session.send(frame), everySeconds: limits.typing_seconds});
  const reading = new Reading({clock, send: (frame) => place.isInside && session.send(frame), marks: marks.of(() => place.room.slug)});
  converse({session, place, pace, log, outbox, changes, reactions, draft, people, members, typists, life, reading, unread});

  // What is shown
  const scroller = new Scroller(region);
  const edges = new Edges({region, scroller, log, pager});
  const cut = new CutMark({region, scroller, log, nodeOf});
  const jump = new Jump({region: root, scroller, log, people, leave: () => pager.newest()});
  const header = new RoomHeader({root, place});
  const farewell = new Farewell({root, page: document});
  const parts = []; // What stands on messages, and has to look after each drawing whether it still may.
  const view = new LogView({
    region,
    scroller,
    log,
    outbox,
    changes,
    people,
    divider: new Divider({reading, log, people}),
    clock,
    words: {times, permalink: (id) => urls.permalink.replace(/0$/, id), original: (id) => originals.of(id), kinds: (message) => reactions.of(message), isForMe},
    afterwards,
  });
  const sight = new Sight({region, scroller, page: document, shown: (id) => isHere && reading.shown(id)});
  const writing = root.querySelector("[data-composer]");
  const voice = new Voice({root: writing, place, pace, times, clock, ask: () => session.wake({doubt: true})});
  const composer = new Composer({root: writing, limits, draft, typing, canSend: () => voice.isFree, send, editLast});
  new MentionList({root: writing, mentions: new Mentions({people, members, mayLook: () => place.isInside})});
  const toComposer = () => isTouch() || composer.focus();
  const editor = new Editor({log, changes, limits, nodeOf, done: toComposer});
  const reply = new ReplyBar({root: writing, originals, changed: (id) => draft.answer(id)});
  new Quotes({root, list, show});
  const picker = new EmojiPicker({pick: (id, emoji) => reactions.add(id, emoji), done: toComposer});
  const chips = new ReactionChips({list, reactions, nodeOf, toggle: (id, emoji) => offers(id).includes("react") && reactions.toggle(id, emoji)});
  const actions = new MessageActions({
    root,
    list,
    offers,
    lead: (offer, id) => urls[offer].replace("/0/", `/${offer === "person" ? log.get(id).user.id : id}/`),
    react: (id, node) => picker.open(id, node),
    answer: (id) => {
      reply.answer(id);
      composer.focus();
    },
    edit: (id) => editor.open(id),
    copy: (id) => navigator.clipboard.writeText(log.get(id).message),
    remove: (id) => changes.remove(id),
    unread: (id) => reading.back(id),
    done: toComposer,
  });
  parts.push(editor, actions);
  listenToFailures({list, outbox, changes, retryChange});
  new TypingLine({root: writing, typists, clock});
  const bar = new ConnectionBar({root, clock, outbox, isOnline: () => navigator.onLine, connectNow: () => session.wake()});
  const panel = new PeoplePanel({root, people, members, mayLook: () => place.isInside, ending: ending.signal});
  new OwnName({root: root.querySelector("[data-own-name-area]"), people, limit: limits.name, rename: (form) => rename(urls.name, form)});

  function afterwards() {
    edges.draw({isEmpty: log.first === null && outbox.entries.length === 0});
    cut.draw();
    jump.draw();
    edges.fetch();
    parts.forEach((part) => part.settle());
    sight.look();
    chips.allow(place.may("react") && session.can("react"));
  }

  function nodeOf(id) {
    return view.nodeOf(id);
  }

  function send(text) {
    outbox.add(text, session.can("reply") ? reply.id : null);
    jump.go();
  }

  /** Bring a message into the middle, if it is there. */
  function show(id) {
    view.focus(id);
    return view.nodeOf(id) !== null;
  }

  function isForMe({user, mentions = [], mentions_here: isForAll = false, deleted}) {
    const me = people.me?.id;
    return !deleted && user.id !== me && (isForAll || mentions.includes(me));
  }

  /** What there is to do with a message that is not being changed already. */
  function offers(id) {
    const can = (type) => (type === "copy" ? isTouch() && Boolean(navigator.clipboard) : session.can(type));
    const isBusy = changes.of(id) !== null || editor.id === id;
    const facts = {me: people.me, isInside: place.isInside, may: (right) => place.may(right), can, editSeconds: limits.edit_seconds, now: clock.now()};
    return isBusy ? [] : offersFor(log.get(id), facts);
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
  function sendAway(code) {
    const logOut = code === LOGGED_OUT;
    isOver = true;
    farewell.show(code, {logOut, back: pathOf(place.room.slug)});
    if (logOut) {
      attention.entitle(gettext("Chat"));
      shared.forget();
    } else {
      sidebar.leave(place.room.slug);
    }
  }

  /** The line is still there where one comes back before all was sent. */
  function join() {
    if (["closed", "resting"].includes(socket.state)) {
      socket.connect();
    } else {
      session.wake();
    }
  }

  /** One has left, and what was written here has gone out: the line is not needed any more. */
  function giveBack() {
    if (!isHere && !isWaiting()) {
      socket.rest();
    }
  }

  function isWaiting() {
    return outbox.waiting > 0 || changes.waiting > 0 || reactions.waiting > 0;
  }

  session.frames.on("hello", (frame) => Object.assign(limits, frame.limits));
  session.frames.on("hello", ({user}) => shared.meet(user));
  session.frames.on("message", ({id, seq, user}) => {
    if (isHere && id === seq && user.id !== people.me?.id) {
      attention.heard();
      if (document.hidden) {
        reading.missed(id);
      }
    }
  });
  report({frames: session.frames, place, people, notices: () => shared.notices, isHere: () => isHere});
  place.on("moved", (from) => {
    const to = place.room.slug;
    urls = Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, moved(url, from, to)]));
    if (isHere) {
      history.replaceState(history.state, "", moved(location.pathname, from, to) + location.search + location.hash);
      shared.notices.entered();
    }
    sidebar.draw(place.room, from);
    [document, root].forEach((part) => readdress(part, from, to));
  });
  place.on("change", () => {
    sidebar.draw(place.room);
    if (isHere) {
      attention.entitle(header.title);
    }
    parts.forEach((part) => part.settle());
    panel.look();
  });
  people.on("me", () => sidebar.name(people.me));
  session.on("ready", () => {
    if (isHere) {
      edges.fetch();
      shared.notices.greeted();
    }
  });
  session.on("ready", sight.look);
  reading.on("change", view.redraw);
  socket.on("state", (state) => bar.show(state));
  socket.on("state", ({code}) => SENT_AWAY.has(code) && sendAway(code));
  pager.on("change", view.redraw);
  draft.on("answers", (id) => id !== null && reply.id === null && reply.answer(id));
  draft.on("answered", () => reply.answer(null));
  originals.on("change", () => {
    view.redraw();
    reply.draw();
  });
  session.frames.on("message", (frame) => originals.heard(frame));
  session.on("ready", () => originals.fetch());
  reactions.on("change", (id) => view.refill(id));
  changes.on("failed", (change) => editor.reopen(change));
  outbox.on("change", giveBack);
  changes.on("change", giveBack);
  reactions.on("change", giveBack);

  // What an earlier page has left; the hello will say whether it is still the same person's.
  const me = {user: page.me?.id ?? null, guest: page.me?.guest ?? null, epoch: page.epoch};
  [outbox, changes, draft].forEach((keeper) => keeper.become(me));
  log.messages.forEach((message) => outbox.arrived(message));
  reactions.learn(log.messages);
  entries.reload();
  const last = log.messages.findLast(({user}) => user.id === me.user);
  if (last) {
    pace.said(Date.parse(last.ts));
  }

  return {
    get slug() {
      return place.room.slug;
    },
    get title() {
      return place.room.title;
    },
    get kind() {
      return place.room.kind;
    },
    get path() {
      return pathOf(place.room.slug);
    },
    get isOver() {
      return isOver;
    },
    get isWaiting() {
      return isWaiting();
    },

    enter() {
      isHere = true;
      stage.show(root, place.room.title);
      region.scrollTop = scrolled;
      sidebar.mark(place.room.slug, found);
      recents.add(place.room.slug);
      shared.notices.entered();
      unread.enter(place.room.slug);
      attention.entitle(header.title);
      bar.draw();
      view.draw();
      join();
      panel.look();
    },

    /** What is written here still goes out; after that, nothing is heard of the room until one comes back. */
    async leave() {
      sight.lookNow();
      isHere = false;
      reading.leave();
      scrolled = region.scrollTop;
      draft.flush();
      await entries.reload();
      giveBack();
    },

    /** One was here all the time. */
    revisit() {
      jump.go();
      this.focus();
    },

    focus() {
      toComposer();
      if (!root.contains(document.activeElement)) {
        root.focus();
      }
    },

    /** Bring a message into the middle. */
    show(id) {
      view.focus(id);
    },

    end() {
      ending.abort();
      socket.rest();
      channel.close();
    },

    // What happens to the page
    draw: () => view.redraw(),
    drawLine: () => bar.draw(),
    flush() {
      sight.lookNow();
      reading.flush();
      draft.flush();
    },
    tell: (state) => session.send({type: "presence", state}),
    wake: (how) => {
      session.wake(how);
      sight.look();
    },
    reload: () => entries.reload(),
  };
}

/** The socket's address; it has the page's host, and its safety. */
function address(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}
