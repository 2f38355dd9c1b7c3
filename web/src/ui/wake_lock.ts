/**
 * Keeps the screen on while it is wanted (Screen Wake Lock), where the browser can: secure origins only.
 * Knows nothing of players.
 *
 * @module
 */

/** Asks again whenever the page comes back into sight, since the browser lets go when it leaves. */
export class WakeLock {
  #wanted = false;
  #sentinel: WakeLockSentinel | undefined;
  #asking = false;
  #detach: AbortController | undefined;

  /** Whether the screen should stay on. */
  set wanted(wanted: boolean) {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#detach?.abort();
    if (wanted) {
      this.#detach = new AbortController();
      document.addEventListener("visibilitychange", () => void this.#hold(), {
        signal: this.#detach.signal,
      });
      void this.#hold();
    } else {
      void this.#letGo();
    }
  }

  async #hold(): Promise<void> {
    if (!("wakeLock" in navigator) || this.#asking) return;
    if (document.visibilityState !== "visible" || this.#sentinel?.released === false) return;
    this.#asking = true;
    try {
      this.#sentinel = await navigator.wakeLock.request("screen");
      if (!this.#wanted) await this.#letGo();
    } catch (error) {
      // Refused, for example to save the battery: the screen dims as it would without us.
      if (!(error instanceof DOMException)) throw error;
    } finally {
      this.#asking = false;
    }
  }

  async #letGo(): Promise<void> {
    const sentinel = this.#sentinel;
    this.#sentinel = undefined;
    await sentinel?.release();
  }
}
