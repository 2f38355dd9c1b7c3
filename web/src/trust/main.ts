/**
 * The trust page's own program: opens the steps for this device, and asks the https address again and again until
 * the browser lets it through, which it does only once it trusts the relay. Everything else is the page's text.
 *
 * @module
 */

import { guessPlatform } from "./platform.ts";
import { secureOrigin } from "./secure_origin.ts";

const ASK_MS = 2_500;
const ANSWER_LIMIT_MS = 6_000;

type Proof = "trusted" | "not yet";

const WORDS: Readonly<Record<Proof, string>> = {
  "not yet": "Not yet. Follow the steps for this device below; this page notices by itself.",
  trusted: "Yes. This device trusts the relay.",
};

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/** A refused certificate, and a port that nobody answers on, fail alike: the browser does not say which. */
async function ask(url: string): Promise<Proof> {
  try {
    await fetch(new URL("healthz", url), {
      mode: "no-cors",
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    return "trusted";
  } catch {
    return "not yet"; // what the question was
  }
}

function show(proof: Proof): void {
  const box = document.querySelector<HTMLElement>(".proof");
  if (!box || box.dataset["state"] === proof) return; // a screen reader hears changes only
  box.dataset["state"] = proof;
  byId("proof").textContent = WORDS[proof];
  byId("secure").hidden = proof !== "trusted";
  byId("again").hidden = proof === "trusted";
}

function start(): void {
  const secure = secureOrigin();
  const platform = guessPlatform(navigator.userAgent, navigator.maxTouchPoints);
  document.querySelector(`[data-platform="${platform}"]`)?.setAttribute("open", "");
  for (const each of document.querySelectorAll(".origin")) each.textContent = document.baseURI;
  if (!secure) return;
  byId("fingerprint").textContent = secure.fingerprint;
  byId("secure").setAttribute("href", secure.url);
  byId("secure-plain").setAttribute("href", secure.url);
  if (location.protocol === "https:") return show("trusted");
  const check = async (): Promise<void> => {
    if (!document.hidden) show(await ask(secure.url));
  };
  const again = async (): Promise<void> => {
    await check();
    setTimeout(() => void again(), ASK_MS);
  };
  byId("again").addEventListener("click", () => void check());
  document.addEventListener("visibilitychange", () => void check()); // back from the settings
  void again();
}

start();
