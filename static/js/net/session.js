/** The chat.v1 conversation over a socket: hello and catch-up, what the server offers, frames by type. */

import {Emitter} from "../lib/emitter.js";
import {Requests} from "./requests.js";

/** What of the rich dialect depends on a feature that hello lists; `send` and `hello` always are there. */
const FEATURES = {
  history: "history",
  presence: "presence",
  typing: "typing",
  read: "read",
  edit: "edit",
  delete: "delete",
  react: "react",
  reply: "reply",
};

/** Emits "ready" when hello and sync are done and "lost" when the line broke; frames come through `frames`. */
export class Session extends Emitter {
  /** Server frames by their type; a type nobody listens to is skipped. */
  frames = new Emitter();
  #socket;
  #position;
  #requests;
  #features = new Set();
  #ready = false;

  /** `position` returns {since, epoch}, or {} where there is nothing to go on from. */
  constructor({socket, position, clock}) {
    super();
    this.#socket = socket;
    this.#position = position;
    this.#requests = new Requests({clock});
    socket.on("link", () => this.#greet());
    socket.on("frame", (frame) => this.#receive(frame));
    socket.on("lost", (code) => this.#lose(code));
  }

  get isReady() {
    return this.#ready;
  }

  /** Whether the server understands frames of this type. */
  can(type) {
    return !(type in FEATURES) || this.#features.has(FEATURES[type]);
  }

  /** Send a frame if there is a line and the server knows its type; returns whether it went out. */
  send(frame) {
    if (!this.#ready || !this.can(frame.type)) {
      return false;
    }
    this.#socket.send(frame);
    return true;
  }

  /** Send a frame and wait for its answer; rejects with a Refusal. */
  ask(frame) {
    return this.#requests.ask(frame, (asked) => this.send(asked));
  }

  /** The network or the reader came back; with `doubt`, there is a reason not to trust the line. */
  wake({doubt = false} = {}) {
    if (this.#socket.wake({doubt})) {
      this.#greet();
      this.#socket.expectAnswer();
    }
  }

  #greet() {
    this.#socket.send({type: "hello", ...this.#position()});
  }

  #receive(frame) {
    if (frame.type === "hello") {
      this.#features = new Set(frame.features ?? []);
    } else if (frame.type === "notice") {
      this.#socket.comeBackAfter(frame.retry_after);
    }
    this.frames.emit(frame.type, frame);
    this.#requests.answer(frame);
    if (frame.type === "sync" && !frame.more) {
      this.#caughtUp();
    }
  }

  #caughtUp() {
    this.#socket.ready();
    this.#ready = true;
    this.emit("ready");
  }

  #lose(code) {
    this.#ready = false;
    this.#requests.lose();
    this.emit("lost", code);
  }
}
