/** The page's templates, and the one place where markup from the server becomes a part of the page or another page. */

/** A new node of a template with one root. */
export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

/** Show a message's `html`, which the server has made safe. Nothing else may come here. */
export function showMarkup(element, html) {
  element.innerHTML = html;
}

/** A document of the server's own making, read but not run: no script in it starts, and nothing is loaded. */
export function readPage(html) {
  return new DOMParser().parseFromString(html, "text/html");
}
