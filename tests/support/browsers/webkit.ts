/**
 * WebKitGTK's MiniBrowser, driven through WebKitWebDriver under Xvfb: the driver process, the browser's
 * options, its pages.
 *
 * @module
 */

import { freePort } from "../ports.ts";
import { findMiniBrowser, findProgram, WEBKIT_DRIVER_NAMES } from "../programs.ts";
import {
  type Browser,
  DESKTOP,
  expressionOf,
  type LaunchOptions,
  makeHome,
  type OpenOptions,
  type Page,
  pollFor,
  type Script,
  type Viewport,
  type WaitOptions,
} from "./browser.ts";
import { WebDriverSession } from "./webdriver.ts";
import { startDisplay } from "./xvfb.ts";

/** WebKitGTK plays playlists, through GStreamer's hlsdemux, only where this is set. */
const PLAYS_PLAYLISTS = { WEBKIT_GST_ENABLE_HLS_SUPPORT: "1" };

/** Starts MiniBrowser on a display of its own. @throws when it is not installed or does not start. */
export async function launchWebkit(options: LaunchOptions = {}): Promise<Browser> {
  const driverPath = findProgram(WEBKIT_DRIVER_NAMES);
  const binary = findMiniBrowser();
  if (driverPath === undefined || binary === undefined) {
    throw new Error("WebKitGTK is not installed; Debian's package is called webkit2gtk-driver.");
  }
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await makeHome());
  const display = stack.use(await startDisplay());
  const service = stack.use(
    await startDriver(driverPath, {
      ...home.env,
      ...{ DISPLAY: display.name, GDK_BACKEND: "x11" },
      ...(options.playlists ? PLAYS_PLAYLISTS : {}),
    }),
  );
  const session = await WebDriverSession.start(service.url, {
    browserName: "MiniBrowser",
    "webkitgtk:browserOptions": {
      binary,
      args: [
        "--automation",
        ...(options.autoplay ? ["--autoplay-policy=allow"] : []),
      ],
    },
  });
  stack.defer(() => session.quit());
  const owned = stack.move();
  return {
    name: "webkit",
    version: session.browserVersion,
    open: (url, { viewport }: OpenOptions = {}) =>
      openPage(session, { url, viewport: viewport ?? DESKTOP }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A running WebKitWebDriver. */
interface DriverService extends AsyncDisposable {
  readonly url: string;
}

async function startDriver(
  path: string,
  env: Readonly<Record<string, string>>,
): Promise<DriverService> {
  const port = freePort(); // the driver cannot be told to choose one and say which
  const child = new Deno.Command(path, {
    args: ["-p", `${port}`],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    try {
      child.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // Deno's way of saying that it has ended already
    }
    await child.status;
  };
  try {
    await pollFor(() => answers(`${url}/status`), { what: "WebKitWebDriver to answer" });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, [Symbol.asyncDispose]: stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch (error) {
    if (error instanceof TypeError) return false; // not listening yet
    throw error;
  }
}

async function openPage(
  session: WebDriverSession,
  { url, viewport }: { readonly url: string; readonly viewport: Viewport },
): Promise<Page> {
  const page = new WebkitPage(session, await session.newWindow());
  await page.viewport(viewport);
  await session.navigate(url);
  return page;
}

/** What a script's answer is wrapped in, so that a rejection arrives as one. */
interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
}

class WebkitPage implements Page {
  readonly #session: WebDriverSession;
  readonly #handle: string;

  constructor(session: WebDriverSession, handle: string) {
    this.#session = session;
    this.#handle = handle;
  }

  async evaluate<T>(script: Script<T>): Promise<T> {
    await this.#session.switchTo(this.#handle);
    const outcome = await this.#session.executeAsync(
      `const done = arguments[arguments.length - 1];
      Promise.resolve().then(() => ${expressionOf(script)}).then(
        (value) => done({ value }),
        (error) => done({ error: String(error) }),
      );`,
    ) as Outcome;
    if (outcome.error !== undefined) throw new Error(outcome.error);
    return outcome.value as T;
  }

  waitFor<T>(script: Script<T>, options: WaitOptions): Promise<T> {
    return pollFor(() => this.evaluate(script), options);
  }

  async screenshot(path: string): Promise<void> {
    await this.#session.switchTo(this.#handle);
    const picture = await this.#session.screenshot();
    await Deno.writeFile(path, Uint8Array.from(atob(picture), (char) => char.charCodeAt(0)));
  }

  /** WebDriver sizes windows, not pages: set, measure the frame, set again. MiniBrowser's least width is 447. */
  async viewport({ width, height }: Viewport): Promise<void> {
    await this.#session.switchTo(this.#handle);
    await this.#session.setRect({ x: 0, y: 0, width, height });
    const inner = await this.evaluate<{ readonly width: number; readonly height: number }>(
      "{ width: innerWidth, height: innerHeight }",
    );
    await this.#session.setRect({
      x: 0,
      y: 0,
      width: Math.max(width, 2 * width - inner.width),
      height: Math.max(height, 2 * height - inner.height),
    });
  }

  async click(selector: string): Promise<void> {
    await this.#session.switchTo(this.#handle);
    await this.#session.click(selector);
  }

  /** WebDriver has no word for it, and MiniBrowser under automation prints no console. */
  errors(): undefined {
    return undefined;
  }

  /** Closing its last window would end the session; the one the session began with stays for that. */
  async close(): Promise<void> {
    await this.#session.switchTo(this.#handle);
    await this.#session.closeWindow();
    const [left] = await this.#session.windows();
    if (left !== undefined) await this.#session.switchTo(left);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
