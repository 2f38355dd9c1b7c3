/**
 * `<rill-camera-list>`: the start page's cameras, kept fresh, with a state for everything that may stand
 * in the way: nothing yet, no cameras, no answer.
 *
 * @module
 */

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { StreamInfo } from "../../../shared/api.ts";
import { ripples, runningMark, runningStyles } from "./brand.ts";
import { cameraCard, cardStyles } from "./camera_card.ts";
import { cameraListStyles } from "./camera_list_styles.ts";
import { formatAgo, formatDuration } from "./formatters.ts";
import { icon } from "./icons.ts";
import { sharedStyles } from "./shared_styles.ts";
import { stateStyles } from "./state_styles.ts";
import { type FeedState, StreamsFeed } from "./streams_feed.ts";
import { changesInWords, tally } from "./stream_words.ts";
import "./preview.ts";

type Lost = Extract<FeedState, { kind: "lost" }>;

/** No attributes; asks the relay the page came from. */
export class RillCameraList extends LitElement {
  static override properties = { news: { state: true } };
  /** What a screen reader says next. */
  declare protected news: string;

  #feed = new StreamsFeed(this);
  #before: readonly StreamInfo[] | undefined;
  #clock: number | undefined;

  static override styles = [sharedStyles, runningStyles, stateStyles, cardStyles, cameraListStyles];

  constructor() {
    super();
    this.news = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#clock = setInterval(() => this.#tick(), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#clock);
  }

  /** Only what counts seconds needs drawing between two answers. */
  #tick(): void {
    const { state } = this.#feed;
    const counts = state.kind === "lost" ||
      (state.kind === "fresh" && state.streams.some(({ state }) => state.kind === "offline"));
    if (counts && document.visibilityState === "visible") this.requestUpdate();
  }

  protected override willUpdate(): void {
    const { state } = this.#feed;
    if (state.kind === "lost") {
      this.news = "The relay does not answer.";
    } else if (state.kind === "fresh" && state.streams !== this.#before) {
      const changes = this.#before ? changesInWords(this.#before, state.streams) : [];
      if (changes.length > 0) this.news = changes.join(" ");
      else if (this.news === "The relay does not answer.") this.news = "The relay answers again.";
      this.#before = state.streams;
    }
  }

  #heading(): string {
    const { state } = this.#feed;
    const streams = state.kind === "loading" ? undefined : state.streams;
    if (streams === undefined || streams.length === 0) return "";
    if (state.kind === "lost") return `as of ${formatAgo(performance.now() - (state.seenAt ?? 0))}`;
    return tally(streams);
  }

  #cards(streams: readonly StreamInfo[]): TemplateResult {
    const moment = {
      relayNowMs: this.#feed.relayNowMs,
      stale: this.#feed.state.kind === "lost",
    };
    return html`
      <ul class="cards" data-count=${Math.min(streams.length, 3)}>
        ${repeat(
          streams,
          (stream) => stream.name,
          (stream) => html`<li>${cameraCard(stream, moment)}</li>`,
        )}
      </ul>
    `;
  }

  #loading(): TemplateResult {
    return html`
      <p class="message"><span class="mark">${runningMark()}</span>Looking for cameras…</p>
    `;
  }

  #empty(): TemplateResult {
    return html`
      <section class="message">
        <div class="art">${ripples("rill")}</div>
        <h2>No cameras yet</h2>
        <p>
          Name one when you start the relay, or none at all for the demo:
        </p>
        <code>deno task relay porch=v4l2:/dev/video0</code>
        <p>It appears here by itself.</p>
      </section>
    `;
  }

  #lost(state: Lost): TemplateResult {
    const waitMs = Math.max(0, state.retryAt - performance.now());
    const next = waitMs < 1000 ? "Asking again…" : `Asking again in ${formatDuration(waitMs)}.`;
    return html`
      <section class=${state.streams?.length ? "notice" : "message"}>
        ${state.streams?.length ? nothing : html`<div class="art">${ripples("lost")}</div>`}
        <div>
          <h2>The relay does not answer</h2>
          <p>${state.reason} ${next}</p>
        </div>
        <button class="button" @click=${(): void => this.#feed.retry()}>
          ${icon("retry")}Ask now
        </button>
      </section>
    `;
  }

  /** Offered where the relay takes what anybody publishes. */
  #own(): TemplateResult | typeof nothing {
    const { state } = this.#feed;
    if (state.kind === "loading" || !state.publish) return nothing;
    return html`<p class="own"><a href="camera">Use this device’s camera</a></p>`;
  }

  /** The cards keep their place in the template, so that pictures stay when the relay goes. */
  #body(): TemplateResult {
    const { state } = this.#feed;
    const streams = state.kind === "loading" ? [] : state.streams ?? [];
    const message = state.kind === "loading"
      ? this.#loading()
      : state.kind === "lost"
      ? this.#lost(state)
      : streams.length === 0
      ? this.#empty()
      : nothing;
    return html`${message} ${streams.length > 0 ? this.#cards(streams) : nothing}`;
  }

  protected override render(): TemplateResult {
    return html`
      <header>
        <h1 tabindex="-1">Cameras</h1>
        <p>${this.#heading()}</p>
      </header>
      ${this.#body()}
      ${this.#own()}
      <p class="unseen" role="status">${this.news}</p>
    `;
  }
}

customElements.define("rill-camera-list", RillCameraList);

declare global {
  interface HTMLElementTagNameMap {
    "rill-camera-list": RillCameraList;
  }
}
