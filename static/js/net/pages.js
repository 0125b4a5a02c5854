/** Fetches the page of another room, as the browser itself would. */

const PATIENCE_MS = 5_000; // Then the browser may show that it waits.

/** Resolves with {html, url}, `url` being where redirects led; null where there is no such page, or none soon. */
export async function fetchPage(url, {signal, clock}) {
  const abort = new AbortController();
  const timer = clock.setTimeout(() => abort.abort(), PATIENCE_MS);
  signal.addEventListener("abort", () => abort.abort(), {once: true});
  try {
    const response = await fetch(url, {headers: {Accept: "text/html"}, signal: abort.signal});
    return response.ok ? {html: await response.text(), url: response.url} : null;
  } catch {
    return null;
  } finally {
    clock.clearTimeout(timer);
  }
}
