/**
 * As much of a W3C WebDriver client (https://www.w3.org/TR/webdriver2/) as the tests need: one session, its
 * windows, scripts, screenshots, clicks. Starts no driver and knows no browser.
 *
 * @module
 */

import { STEP_LIMIT_MS } from "./browser.ts";

/** It tells of a step that takes too long by itself; one that does not even do that is given up. */
const DRIVER_LIMIT_MS = STEP_LIMIT_MS + 5_000;
/** What it calls such steps (§6.6). */
const TIMEOUTS: readonly string[] = ["timeout", "script timeout"];

/** Key under which WebDriver hands out element references (§12.2). */
const ELEMENT_KEY = "element-6066-11e4-a52e-4f735466cecf";

/** Where a window is and how big, in CSS pixels, frame included. */
export interface WindowRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The driver did not answer in time: the browser, or the page it was asked about, hangs. */
export class BrowserHangs extends Error {
  override readonly name = "BrowserHangs";
  /** A thread of the browser's waits for another one: that is no page's doing. */
  readonly byItself: boolean;

  constructor(message: string, { byItself }: { readonly byItself: boolean }) {
    super(message);
    this.byItself = byItself;
  }
}

/** What a browser does that does not answer. */
export interface Diagnosis {
  readonly words: string;
  readonly byItself: boolean;
}

/** One session with a driver. */
export class WebDriverSession {
  readonly #url: string;
  readonly #diagnose: () => Promise<Diagnosis>;
  /** Once it hangs nothing more is asked of it: each question would take as long again, and tell less. */
  #hangs: BrowserHangs | undefined;
  /** What the browser says it is. */
  readonly browserVersion: string;

  private constructor(url: string, browserVersion: string, diagnose: () => Promise<Diagnosis>) {
    this.#url = url;
    this.browserVersion = browserVersion;
    this.#diagnose = diagnose;
  }

  /**
   * Asks the driver at `url` for a browser. @throws with the driver's own words when it refuses.
   * @param diagnose says what its processes do, asked once it hangs.
   */
  static async start(
    url: string,
    capabilities: Record<string, unknown>,
    diagnose: () => Promise<Diagnosis>,
  ): Promise<WebDriverSession> {
    const answer = await command(`${url}/session`, "POST", {
      capabilities: { alwaysMatch: capabilities },
    });
    const { sessionId, capabilities: got } = answer as {
      readonly sessionId: string;
      readonly capabilities: { readonly browserVersion?: string };
    };
    const session = new WebDriverSession(
      `${url}/session/${sessionId}`,
      got.browserVersion ?? "unknown",
      diagnose,
    );
    await session.#post("timeouts", { script: STEP_LIMIT_MS, pageLoad: STEP_LIMIT_MS });
    return session;
  }

  /** Whether it was found to hang; what it has is ended with its processes then. */
  get hangs(): boolean {
    return this.#hangs !== undefined;
  }

  /** Ends the session, and with it the browser. */
  async quit(): Promise<void> {
    await this.#ask("", "DELETE");
  }

  async navigate(url: string): Promise<void> {
    await this.#post("url", { url });
  }

  /** Opens a window and returns its handle; the session stays in the old one. */
  async newWindow(): Promise<string> {
    const { handle } = await this.#post("window/new", { type: "window" }) as {
      readonly handle: string;
    };
    return handle;
  }

  async windows(): Promise<readonly string[]> {
    return await this.#ask("/window/handles", "GET") as string[];
  }

  async switchTo(handle: string): Promise<void> {
    await this.#post("window", { handle });
  }

  async closeWindow(): Promise<void> {
    await this.#ask("/window", "DELETE");
  }

  async setRect(rect: WindowRect): Promise<void> {
    await this.#post("window/rect", { ...rect });
  }

  /** Runs a function body whose last argument is the callback for its result (§13.2.2). */
  executeAsync(body: string): Promise<unknown> {
    return this.#post("execute/async", { script: body, args: [] });
  }

  /** The viewport as base64 PNG. */
  async screenshot(): Promise<string> {
    return await this.#ask("/screenshot", "GET") as string;
  }

  /** Clicks the first element that matches a CSS selector. @throws when there is none. */
  async click(selector: string): Promise<void> {
    const element = await this.#post("element", {
      using: "css selector",
      value: selector,
    }) as Readonly<Record<string, string>>;
    await this.#post(`element/${element[ELEMENT_KEY]}/click`, {});
  }

  #post(path: string, body: Record<string, unknown>): Promise<unknown> {
    return this.#ask(`/${path}`, "POST", body);
  }

  async #ask(
    path: string,
    method: "GET" | "POST" | "DELETE",
    body?: Record<string, unknown>,
  ): Promise<unknown> {
    if (this.#hangs) throw this.#hangs;
    try {
      return await command(this.#url + path, method, body);
    } catch (error) {
      if (!(error instanceof BrowserHangs)) throw error;
      const { words, byItself } = await this.#diagnose();
      this.#hangs = new BrowserHangs(`${error.message} ${words}`, { byItself });
      throw this.#hangs;
    }
  }
}

async function command(
  url: string,
  method: "GET" | "POST" | "DELETE",
  body?: Record<string, unknown>,
): Promise<unknown> {
  const what = `${method} ${new URL(url).pathname}`;
  const { ok, value } = await answerTo(what, () =>
    fetch(url, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { "content-type": "application/json; charset=utf-8" },
      signal: AbortSignal.timeout(DRIVER_LIMIT_MS),
    }));
  if (ok) return value;
  const { error, message } = value as { readonly error: string; readonly message: string };
  const words = `WebDriver answered "${error}" to ${what}: ${message}`;
  throw TIMEOUTS.includes(error) ? new BrowserHangs(words, { byItself: false }) : new Error(words);
}

async function answerTo(
  what: string,
  ask: () => Promise<Response>,
): Promise<{ readonly ok: boolean; readonly value: unknown }> {
  try {
    const response = await ask();
    return { ok: response.ok, value: (await response.json()).value };
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
    const words = `WebDriver did not answer ${what} within ${DRIVER_LIMIT_MS} ms.`;
    throw new BrowserHangs(words, { byItself: false });
  }
}
