/**
 * Whether there is anyone to show pictures to: a page out of sight for a while is away, unless it is
 * heard or stands in a window of its own. Also tells when page or network may have come back.
 *
 * @module
 */

/** Whoever wants to know. */
export interface PresenceOwner {
  /** Whether the page matters though it is out of sight: its sound is on, or it is in picture-in-picture. */
  readonly noticed: boolean;
  /** {@link Presence.away} has changed. */
  presenceChanged(): void;
  /** Page or network may just have come back. */
  woken(): void;
}

/** Out of sight for this long, it is away, ms; a glance at another tab costs nothing. */
export const AWAY_AFTER_MS = 5_000;

/** The parts of a page that are used here. */
export interface Page {
  readonly document: EventTarget & { readonly visibilityState: string };
  readonly window: EventTarget;
}

/** What a presence is made of. */
export interface PresenceOptions {
  readonly owner: PresenceOwner;
  readonly page: Page;
  readonly signal: AbortSignal;
}

/** Watches the page until the signal ends. */
export class Presence {
  readonly #owner: PresenceOwner;
  readonly #page: Page;
  #away = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor({ owner, page, signal }: PresenceOptions) {
    this.#owner = owner;
    this.#page = page;
    const { document, window } = page;
    const until = { signal };
    document.addEventListener("visibilitychange", () => this.#look(), until);
    // A page that holds a connection is not kept for "back"; Chromium freezes others the same way.
    window.addEventListener("pagehide", () => this.#set("away"), until);
    document.addEventListener("freeze", () => this.#set("away"), until);
    document.addEventListener("resume", () => this.#look(), until);
    window.addEventListener("pageshow", () => this.#look(), until);
    window.addEventListener("online", () => this.#owner.woken(), until);
    signal.addEventListener("abort", () => clearInterval(this.#timer), { once: true });
    if (document.visibilityState === "hidden") this.#look();
  }

  /** Nobody is there. */
  get away(): boolean {
    return this.#away;
  }

  #look(): void {
    clearInterval(this.#timer);
    if (this.#page.document.visibilityState === "hidden") {
      this.#timer = setInterval(() => {
        this.#set(this.#owner.noticed ? "here" : "away");
      }, AWAY_AFTER_MS);
    } else {
      this.#set("here");
      this.#owner.woken();
    }
  }

  #set(whereabouts: "here" | "away"): void {
    const away = whereabouts === "away";
    if (away === this.#away) return;
    this.#away = away;
    this.#owner.presenceChanged();
  }
}
