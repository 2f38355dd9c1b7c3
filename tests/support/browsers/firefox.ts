/**
 * Firefox, driven by puppeteer-core over WebDriver BiDi. The one file that names that package, which is for
 * tests only and so stands in no import map.
 *
 * @module
 */

import { join } from "node:path";
import puppeteer, {
  type Browser as Driver,
  type Page as DriverPage,
} from "npm:puppeteer-core@25.16.0";
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
  STEP_LIMIT_MS,
  type Viewport,
  type WaitOptions,
  within,
} from "./browser.ts";
import { findProgram, FIREFOX_NAMES } from "../programs.ts";
import { trustAuthority } from "./trust_store.ts";

/** `media.autoplay.default`: 0 lets sound start by itself. */
const AUTOPLAY_ALLOWED = 0;

/** A camera and a microphone of its own, which every page may have. */
const CAMERA = {
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
};

/**
 * It says so of a WebSocket that its page gave up before it was open, too, as players do that found a faster way or waited
 * long enough: no error of the page's. One that is needed is missed otherwise.
 */
const ABANDONED = /^Firefox can’t establish a connection to the server at wss?:/;

/** Starts Firefox without a window. @throws when it is not installed or does not start. */
export async function launchFirefox(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = findProgram(FIREFOX_NAMES);
  if (executablePath === undefined) {
    throw new Error("Firefox is not installed; Debian's package is called firefox-esr.");
  }
  const home = await makeHome();
  const profile = join(home.path, "profile");
  if (options.trusts !== undefined) await trustAuthority(profile, options.trusts);
  let driver: Driver;
  try {
    driver = await puppeteer.launch({
      browser: "firefox",
      executablePath,
      headless: true,
      ...(options.trusts === undefined ? {} : { userDataDir: profile }),
      timeout: STEP_LIMIT_MS,
      protocolTimeout: STEP_LIMIT_MS,
      defaultViewport: null,
      env: { ...Deno.env.toObject(), ...home.env },
      extraPrefsFirefox: {
        ...(options.autoplay ? { "media.autoplay.default": AUTOPLAY_ALLOWED } : {}),
        ...(options.camera ? CAMERA : {}),
      },
    });
  } catch (error) {
    await home[Symbol.asyncDispose]();
    throw new Error(`Firefox (${executablePath}) did not start.`, { cause: error });
  }
  return {
    name: "firefox",
    version: (await driver.version()).replace(/^firefox\//, ""),
    open: (url, open) => openPage(driver, { url, ...open }),
    async [Symbol.asyncDispose](): Promise<void> {
      await closeAnyhow(() => driver.close(), "Closing Firefox");
      await home[Symbol.asyncDispose]();
    },
  };
}

async function openPage(
  driver: Driver,
  { url, viewport = DESKTOP }: OpenOptions & { readonly url: string },
): Promise<Page> {
  const page = await driver.newPage();
  page.setDefaultTimeout(STEP_LIMIT_MS);
  const errors: string[] = [];
  const abandoned: string[] = [];
  page.on("pageerror", (error) => errors.push(error instanceof Error ? error.message : `${error}`));
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    (ABANDONED.test(message.text()) ? abandoned : errors).push(message.text());
  });
  await page.setViewport({ width: viewport.width, height: viewport.height });
  await page.goto(url, { timeout: STEP_LIMIT_MS });
  return new FirefoxPage(page, { errors, abandoned });
}

class FirefoxPage implements Page {
  readonly #page: DriverPage;
  readonly #errors: readonly string[];
  readonly #abandoned: readonly string[];

  constructor(
    page: DriverPage,
    said: { readonly errors: readonly string[]; readonly abandoned: readonly string[] },
  ) {
    this.#page = page;
    this.#errors = said.errors;
    this.#abandoned = said.abandoned;
  }

  async evaluate<T>(script: Script<T>): Promise<T> {
    return await within(this.#page.evaluate(expressionOf(script)), "A script in Firefox") as T;
  }

  waitFor<T>(script: Script<T>, options: WaitOptions): Promise<T> {
    return pollFor(() => this.evaluate(script), options, [...this.#errors, ...this.#abandoned]);
  }

  async screenshot(path: string): Promise<void> {
    await Deno.writeFile(path, await this.#page.screenshot({ type: "png" }));
  }

  async viewport({ width, height }: Viewport): Promise<void> {
    await this.#page.setViewport({ width, height });
  }

  async click(selector: string): Promise<void> {
    await this.#page.click(selector);
  }

  errors(): readonly string[] {
    return this.#errors;
  }

  async close(): Promise<void> {
    await within(this.#page.close(), "Closing a page of Firefox");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
