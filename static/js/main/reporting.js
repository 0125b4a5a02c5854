/** Hands on what somebody who does not look may want to be told of, as a room that is shown hears it. No page here. */

/** Listen to `frames` from now on. `notices` returns {said(messages, me), unread(frame), read(id)}; `isHere`, whether the room is the one shown. */
export function report({frames, place, people, reading, notices, isHere}) {
  const listen = (type, hear) => frames.on(type, (frame) => isHere() && hear(frame));
  const said = (messages) => notices().said(messages.filter(({id, seq}) => id === seq), people.me); // A change is no news.

  // To those who do not belong to a room the hello says that all is read.
  listen("hello", ({read}) => place.isInside && notices().read(read));
  listen("read", ({id}) => notices().read(id));
  reading.on("shown", (id) => isHere() && notices().read(id)); // Nobody sends it back to the page that has said so.
  listen("message", (frame) => said([frame]));
  listen("sync", ({complete, messages}) => complete && said(messages));
  listen("unread", (frame) => notices().unread(frame));
}
