/** IndexedDB with promises: tables of plain objects under keys. All that can go wrong is a rejection, and none hangs. */

const PATIENCE_MS = 5_000; // Some browsers have been seen never to answer.

export class Database {
  #factory;
  #name;
  #tables;
  #clock;
  #opened = null;
  #isErased = false;

  /** `factory` returns indexedDB; where the browser forbids it, even asking may throw. */
  constructor({factory, name, tables, clock}) {
    this.#factory = factory;
    this.#name = name;
    this.#tables = tables;
    this.#clock = clock;
  }

  /** All objects of a table, in the order of their keys. */
  all(table) {
    return this.#run(table, "readonly", (store) => store.getAll());
  }

  /** Put [key, object] pairs and remove keys, all or nothing. Calls take effect in the order they were made. */
  write(table, {put = [], remove = []}) {
    return this.#run(table, "readwrite", (store) => {
      remove.forEach((key) => store.delete(key));
      put.forEach(([key, value]) => store.put(value, key));
    });
  }

  /** Forget everything, and take nothing from now on. */
  erase() {
    this.#isErased = true;
    return this.#soon(this.#delete());
  }

  #run(table, mode, work) {
    return this.#isErased ? Promise.reject(new Error("erased")) : this.#soon(this.#transact(table, mode, work));
  }

  async #transact(table, mode, work) {
    const database = await this.#open();
    return new Promise((resolve, reject) => {
      // Strict: on the disk, not only with the operating system, before anyone relies on it.
      const transaction = database.transaction(table, mode, {durability: "strict"});
      const request = work(transaction.objectStore(table));
      if (mode === "readwrite") {
        transaction.commit?.(); // At once: a page that goes away now would take a transaction left open with it.
      }
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    });
  }

  async #delete() {
    (await this.#opened?.catch(() => null))?.close();
    const request = this.#factory().deleteDatabase(this.#name);
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error);
    });
  }

  /** One connection for all; after it broke, a new one. */
  #open() {
    this.#opened ??= this.#connect().catch((error) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  async #connect() {
    const request = this.#factory().open(this.#name, 1);
    return new Promise((resolve, reject) => {
      request.onupgradeneeded = () => this.#tables.forEach((table) => request.result.createObjectStore(table));
      request.onerror = () => reject(request.error);
      request.onsuccess = () => resolve(this.#attend(request.result));
    });
  }

  #attend(database) {
    const forget = () => (this.#opened = null);
    database.onclose = forget;
    database.onversionchange = () => {
      database.close(); // A newer page wants to change the tables.
      forget();
    };
    return database;
  }

  #soon(work) {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => reject(new Error("the database does not answer")), PATIENCE_MS);
      work.then(resolve, reject).finally(() => this.#clock.clearTimeout(timer));
    });
  }
}
