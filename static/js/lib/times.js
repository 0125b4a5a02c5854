/** Points in time in the reader's zone and language. */

import {gettext} from "./words.js";

/** The reader's own variant of the page's language (en-GB for a page in en), else the page's language. */
export function chooseLocale(page, preferred) {
  const language = page.split("-")[0].toLowerCase();
  return preferred.find((locale) => locale.split("-")[0].toLowerCase() === language) ?? page;
}

/** The local calendar day as a key that sorts: 2026-11-20. */
export function dayOf(when) {
  const date = new Date(when);
  const month = String(date.getMonth() + 1).padStart(2, "0");
  return `${date.getFullYear()}-${month}-${String(date.getDate()).padStart(2, "0")}`;
}

/** Milliseconds until the next local midnight, when "Today" becomes "Yesterday". */
export function untilTomorrow(now) {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime() - now;
}

export class Times {
  #time;
  #full;
  #moment;
  #day;
  #dayAndYear;

  constructor(locale) {
    this.#time = formatter(locale, {hour: "numeric", minute: "2-digit"});
    this.#full = formatter(locale, {dateStyle: "full", timeStyle: "medium"});
    this.#moment = formatter(locale, {dateStyle: "medium", timeStyle: "short"});
    this.#day = formatter(locale, {weekday: "long", day: "numeric", month: "long"});
    this.#dayAndYear = formatter(locale, {weekday: "long", day: "numeric", month: "long", year: "numeric"});
  }

  time(when) {
    return this.#time.format(new Date(when));
  }

  full(when) {
    return this.#full.format(new Date(when));
  }

  /** In a sentence: day and time, no seconds. */
  moment(when) {
    return this.#moment.format(new Date(when));
  }

  /** The words on a day separator. */
  day(when, now) {
    const date = new Date(when);
    const today = new Date(now);
    if (dayOf(date) === dayOf(today)) {
      return gettext("Today");
    }
    if (dayOf(date) === dayOf(new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1))) {
      return gettext("Yesterday");
    }
    const words = date.getFullYear() === today.getFullYear() ? this.#day : this.#dayAndYear;
    return words.format(date);
  }
}

function formatter(locale, options) {
  try {
    return new Intl.DateTimeFormat(locale, options);
  } catch {
    return new Intl.DateTimeFormat(undefined, options); // A language code that Intl does not know.
  }
}
