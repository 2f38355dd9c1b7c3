/**
 * How publishing this device's camera stands, and what can be done about it: a line below the preview. Stateless.
 *
 * @module
 */

import { html, nothing, type TemplateResult } from "lit";
import type { PublishState } from "../publisher/publishing.ts";
import { publishWords } from "./publish_words.ts";
import { liveHref } from "./router.ts";

/** What is drawn. */
export interface CameraStands {
  readonly state: PublishState;
  /** Of the stream. */
  readonly name: string;
  /** On the clock of `performance.now()`. */
  readonly now: number;
  /** The device itself gives no picture now (`MediaStreamTrack.muted`). */
  readonly isPaused: boolean;
  /** Somebody else publishes under that name, and is to be replaced. */
  takePlace(): void;
}

/** The line. */
export function cameraStands(
  { state, name, now, isPaused, takePlace }: CameraStands,
): TemplateResult {
  const { label, tone, detail } = publishWords(state, now, isPaused);
  return html`
    <div class="stands">
      <p class="state ${tone}" role="status"><span class="dot"></span>${label}</p>
      <p class="detail">${detail}</p>
      ${state.kind === "publishing"
        ? html`
          <p class="detail">It ends when this page is left.</p>
          <a href=${liveHref(name)} target="_blank" rel="noopener">Watch it</a>
        `
        : nothing}
      ${state.kind === "refused" && state.isTaken
        ? html`<button class="button" data-do="replace" @click=${takePlace}>Take their place</button>`
        : nothing}
    </div>
  `;
}
