/** The page's templates, and the one place where markup from the server becomes part of the page. */

/** A new node of a template with one root. */
export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

/** Show a message's `html`, which the server has made safe. Nothing else may come here. */
export function showMarkup(element, html) {
  element.innerHTML = html;
}
