/** The reader's language: Django's catalogue where the page has loaded it, the English text elsewhere. */

export function gettext(text) {
  return globalThis.django?.gettext?.(text) ?? text;
}

export function ngettext(one, many, count) {
  return globalThis.django?.ngettext?.(one, many, count) ?? (count === 1 ? one : many);
}

/** Fill the named placeholders of a sentence: `%(name)s`. */
export function interpolate(sentence, values) {
  return sentence.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
