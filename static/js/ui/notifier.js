/** Shows notifications of the system, and makes a short sound. */

import {gettext, interpolate, ngettext} from "../lib/words.js";
import {shownName} from "./people-names.js";

const LONGEST = 200; // Code points of a message; systems show less.
const NOTES = [[0, 660], [0.09, 880]]; // Seconds from now, and hertz.
const NOTE_SECONDS = 0.18;
const LOUDNESS = 0.08;

export class Notifier {
  #choice;
  #go;
  #open = new Map(); // By slug.
  #audio = null;

  /** `go(slug)` leads to a room, after a click on a notification. */
  constructor({choice, go}) {
    this.#choice = choice;
    this.#go = go;
  }

  /** "granted", "denied", "default", or "absent" where the browser knows no notifications. */
  get permission() {
    return globalThis.Notification?.permission ?? "absent";
  }

  /** Ask for the right to show them; only ever in answer to a click. Resolves with the permission. */
  async ask() {
    return this.permission === "default" ? Notification.requestPermission() : this.permission;
  }

  tell({room, author, text, count}) {
    const {shown, sound} = this.#choice.now;
    if (shown && this.permission === "granted") {
      this.#show(room, author === null ? countOf(count) : said(author, text));
    }
    if (sound) {
      this.ring();
    }
  }

  /** One has come to the room: what told of it goes. */
  close(slug) {
    this.#open.get(slug)?.close();
    this.#open.delete(slug);
  }

  /** Two short notes; silence before the first click or key on the page, for browsers forbid it. */
  ring() {
    if (!navigator.userActivation?.hasBeenActive) {
      return;
    }
    try {
      this.#audio ??= new AudioContext();
      this.#audio.resume().catch(() => {});
      NOTES.forEach(([delay, hertz]) => this.#play(this.#audio.currentTime + delay, hertz));
    } catch {
      // Then there is no sound to be had here.
    }
  }

  #show({slug, title}, body) {
    try {
      const notification = new Notification(title, {body, tag: `room ${slug}`, renotify: true, silent: true});
      notification.onclick = () => {
        globalThis.focus();
        this.close(slug);
        this.#go(slug);
      };
      this.#open.set(slug, notification);
    } catch {
      // Some phones have the name, but show them for installed pages only.
    }
  }

  #play(start, hertz) {
    const tone = this.#audio.createOscillator();
    const volume = this.#audio.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.01);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_SECONDS);
    tone.connect(volume).connect(this.#audio.destination);
    tone.start(start);
    tone.stop(start + NOTE_SECONDS);
  }
}

function said(author, text) {
  return interpolate(gettext("%(name)s: %(text)s"), {name: shownName({name: author}), text: cut(text)});
}

function countOf(count) {
  return interpolate(ngettext("%(count)s new message", "%(count)s new messages", count), {count});
}

function cut(text) {
  const letters = [...text.replace(/\s+/g, " ")];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST).join("")}…` : letters.join("");
}
