/// <reference lib="dom" />
/**
 * Which browsers have a WebTransport that can carry a stream. The one home of what is known against them:
 * - Firefox before 153 lets the relay open two streams at once (moq-dev/moq#1306): a group that is late would hold up
 *   all that follow.
 * - Safari takes no more streams after some thousands, which is two minutes (moq-dev/moq#2388, WebKit bug 319818).
 * The WebSocket carries everything for them.
 *
 * @module
 */

/** The first Firefox that takes streams as they come. */
export const FIRST_FIREFOX = 153;

/** Whether the relay may offer it: a page that says there is no https says so of WebTransport, which goes with it. */
export function offeredHere(): boolean {
  if (!("document" in globalThis)) return true;
  return document.querySelector('meta[name="rill-secure"][content=""]') === null;
}

/** The parts of `navigator` that tell browsers apart. */
export interface BrowserId {
  readonly userAgent: string;
  /** Every browser has it; other runtimes do not. */
  readonly vendor?: string;
}

/** Whether this browser's WebTransport, if it has one, serves. */
export function bearsGroupStreams({ userAgent, vendor = "" }: BrowserId): boolean {
  if (vendor.startsWith("Apple")) return false; // on iOS, every browser
  const firefox = /\bFirefox\/(\d+)/.exec(userAgent)?.[1];
  return firefox === undefined || Number(firefox) >= FIRST_FIREFOX;
}
