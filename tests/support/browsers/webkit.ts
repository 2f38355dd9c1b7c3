/**
 * WebKitGTK's MiniBrowser, driven through WebKitWebDriver under Xvfb: the driver process, the browser's
 * options, its pages.
 *
 * @module
 */

import { figure } from "../figure.ts";
import { freePort } from "../ports.ts";
import { mainThreadsOf, pidsStartedWith } from "../process_table.ts";
import { findMiniBrowser, findProgram, WEBKIT_DRIVER_NAMES } from "../programs.ts";
import {
  type Browser,
  closeAnyhow,
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
import { BrowserHangs, type Diagnosis, WebDriverSession } from "./webdriver.ts";
import { startDisplay } from "./xvfb.ts";

/** A driver that is asked whether it is there has so long before it is asked again. */
const ANSWER_MS = 5_000;
const ATTEMPTS = 3;
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
  }, () => diagnose(home.path));
  stack.defer(async () => {
    if (!session.hangs) await closeAnyhow(() => session.quit(), "Closing WebKitGTK");
  });
  const owned = stack.move();
  return {
    name: "webkit",
    version: session.browserVersion,
    open: (url, { viewport }: OpenOptions = {}) =>
      openPage(session, { url, viewport: viewport ?? DESKTOP }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * What the browser of that home does while nothing comes of it. A page's main thread rests in `poll`, and one whose script
 * goes round is busy; one that rests in a lock (futex(2)) waits for GStreamer's threads, and those for it.
 */
async function diagnose(home: string): Promise<Diagnosis> {
  const threads = await mainThreadsOf(pidsStartedWith(`HOME=${home}`));
  const told = threads.map(({ command, state, waitsIn, ticks }) =>
    `${command} ${state} in ${waitsIn}, ${ticks} % busy`
  );
  return {
    words: `For a second its main threads did this: ${told.join("; ")}.`,
    byItself: threads.some(({ command, waitsIn, ticks }) =>
      command.startsWith("WebKitWeb") && waitsIn.startsWith("futex") && ticks === 0
    ),
  };
}

/**
 * A test that is made again, with a browser of its own, when WebKitGTK locked itself up, as the report tells; whatever else
 * fails has failed.
 */
export async function despiteLocks(test: () => Promise<void>): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await test();
    } catch (error) {
      const hangs = hangOf(error);
      if (!hangs?.byItself || attempt === ATTEMPTS) throw error;
      figure(`WebKitGTK locked itself up, and the test was made again: ${hangs.message}`);
    }
  }
}

/** The hang that an error tells of, or hides. */
function hangOf(error: unknown): BrowserHangs | undefined {
  if (error instanceof BrowserHangs) return error;
  if (!(error instanceof SuppressedError)) return undefined;
  return hangOf(error.suppressed) ?? hangOf(error.error);
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
      child.kill("SIGKILL"); // it has nothing to keep, and may hang as its browser does
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
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch (error) {
    // Not listening yet, or too busy.
    if (error instanceof TypeError || error instanceof DOMException) return false;
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
    if (this.#session.hangs) return; // it has been told, and ends with its browser
    await this.#session.switchTo(this.#handle);
    await this.#session.closeWindow();
    const [left] = await this.#session.windows();
    if (left !== undefined) await this.#session.switchTo(left);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
