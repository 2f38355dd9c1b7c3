/**
 * `<rill-record>`: records a stream on the relay's side: a button, how long and how much it is, and where the file is
 * when it is done. Shows nothing where recording is not allowed and nothing is recorded.
 *
 * @module
 */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { RecordingState, RecordingUnderWay } from "../../../shared/recordings.ts";
import { actionStyles } from "./action_styles.ts";
import { formatBytes, formatCount, formatDuration } from "./formatters.ts";
import { icon } from "./icons.ts";
import { RecordingFeed } from "./recording_feed.ts";
import { sharedStyles } from "./shared_styles.ts";

/** Set `name` to the stream's. */
export class RillRecord extends LitElement {
  static override properties = { name: { attribute: false } };
  declare name: string;

  #feed = new RecordingFeed(
    this,
    () => new URL(`api/streams/${this.name}/record`, document.baseURI),
  );

  static override styles = [
    sharedStyles,
    actionStyles,
    css`
      .dot {
        width: 10px;
        height: 10px;
        border-radius: 50%;
        background: var(--rill-record, #d92d20);
      }
    `,
  ];

  constructor() {
    super();
    this.name = "";
  }

  #button(state: RecordingState): TemplateResult | typeof nothing {
    if (!state.allowed) return nothing;
    const under = state.recording !== undefined;
    return html`
      <button
        class="button"
        aria-disabled=${this.#feed.asking}
        @click=${(): void => void this.#feed.wish(under ? "DELETE" : "POST")}
      >
        ${under ? icon("stop") : html`<span class="dot"></span>`}${under
          ? "Stop recording"
          : "Record"}
      </button>
    `;
  }

  #underWay({ seconds, bytes, left, waiting }: RecordingUnderWay): TemplateResult {
    const length = `${formatDuration(seconds * 1000)}, ${formatBytes(bytes)}`;
    const lost = left > 0 ? `; the disk was too slow for ${formatCount(left)} pictures` : "";
    return waiting === undefined
      ? html`<p>Recording: ${length}${lost}</p>`
      : html`<p>Recording waits (${length}${lost}): ${waiting}</p>`;
  }

  #ended({ recordings, problem }: NonNullable<RecordingState["ended"]>): TemplateResult {
    const parts = recordings.length;
    return html`
      ${problem === undefined ? nothing : html`<p role="alert">${capital(problem)}.</p>`}
      ${recordings.map((id, at) =>
        html`
          <a
            class="button"
            href=${new URL(`api/recordings/${id}/media.mp4`, document.baseURI).href}
            download="${id.replaceAll("/", "_")}.mp4"
          >${icon("download")}${parts > 1 ? `Download part ${at + 1} of ${parts}` : "Download"}</a>
        `
      )}
    `;
  }

  protected override render(): TemplateResult {
    const { state, refusal } = this.#feed;
    if (state === undefined) return html``;
    const { recording, ended } = state;
    return html`
      ${this.#button(state)}
      ${recording ? this.#underWay(recording) : ended ? this.#ended(ended) : nothing}
      ${refusal === undefined ? nothing : html`<p role="alert">${refusal}</p>`}
      <span class="unseen" role="status">${recording ? "Recording" : ""}</span>
    `;
  }
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

customElements.define("rill-record", RillRecord);

declare global {
  interface HTMLElementTagNameMap {
    "rill-record": RillRecord;
  }
}
