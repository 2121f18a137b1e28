/**
 * Keeps the site on the device of a reader who has typed what to search, so that
 * the search and what it finds are there without a network. Whoever only reads
 * loads nothing for it, nor does who asks their browser to save data.
 */

/** `base` ends in a slash. Where a browser keeps nothing, nothing happens. */
export async function keepSite(base: string): Promise<void> {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (!import.meta.env.PROD || connection?.saveData) return;
  try {
    await navigator.serviceWorker.register(`${base}offline-worker.js`);
  } catch {
    // The site goes on as it was: it asks the network.
  }
}
