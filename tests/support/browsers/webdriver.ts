/**
 * As much of a W3C WebDriver client (https://www.w3.org/TR/webdriver2/) as the tests need: one session, its
 * windows, scripts, screenshots, clicks. Starts no driver and knows no browser.
 *
 * @module
 */

import { STEP_LIMIT_MS } from "./browser.ts";

/** Key under which WebDriver hands out element references (§12.2). */
const ELEMENT_KEY = "element-6066-11e4-a52e-4f735466cecf";

/** Where a window is and how big, in CSS pixels, frame included. */
export interface WindowRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One session with a driver. */
export class WebDriverSession {
  readonly #url: string;
  /** What the browser says it is. */
  readonly browserVersion: string;

  private constructor(url: string, browserVersion: string) {
    this.#url = url;
    this.browserVersion = browserVersion;
  }

  /** Asks the driver at `url` for a browser. @throws with the driver's own words when it refuses. */
  static async start(
    url: string,
    capabilities: Record<string, unknown>,
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
    );
    await session.#post("timeouts", { script: STEP_LIMIT_MS, pageLoad: STEP_LIMIT_MS });
    return session;
  }

  /** Ends the session, and with it the browser. */
  async quit(): Promise<void> {
    await command(this.#url, "DELETE");
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
    return await command(`${this.#url}/window/handles`, "GET") as string[];
  }

  async switchTo(handle: string): Promise<void> {
    await this.#post("window", { handle });
  }

  async closeWindow(): Promise<void> {
    await command(`${this.#url}/window`, "DELETE");
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
    return await command(`${this.#url}/screenshot`, "GET") as string;
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
    return command(`${this.#url}/${path}`, "POST", body);
  }
}

async function command(
  url: string,
  method: "GET" | "POST" | "DELETE",
  body?: Record<string, unknown>,
): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { "content-type": "application/json; charset=utf-8" },
    signal: AbortSignal.timeout(STEP_LIMIT_MS),
  });
  const { value } = await response.json() as { readonly value: unknown };
  if (response.ok) return value;
  const { error, message } = value as { readonly error: string; readonly message: string };
  throw new Error(
    `WebDriver answered "${error}" to ${method} ${new URL(url).pathname}: ${message}`,
  );
}
