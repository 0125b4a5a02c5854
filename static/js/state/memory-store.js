/** Keeps outbox entries for as long as the page lives; the shape of every store of entries. */

export class MemoryStore {
  #entries = new Map();

  all() {
    return [...this.#entries.values()];
  }

  put(entry) {
    this.#entries.set(entry.client_id, entry);
  }

  delete(clientId) {
    this.#entries.delete(clientId);
  }
}
