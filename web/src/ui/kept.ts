/**
 * Small choices that the browser keeps for the page's origin, where it lets us.
 *
 * @module
 */

function storage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch (error) {
    // Site data switched off, or a frame of another site: a choice lasts as long as the page.
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/** What was kept under `key`; `undefined` when nothing was, or cannot be. */
export function kept(key: string): string | undefined {
  return storage()?.getItem(key) ?? undefined;
}

/** Keeps `value` under `key`. */
export function keep(key: string, value: string): void {
  try {
    storage()?.setItem(key, value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // full: the choice lasts as long as the page
  }
}
