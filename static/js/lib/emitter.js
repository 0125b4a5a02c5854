/** Named events between the layers, without the DOM. */

export class Emitter {
  #listeners = new Map();

  /** Call `listener` at each event of this type; returns the function that ends it. */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit(type, value) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      listener(value);
    }
  }
}
