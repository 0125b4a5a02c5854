/** The small panel in which one chooses what one is told of. */

import {closeBeside, toggleDialog} from "./dialog.js";

export class NoticePanel {
  #parts;
  #dialog;
  #choice;
  #notifier;
  #room;

  /** `room` returns the one that is shown: {slug, title, kind}. */
  constructor({page, choice, notifier, room}) {
    const part = (name) => page.querySelector(`[data-notices-${name}]`);
    this.#dialog = page.querySelector("[data-notices]");
    this.#parts = {shown: part("shown"), sound: part("sound"), level: part("level"), own: part("room"), title: part("room-title"), denied: part("denied")};
    this.#choice = choice;
    this.#notifier = notifier;
    this.#room = room;
    this.#listen(page);
  }

  #listen(page) {
    const {shown, sound, level, own} = this.#parts;
    closeBeside(this.#dialog);
    page.addEventListener("click", ({target}) => target.closest("[data-open-notices]") && toggleDialog(this.#dialog, () => this.#draw()));
    shown.addEventListener("change", () => this.#show(shown.checked));
    sound.addEventListener("change", () => {
      this.#choice.change({sound: sound.checked});
      if (sound.checked) {
        this.#notifier.ring(); // So that one knows it, and the browser knows that one wants it.
      }
    });
    level.addEventListener("change", () => this.#choice.change({level: level.value}));
    own.addEventListener("change", () => this.#choice.changeRoom(this.#room().slug, own.value || null));
  }

  async #show(isWanted) {
    const isGranted = !isWanted || (await this.#notifier.ask()) === "granted";
    this.#choice.change({shown: isWanted && isGranted});
    this.#draw();
  }

  #draw() {
    const {shown, sound, level, own, title, denied} = this.#parts;
    const {permission} = this.#notifier;
    const {slug, title: called, kind} = this.#room();
    const now = this.#choice.now;
    shown.checked = now.shown && permission === "granted";
    shown.disabled = permission === "denied" || permission === "absent";
    denied.hidden = !shown.disabled;
    sound.checked = now.sound;
    level.value = now.level;
    own.value = now.rooms[slug] ?? "";
    own.querySelector("[value=mentions]").hidden = kind === "direct";
    title.textContent = called;
  }
}
