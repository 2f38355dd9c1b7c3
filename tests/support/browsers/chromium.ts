/**
 * Chromium, driven by playwright-core over its debugging pipe. The one file that names that package, which
 * is for tests only and so stands in no import map.
 *
 * @module
 */

import { join } from "node:path";
import {
  type Browser as Driver,
  chromium,
  type Page as DriverPage,
} from "npm:playwright-core@1.65.1";
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
import { CHROMIUM_NAMES, findProgram } from "../programs.ts";
import { trustAuthority } from "./trust_store.ts";

/** Quiet, and fit for a container; QUIC stays on because WebTransport is made of it. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
] as const;

/** A camera and a microphone of its own, which every page may have. */
const CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

/** Starts Chromium without a window. @throws when it is not installed or does not start. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = findProgram(CHROMIUM_NAMES);
  if (executablePath === undefined) {
    throw new Error("Chromium is not installed; Debian's package is called chromium.");
  }
  const home = await makeHome();
  if (options.trusts !== undefined) {
    await trustAuthority(join(home.path, ".pki", "nssdb"), options.trusts);
  }
  const args: string[] = [...FLAGS];
  if (options.camera) args.push(...CAMERA);
  if (options.autoplay) args.push("--autoplay-policy=no-user-gesture-required");
  let driver: Driver;
  try {
    driver = await chromium.launch({
      executablePath,
      headless: true,
      args,
      timeout: STEP_LIMIT_MS,
      env: { ...Deno.env.toObject(), ...home.env },
    });
  } catch (error) {
    await home[Symbol.asyncDispose]();
    throw new Error(`Chromium (${executablePath}) did not start.`, { cause: error });
  }
  return {
    name: "chromium",
    version: driver.version(),
    open: (url, open) => openPage(driver, { url, ...open }),
    async [Symbol.asyncDispose](): Promise<void> {
      await closeAnyhow(() => driver.close(), "Closing Chromium");
      await home[Symbol.asyncDispose]();
    },
  };
}

async function openPage(
  driver: Driver,
  { url, viewport = DESKTOP, scheme = "light", before }: OpenOptions & { readonly url: string },
): Promise<Page> {
  const { width, height, phone = false } = viewport;
  const context = await driver.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    ...(phone ? { isMobile: true, hasTouch: true, deviceScaleFactor: 3 } : {}),
  });
  context.setDefaultTimeout(STEP_LIMIT_MS);
  if (before !== undefined) await context.addInitScript(expressionOf(before));
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
  });
  await page.goto(url, { timeout: STEP_LIMIT_MS });
  return new ChromiumPage(page, errors);
}

class ChromiumPage implements Page {
  readonly #page: DriverPage;
  readonly #errors: readonly string[];

  constructor(page: DriverPage, errors: readonly string[]) {
    this.#page = page;
    this.#errors = errors;
  }

  evaluate<T>(script: Script<T>): Promise<T> {
    return within(this.#page.evaluate<T>(expressionOf(script)), "A script in Chromium");
  }

  waitFor<T>(script: Script<T>, options: WaitOptions): Promise<T> {
    return pollFor(() => this.evaluate(script), options, this.#errors);
  }

  async screenshot(path: string): Promise<void> {
    await this.#page.screenshot({ path });
  }

  async viewport({ width, height }: Viewport): Promise<void> {
    await this.#page.setViewportSize({ width, height });
  }

  async click(selector: string): Promise<void> {
    // As a hand does: what is hidden until the pointer comes is there then, however long the machine took until here.
    await this.#page.hover(selector, { force: true });
    await this.#page.click(selector);
  }

  errors(): readonly string[] {
    return this.#errors;
  }

  async close(): Promise<void> {
    await within(this.#page.context().close(), "Closing a page of Chromium");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
