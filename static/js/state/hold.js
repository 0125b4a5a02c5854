/** A lock that a tab keeps while it is something: alone, or together with others; the browser frees it when the tab dies. */

export class Hold {
  #locks;
  #name = null;
  #free = null;
  #isMine = false;

  /** `locks` is the browser's LockManager, or undefined: then each tab goes by itself. */
  constructor({locks}) {
    this.#locks = locks;
  }

  /** Whether it is had now, and not only waited for. */
  get isMine() {
    return this.#isMine || (this.#name !== null && !this.#locks);
  }

  /** Let go of the lock that is held, and take this one, or queue for it. */
  take(name, {mode = "exclusive"} = {}) {
    if (name === this.#name) {
      return;
    }
    this.leave();
    this.#name = name;
    const abort = new AbortController();
    this.#free = () => abort.abort();
    const have = () =>
      new Promise((free) => {
        this.#isMine = true;
        this.#free = free;
      });
    this.#locks?.request(name, {mode, signal: abort.signal}, () => (abort.signal.aborted ? null : have())).catch(() => {}); // Let go.
  }

  leave() {
    this.#name = null;
    this.#isMine = false;
    this.#free?.();
    this.#free = null;
  }
}

/** Whether any tab has the lock of this name. */
export async function isHeld(locks, name) {
  const {held = []} = (await locks?.query()) ?? {};
  return held.some((lock) => lock.name === name);
}
