/** Connects what the server says with what is known: who one is, the log, and what one has written. No page here. */

import {FRAME_REFUSED, SENT_AWAY} from "../net/closing.js";

/** Listen to the session from now on. */
export function converse({session, place, pace, log, outbox, changes, reactions, draft, people, members, typists, life, reading, unread}) {
  const {frames} = session;

  const passed = () => {
    outbox.passed(log.seq);
    changes.passed();
    reactions.passed();
  };
  const become = (me) => [outbox, changes, draft].forEach((keeper) => keeper.become(me));

  frames.on("hello", (frame) => {
    place.become(frame.room);
    log.greet(frame);
    people.become(frame.user);
    reading.greet(frame.read, frame.seq);
    become({user: frame.user.id, guest: frame.user.guest, epoch: frame.epoch});
    log.messages.forEach((message) => outbox.arrived(message)); // Some may be this person's only now.
  });
  frames.on("sync", (frame) => {
    reactions.learn(frame.messages);
    log.sync(frame);
    frame.messages.forEach((message) => outbox.arrived(message));
    frame.messages.forEach(({user}) => typists.stopped(user.id));
  });
  frames.on("room", ({room}) => {
    members.expire();
    place.become(room);
  });
  frames.on("message", (frame) => {
    if (frame.id === frame.seq) {
      typists.stopped(frame.user.id);
    }
    if (frame.id === frame.seq && frame.user.id === people.me?.id) {
      pace.said();
    }
    log.receive(frame);
    outbox.arrived(frame);
    passed();
  });
  frames.on("history", ({messages}) => {
    reactions.learn(messages);
    messages.forEach((message) => outbox.arrived(message));
  });
  frames.on("tick", (frame) => {
    log.tick(frame);
    passed();
  });
  frames.on("ack", (frame) => outbox.acked(frame));
  frames.on("error", (frame) => {
    if (frame.code === "rate_limited" && frame.client_id) {
      pace.refused(frame.retry_after ?? 0);
    }
    outbox.refused(frame);
  });
  frames.on("presence", (frame) => {
    people.hear(frame);
    frame.left?.forEach((id) => typists.stopped(id));
  });
  frames.on("typing", ({user}) => user.id === people.me?.id || typists.hear(user));
  frames.on("read", (frame) => reading.hear(frame));
  frames.on("unread", (frame) => frame.slug === place.room.slug || unread.hear(frame));
  frames.on("user", (frame) => {
    people.rename(frame);
    typists.rename(frame);
    members.rename(frame);
    log.rename(frame);
  });

  session.on("ready", () => {
    outbox.open();
    changes.open();
    reactions.open();
    passed();
    if (life.state === "idle") {
      session.send({type: "presence", state: "idle"}); // The server takes everybody who comes for active.
    }
  });
  session.on("lost", (code) => {
    outbox.close({refused: FRAME_REFUSED.has(code)});
    changes.close();
    reactions.close();
    typists.forget();
    if (SENT_AWAY.has(code)) {
      log.forget();
      people.forget();
      members.forget();
    }
  });
  outbox.on("unanswered", () => session.wake({doubt: true}));
}
