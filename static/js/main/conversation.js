/** Connects what the server says with what is known: who one is, the log, and what one has written. No page here. */

import {FRAME_REFUSED} from "../net/closing.js";

/** Listen to the session from now on. */
export function converse({session, log, outbox, changes, draft, people}) {
  const {frames} = session;

  const passed = () => {
    outbox.passed(log.seq);
    changes.passed();
  };
  const become = (me) => [outbox, changes, draft].forEach((keeper) => keeper.become(me));

  frames.on("hello", (frame) => {
    log.greet(frame);
    people.become(frame.user);
    become({user: frame.user.id, guest: frame.user.guest, epoch: frame.epoch});
    log.messages.forEach((message) => outbox.arrived(message)); // Some may be this person's only now.
  });
  frames.on("sync", (frame) => {
    log.sync(frame);
    frame.messages.forEach((message) => outbox.arrived(message));
  });
  frames.on("message", (frame) => {
    log.receive(frame);
    outbox.arrived(frame);
    passed();
  });
  frames.on("history", ({messages}) => messages.forEach((message) => outbox.arrived(message)));
  frames.on("tick", (frame) => {
    log.tick(frame);
    passed();
  });
  frames.on("ack", (frame) => outbox.acked(frame));
  frames.on("error", (frame) => outbox.refused(frame));
  frames.on("presence", (frame) => people.hear(frame));
  frames.on("user", (frame) => {
    people.rename(frame);
    log.rename(frame);
  });

  session.on("ready", () => {
    outbox.open();
    changes.open();
    passed();
  });
  session.on("lost", (code) => {
    outbox.close({refused: FRAME_REFUSED.has(code)});
    changes.close();
  });
  outbox.on("unanswered", () => session.wake({doubt: true}));
}
