/** Questions with a `ref` and their answers: history pages, and the `done` of a change. */

const ANSWER_MS = 20_000;

/** Why a request was not answered; `code` is a code of the wire, or "lost" when the line broke. */
export class Refusal extends Error {
  constructor({code, message = code, temporary = false, retry_after = null}) {
    super(message);
    this.code = code;
    this.temporary = temporary;
    this.retryAfter = retry_after;
  }
}

export class Requests {
  #clock;
  #open = new Map();
  #count = 0;

  constructor({clock}) {
    this.#clock = clock;
  }

  /** Send a frame with a new ref; resolves with the frame that answers it. `send` says whether it went out. */
  ask(frame, send) {
    const ref = `r${(this.#count += 1)}`;
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => this.#refuse(ref, {code: "lost", temporary: true}), ANSWER_MS);
      this.#open.set(ref, {resolve, reject, timer});
      if (!send({...frame, ref})) {
        this.#refuse(ref, {code: "lost", temporary: true});
      }
    });
  }

  /** Hand an answer to whoever asked; frames without a ref, or with an unknown one, are nobody's. */
  answer(frame) {
    if (frame.type === "error") {
      this.#refuse(frame.ref, frame);
    } else {
      this.#take(frame.ref)?.resolve(frame);
    }
  }

  /** The line broke: nothing that was asked over it will be answered. */
  lose() {
    for (const ref of [...this.#open.keys()]) {
      this.#refuse(ref, {code: "lost", temporary: true});
    }
  }

  #refuse(ref, reason) {
    this.#take(ref)?.reject(new Refusal(reason));
  }

  #take(ref) {
    const request = this.#open.get(ref);
    if (request) {
      this.#open.delete(ref);
      this.#clock.clearTimeout(request.timer);
    }
    return request;
  }
}
