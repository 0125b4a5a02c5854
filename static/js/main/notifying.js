/** Tells of what is new while nobody looks: connects the rooms' frames, the tabs of this browser, and the notifications. */

import {pathOf} from "../lib/paths.js";
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

  /** Another room, as the list of rooms knows it. */
  function listed(slug) {
    const {title, kind} = ownRooms(sidebar).own.find(({key}) => key === slug) ?? {title: slug, kind: "public"};
    return {slug, title, kind};
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
    said: (messages, me) => messages.forEach((message) => notices.said(room(), message, me)),
    unread: (frame) => notices.unread(listed(frame.slug), frame),
    read: (id) => notices.read(room().slug, id),
    forget: () => choice.forget(),
  };
}
