/** Tells of what is new while nobody looks: connects the rooms' frames, the tabs of this browser, and the notifications. */

import {pathOf} from "../lib/paths.js";
import {gettext} from "../lib/words.js";
import {Hold, isHeld} from "../state/hold.js";
import {NoticeChoice} from "../state/notice-choice.js";
import {Notices} from "../state/notices.js";
import {NoticePanel} from "../ui/notice-panel.js";
import {Notifier} from "../ui/notifier.js";
import {ownRooms} from "../ui/own-rooms.js";

/** `room` returns the room that is shown, {slug, title, kind}; `visit(path)` leads to another. */
export function startNotices({clock, sidebar, room, visit}) {
  const {locks} = navigator;
  const leader = new Hold({locks});
  const speaker = new Hold({locks}); // Of the tabs in this room; that it is held at all says that one of them is there.
  const look = new Hold({locks});
  const choice = new NoticeChoice(() => localStorage);
  const notifier = new Notifier({choice, go: (slug) => visit(pathOf(slug))});
  const watch = {
    speaksFor: (slug) => slug === room().slug && speaker.isMine,
    get leads() {
      return leader.isMine;
    },
    isOpen: (slug) => isHeld(locks, `room ${slug}`),
    isLookedAt: async (slug) => (slug === room().slug && !document.hidden) || isHeld(locks, `look ${slug}`),
  };
  const notices = new Notices({clock, choice, watch, tell: (notice) => notifier.tell(notice)});

  function stand() {
    const {slug} = room();
    speaker.take(`room ${slug}`);
    if (document.hidden) {
      look.leave();
    } else {
      look.take(`look ${slug}`, {mode: "shared"});
      notifier.close(slug);
    }
  }

  /** A room as the list of rooms knows it, if it does. */
  function listed({slug, title = gettext("A new room or conversation"), kind = "direct"}) {
    const {level = null, ...known} = ownRooms(sidebar).own.find(({key}) => key === slug) ?? {};
    return {slug, title: known.title ?? title, kind: known.kind ?? kind, level};
  }

  leader.take("notices");
  document.addEventListener("visibilitychange", stand);
  new NoticePanel({page: document, choice, notifier, room});
  return {
    greeted: () => notices.greeted(),
    entered() {
      notices.entered(room());
      stand();
    },
    said: (messages, me) => messages.forEach((message) => notices.said(listed(room()), message, me)),
    unread: (frame) => notices.unread(listed(frame), frame),
    read: (id) => notices.read(room().slug, id),
    forget: () => choice.forget(),
  };
}
