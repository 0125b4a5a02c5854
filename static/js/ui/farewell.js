/** When one may no longer be in the room: its words go from the page, and a calm notice says why and where to go. */

export class Farewell {
  #root;
  #page;

  /** `root` is the room's own part of the `page`. */
  constructor({root, page}) {
    this.#root = root;
    this.#page = page;
  }

  /**
   * `code` is the close code; with `logOut` nothing is left either of who one was. `back` leads to this page again,
   * after a log-in.
   */
  show(code, {logOut, back}) {
    const notice = this.#root.querySelector(`[data-farewell="${code}"]`);
    this.#root.querySelectorAll("[data-until-farewell]").forEach((part) => part.remove());
    if (logOut) {
      this.#page.querySelectorAll("[data-until-log-out]").forEach((part) => part.remove());
    }
    notice.querySelectorAll("[data-back]").forEach((link) => (link.search = `?${new URLSearchParams({next: back})}`));
    notice.hidden = false;
    notice.querySelector("h2").focus();
  }
}
