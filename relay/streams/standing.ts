/**
 * How a stream stands: what it is doing and since when, told to those who take it and to the log as it changes, in words.
 * Begins and ends nothing.
 *
 * @module
 */

import type { StreamState } from "../../shared/api.ts";
import { withoutFolders } from "../../shared/folders.ts";
import type { InitSegment } from "../../shared/media.ts";
import type { Hub } from "../hub/hub.ts";
import type { Log } from "../log.ts";

const ASLEEP = "Nobody watched, so the camera slept; it is being woken.";
const WAITING = "Nobody publishes this stream yet.";
const ENDED = "The source has come to its end.";

/** Whose standing it is, and who is told. */
export interface StandingOptions {
  readonly name: string;
  readonly hub: Hub;
  readonly log: Log;
}

/** Of one stream. */
export class Standing {
  readonly #name: string;
  readonly #hub: Hub;
  readonly #log: Log;
  #state: StreamState = { kind: "starting" };
  #liveSince = 0;

  constructor({ name, hub, log }: StandingOptions) {
    this.#name = name;
    this.#hub = hub;
    this.#log = log;
  }

  get state(): StreamState {
    return this.#state;
  }

  get kind(): StreamState["kind"] {
    return this.#state.kind;
  }

  /** Why nothing comes, as a sentence for those who watch; `undefined` while it runs or starts. */
  get why(): string | undefined {
    if (this.#state.kind === "offline") return withoutFolders(this.#state.reason);
    return this.#state.kind === "ended" ? ENDED : undefined;
  }

  /** How long it has been live, ms. */
  get liveForMs(): number {
    return this.#state.kind === "live" ? Math.round(performance.now() - this.#liveSince) : 0;
  }

  /** The source is begun. */
  starting(): void {
    this.#state = { kind: "starting" };
  }

  /** A generation begins. */
  begun(segment: InitSegment): void {
    this.#log.info(describe(segment), { stream: this.#name });
  }

  /** What makes it live comes. */
  live(): void {
    if (this.#state.kind === "live" || this.#state.kind === "asleep") return; // the last of a run that is being ended
    this.#state = { kind: "live" };
    this.#liveSince = performance.now();
    this.#log.info("the picture flows", { stream: this.#name });
  }

  /** Nothing comes. @param retryAt when the source is tried again, ISO 8601, where it is. */
  offline(reason: string, retryAt?: string): void {
    const known = this.#state.kind === "offline" && this.#state.reason === reason;
    this.#state = { kind: "offline", reason, ...(retryAt ? { retryAt } : {}) };
    this.#hub.offline(withoutFolders(reason));
    if (!known) this.#log.warn(reason, { stream: this.#name });
  }

  /** It waits for its publisher: nothing is amiss. */
  waiting(): void {
    this.#state = { kind: "offline", reason: WAITING };
    this.#hub.offline(WAITING);
  }

  /** The camera rests. */
  asleep(): void {
    this.#state = { kind: "asleep" };
    this.#hub.offline(ASLEEP); // what was live is not live any more
  }

  /** The source ended by itself, for good. */
  ended(): void {
    this.#state = { kind: "ended" };
    this.#hub.offline(ENDED);
    this.#log.info("the source has ended", { stream: this.#name });
  }
}

function describe({ generation, tracks }: InitSegment): string {
  const all = tracks.map((track) =>
    track.kind === "video"
      ? `${track.codec} ${track.width}×${track.height}`
      : `${track.codec} ${track.sampleRate} Hz, ${track.channels} ${
        track.channels === 1 ? "channel" : "channels"
      }`
  );
  return `generation ${generation}: ${all.join(" + ")}`;
}
