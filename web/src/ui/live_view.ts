/**
 * `<rill-live-view>`: one stream's page: its player, its name and state, its facts, its link. Without
 * controls nothing but the picture, for a frame or a screen on a wall.
 *
 * @module
 */

import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { StreamInfo } from "../../../shared/api.ts";
import { liveViewStyles } from "./live_view_styles.ts";
import { liveHref, type LiveOptions } from "./router.ts";
import { sentence } from "./sentence.ts";
import { sharedStyles } from "./shared_styles.ts";
import { wantsSound } from "./sound_preference.ts";
import { stateStyles } from "./state_styles.ts";
import { type Standing, streamDetails } from "./stream_details.ts";
import { stateWords } from "./stream_words.ts";
import { StreamsFeed } from "./streams_feed.ts";
import "./camera_controls.ts";
import "./player_element.ts";
import "./record_button.ts";
import "./share.ts";
import "./shutter_button.ts";

/** Set `name` to the stream's, `options` to what the address asks for. */
export class RillLiveView extends LitElement {
  static override properties = {
    name: { attribute: false },
    options: { attribute: false },
  };
  declare name: string;
  declare options: LiveOptions;

  #feed = new StreamsFeed(this);
  #detach: AbortController | undefined;
  #clock: number | undefined;
  /** As it was last chosen when this view began: what is chosen in another window meanwhile is for there. */
  #silent = !wantsSound();

  static override styles = [sharedStyles, stateStyles, liveViewStyles];

  constructor() {
    super();
    this.name = "";
    this.options = { controls: true };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#detach = new AbortController();
    document.addEventListener("keydown", (event) => this.#key(event), {
      signal: this.#detach.signal,
    });
    this.#clock = setInterval(() => this.requestUpdate(), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#detach?.abort();
    clearInterval(this.#clock);
  }

  /** The page has one player, so its keys work wherever the focus is. */
  #key(event: KeyboardEvent): void {
    const player = this.renderRoot.querySelector("rill-player");
    if (!player || event.composedPath().includes(player)) return;
    if (event.composedPath().some((node) => node instanceof HTMLDialogElement)) return;
    player.handleKey(event);
  }

  get #stream(): StreamInfo | undefined {
    const { state } = this.#feed;
    const streams = state.kind === "loading" ? undefined : state.streams;
    return streams?.find((stream) => stream.name === this.name);
  }

  #state(stream: StreamInfo): TemplateResult | typeof nothing {
    const words = stateWords(stream.state, this.#feed.relayNowMs);
    const lost = this.#feed.state.kind === "lost";
    if (lost) return html`<p class="state wait">The relay does not answer</p>`;
    if (words.tone === "live") return nothing; // the player's badge says it, and says more
    return html`<p class="state ${words.tone}"><span class="dot"></span>${words.label}</p>`;
  }

  /** Whether the relay answers, and the player receives or is about to. */
  get #here(): Standing {
    if (this.#feed.state.kind === "lost") return "lost";
    const player = this.renderRoot.querySelector("rill-player");
    if (!player) return "watches"; // it is about to be drawn, and plays as soon as it is
    const { transport, state } = player.stats;
    return transport !== "none" || state === "connecting" ? "watches" : "rests";
  }

  #details(stream: StreamInfo): TemplateResult {
    return html`
      <dl>
        ${streamDetails(stream, this.#here).map(({ label, value }) =>
          html`
            <div>
              <dt>${label}</dt>
              <dd>${value}</dd>
            </div>
          `
        )}
      </dl>
    `;
  }

  protected override render(): TemplateResult {
    const { muted, controls, transport } = this.options;
    const stream = this.#stream;
    const absent = this.#feed.state.kind === "fresh" && stream === undefined;
    const player = html`
      <rill-player
        src=${liveHref(this.name)}
        ?muted=${muted ?? this.#silent}
        ?controls=${controls}
        transport=${transport ?? ""}
      ></rill-player>
    `;
    if (!controls) {
      return html`<div class="bare"><h1 class="unseen">${this.name}</h1>${player}</div>`;
    }
    return html`
      <div class="column">
        <div class="theatre">${player}</div>
        <div class="about">
          <div class="title">
            <h1>${this.name}</h1>
            ${stream ? this.#state(stream) : nothing}
            <div class="warnings" role="status">
              ${stream?.warnings.map((warning) => html`<p>${sentence(warning)}</p>`)}
            </div>
          </div>
          ${absent ? nothing : html`<rill-share .name=${this.name}></rill-share>`}
          ${absent ? nothing : html`<rill-record .name=${this.name}></rill-record>`}
          ${stream?.camera?.shutter
            ? html`<rill-shutter .name=${this.name} .camera=${stream.camera}></rill-shutter>`
            : nothing}
          ${stream ? this.#details(stream) : nothing}
          ${stream
            ? html`<rill-camera-controls .name=${this.name}></rill-camera-controls>`
            : nothing}
        </div>
      </div>
    `;
  }
}

customElements.define("rill-live-view", RillLiveView);

declare global {
  interface HTMLElementTagNameMap {
    "rill-live-view": RillLiveView;
  }
}
