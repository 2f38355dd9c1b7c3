/**
 * What the browser tests ask of a browser, whichever it is, and the few things every driver needs: a home
 * of its own, waiting for a condition. Starts no browser.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { figure } from "../figure.ts";
import { isGone, pidsStartedWith } from "../process_table.ts";
import { PATIENCE_MS } from "../patience.ts";

/** An expression, or a function without arguments or closure, that runs inside the page; a promise is awaited. */
export type Script<T> = string | (() => T | Promise<T>);

/** How big the page is, in CSS pixels. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
  /** A telephone: touch, and a screen of three device pixels to one. Chromium only. */
  readonly phone?: boolean;
}

/** How long to wait, and for what, in the words of the error message. */
export interface WaitOptions {
  readonly what: string;
  readonly timeoutMs?: number;
}

/** One open page. */
export interface Page extends AsyncDisposable {
  /** @throws when the script throws, or its result is not JSON. */
  evaluate<T>(script: Script<T>): Promise<T>;
  /** Resolves with the first value of `script` that is neither false, null, undefined, 0 nor "". */
  waitFor<T>(script: Script<T>, options: WaitOptions): Promise<T>;
  /** Writes what the viewport shows as PNG. */
  screenshot(path: string): Promise<void>;
  viewport(size: Viewport): Promise<void>;
  /** Clicks the middle of the first element that matches, as a user would (it counts as a gesture). */
  click(selector: string): Promise<void>;
  /** Errors the page reported so far; `undefined` where the browser's driver cannot tell. */
  errors(): readonly string[] | undefined;
  close(): Promise<void>;
}

/** What a test may ask for when a page opens. */
export interface OpenOptions {
  readonly viewport?: Viewport;
  /** What its user prefers. Chromium only. */
  readonly scheme?: "light" | "dark";
  /** Runs inside the page before its own scripts. Chromium only. */
  readonly before?: Script<void>;
}

/** One running browser with a profile of its own; both are gone when it is disposed of. */
export interface Browser extends AsyncDisposable {
  readonly name: BrowserName;
  readonly version: string;
  open(url: string, options?: OpenOptions): Promise<Page>;
}

/** The browsers that Debian packages and the tests drive. */
export type BrowserName = "chromium" | "firefox" | "webkit";

/** What a test may ask for when a browser starts. */
export interface LaunchOptions {
  /** Sound may start without a gesture. Off by default, as for users. */
  readonly autoplay?: boolean;
  /** A made-up camera and microphone that every page may have without asking. Chromium and Firefox only. */
  readonly camera?: boolean;
  /** An authority that its user has installed, PEM. Chromium and Firefox only. */
  readonly trusts?: string;
  /** It plays HLS playlists by itself, as iPhones do. WebKitGTK only. */
  readonly playlists?: boolean;
}

/** Starts a browser. */
export type Launch = (options?: LaunchOptions) => Promise<Browser>;

/** What most tests use, desktop size. */
export const DESKTOP: Viewport = { width: 1280, height: 800 };
/** A common telephone, upright. */
export const PHONE: Viewport = { width: 390, height: 844, phone: true };

const POLL_MS = 50;

/** Longest that any single step of a driver may take before the test fails with a sentence. */
export const STEP_LIMIT_MS = PATIENCE_MS;

/** A script as an expression that can stand inside another script. */
export function expressionOf<T>(script: Script<T>): string {
  return typeof script === "string" ? `(${script})` : `(${script.toString()})()`;
}

/** The `waitFor` of every driver: asks again until the answer is truthy. @param errors what the page reported, if known. */
export async function pollFor<T>(
  ask: () => Promise<T>,
  { what, timeoutMs = PATIENCE_MS }: WaitOptions,
  errors: readonly string[] = [],
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await ask();
    if (value) return value;
    if (performance.now() > end) {
      throw new Error(
        [
          `Waited ${timeoutMs} ms for ${what}; the last answer was ${JSON.stringify(value)}.`,
          ...errors,
        ].join("\n"),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** `step`, or an error that names it when it takes longer than {@link STEP_LIMIT_MS}. */
export async function within<T>(step: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} took longer than ${STEP_LIMIT_MS} ms.`)),
      STEP_LIMIT_MS,
    );
  });
  try {
    return await Promise.race([step, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** An empty home directory for one browser, removed when disposed of. */
export interface TemporaryHome extends AsyncDisposable {
  readonly path: string;
  /** HOME and the XDG directories inside it, for the browser's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes an empty home directory, so that no browser reads or writes the user's own. */
export async function makeHome(): Promise<TemporaryHome> {
  const path = await Deno.makeTempDir({ prefix: "rill-browser-" });
  return {
    path,
    env: {
      HOME: path,
      XDG_CONFIG_HOME: join(path, "config"),
      XDG_CACHE_HOME: join(path, "cache"),
      XDG_DATA_HOME: join(path, "data"),
      XDG_STATE_HOME: join(path, "state"),
      XDG_RUNTIME_DIR: path,
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await endAllAtHome(path);
      await removeWhenQuiet(path);
    },
  };
}

/**
 * Closes a browser. One that does not close is no fault of what was tested: its home's end ends it, and the report says so.
 * @param what the step, for example "Closing Firefox".
 */
export async function closeAnyhow(close: () => Promise<unknown>, what: string): Promise<void> {
  try {
    await within(close(), what);
  } catch (error) {
    figure(`${what} failed, so it was killed: ${error instanceof Error ? error.message : error}`);
  }
}

/** What ends may still write and remove there, and not all of it has the mark of that home. */
async function removeWhenQuiet(path: string): Promise<void> {
  const end = performance.now() + STEP_LIMIT_MS;
  while (existsSync(path)) {
    try {
      await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/** A browser's last children may still run, and write, when it says that it is closed. */
async function endAllAtHome(path: string): Promise<void> {
  const end = performance.now() + STEP_LIMIT_MS;
  for (;;) {
    const left = pidsStartedWith(`HOME=${path}`);
    if (left.length === 0) return;
    if (performance.now() > end) throw new Error(`${left} cannot be killed and use ${path}.`);
    for (const pid of left) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
