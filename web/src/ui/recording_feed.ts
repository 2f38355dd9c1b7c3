/**
 * How one stream's recording stands: asks `…/record` again and again while the page is seen, and passes wishes on.
 * Draws nothing.
 *
 * @module
 */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { RecordingState } from "../../../shared/recordings.ts";
import { withLimit } from "../../../shared/time_limit.ts";

/** While something is recorded its length is looked at each second. */
const BUSY_MS = 1000;
const IDLE_MS = 5000;
const ANSWER_WITHIN_MS = 10_000;
const NO_ANSWER = "The relay does not answer.";

/** Polls for the element it is given, from connection to disconnection, and asks it to draw. */
export class RecordingFeed implements ReactiveController {
  /** As last heard; `undefined` until then. */
  state: RecordingState | undefined;
  /** Why the last wish was not granted, a sentence. */
  refusal: string | undefined;
  /** A wish is under way. */
  asking = false;
  readonly #host: ReactiveControllerHost;
  readonly #address: () => URL;
  #timer: number | undefined;
  #connected: AbortController | undefined;

  /** @param address of the stream's `…/record`. */
  constructor(host: ReactiveControllerHost, address: () => URL) {
    this.#host = host;
    this.#address = address;
    host.addController(this);
  }

  hostConnected(): void {
    this.#connected = new AbortController();
    const { signal } = this.#connected;
    document.addEventListener("visibilitychange", () => this.#wake(), { signal });
    this.#wake();
  }

  hostDisconnected(): void {
    this.#connected?.abort();
    clearTimeout(this.#timer);
  }

  /** Begins or ends the recording. */
  async wish(method: "POST" | "DELETE"): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.refusal = undefined;
    this.#host.requestUpdate();
    try {
      const answer = await this.#ask(method);
      const body: unknown = await answer.json();
      if (answer.ok) this.state = { ...this.state, ...readState(body) };
      else this.refusal = detailOf(body) ?? `The relay refused (${answer.status}).`;
    } catch (error) {
      this.refusal = reasonOf(error);
    } finally {
      this.asking = false;
    }
    this.#wake();
  }

  #wake(): void {
    clearTimeout(this.#timer);
    if (document.visibilityState === "visible") void this.#look();
  }

  async #look(): Promise<void> {
    try {
      const answer = await this.#ask("GET");
      if (answer.ok) this.state = readState(await answer.json());
      if (this.refusal === NO_ANSWER) this.refusal = undefined; // it does again
    } catch (error) {
      if (reasonOf(error) === undefined) return; // nobody waits for it any more
    }
    this.#host.requestUpdate();
    clearTimeout(this.#timer);
    const waitMs = this.state?.recording ? BUSY_MS : IDLE_MS;
    this.#timer = setTimeout(() => this.#wake(), waitMs);
  }

  #ask(method: string): Promise<Response> {
    const gone = this.#connected?.signal;
    return fetch(this.#address(), {
      method,
      cache: "no-store",
      signal: gone ? withLimit(gone, ANSWER_WITHIN_MS) : AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function readState(body: unknown): RecordingState {
  if (!isObject(body)) return {};
  const { recording, ended, allowed } = body as RecordingState;
  return {
    ...(isObject(recording) && typeof recording.seconds === "number" ? { recording } : {}),
    ...(isObject(ended) && Array.isArray(ended.recordings) ? { ended } : {}),
    allowed: allowed === true,
  };
}

function detailOf(body: unknown): string | undefined {
  return isObject(body) && typeof body.detail === "string" ? body.detail : undefined;
}

/** `undefined` when the element is gone. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof DOMException && error.name === "AbortError") return undefined;
  return NO_ANSWER;
}
