/**
 * The viewer's last choice of sound, kept by the browser where it lets us.
 *
 * @module
 */

const KEY = "rill.sound";

function storage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch (error) {
    // Site data switched off, or a frame of another site: the choice lasts as long as the page.
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/** Whether sound was wanted last time; `undefined` when never chosen. */
export function wantsSound(): boolean | undefined {
  const kept = storage()?.getItem(KEY);
  return kept === "on" ? true : kept === "off" ? false : undefined;
}

/** Keeps the choice. */
export function keepSound(wanted: boolean): void {
  try {
    storage()?.setItem(KEY, wanted ? "on" : "off");
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // full: the choice lasts as long as the page
  }
}
