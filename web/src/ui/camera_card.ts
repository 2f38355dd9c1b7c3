/**
 * One camera on the start page: picture, name, state in words, facts. A template for
 * `<rill-camera-list>`; fetches nothing.
 *
 * @module
 */

import { css, html, nothing, type TemplateResult } from "lit";
import type { StreamInfo } from "../../../shared/api.ts";
import { runningMark } from "./brand.ts";
import { formatViewers } from "./formatters.ts";
import { icon } from "./icons.ts";
import { liveHref } from "./router.ts";
import { type StateWords, stateWords, streamFacts } from "./stream_words.ts";

/** Per cent below which a battery is marked. */
const LOW_BATTERY = 15;

/** When the card is drawn. */
export interface CardMoment {
  /** The relay's wall clock, ms since the Unix epoch. */
  readonly relayNowMs: number;
  /** The relay does not answer: what is shown is the past. */
  readonly stale: boolean;
}

function cameraFacts({ camera }: StreamInfo): TemplateResult[] {
  if (camera === undefined) return [];
  const facts: TemplateResult[] = [];
  if (camera.model) facts.push(html`<li>${camera.model}</li>`);
  if (camera.battery !== undefined) {
    const low = !camera.charging && camera.battery <= LOW_BATTERY;
    facts.push(html`
      <li class="figure ${low ? "low" : ""}">
        ${icon(camera.charging ? "charging" : "battery")}
        <span class="unseen">Battery${camera.charging ? ", charging" : ""}:</span>
        ${Math.round(camera.battery)} %
      </li>
    `);
  }
  if (camera.recording) facts.push(html`<li>recording to its card</li>`);
  if (camera.hot) facts.push(html`<li class="low">too hot</li>`);
  return facts;
}

function veil(words: StateWords): TemplateResult | typeof nothing {
  if (words.tone === "live") return nothing;
  return html`
    <p class="veil ${words.tone}">
      ${words.tone === "wait" ? runningMark() : nothing}
      <span>${words.detail}</span>
    </p>
  `;
}

/** The card of `stream`. */
export function cameraCard(stream: StreamInfo, moment: CardMoment): TemplateResult {
  const words = stateWords(stream.state, moment.relayNowMs);
  const live = stream.state.kind === "live";
  const facts = streamFacts(stream);
  const camera = cameraFacts(stream);
  const href = liveHref(stream.name);
  return html`
    <article class="card ${words.tone}">
      <div class="picture">
        <rill-preview
          name=${stream.name}
          src="${href}/frame.mp4"
          ?active=${live && !moment.stale}
        ></rill-preview>
        ${veil(words)}
      </div>
      <div class="text">
        <h2><a href=${href}>${stream.name}</a></h2>
        <p class="state ${moment.stale ? "done" : words.tone}">
          <span class="dot"></span>${moment.stale
            ? `Was ${words.label.toLowerCase()}`
            : words.label}
        </p>
        <ul class="facts">
          ${facts.length > 0
            ? facts.map((fact) => html`<li>${fact}</li>`)
            : html`<li>${stream.source}</li>`} ${live
            ? html`
              <li class="figure" title=${formatViewers(stream.viewers)}>
                ${icon("viewers")}${stream.viewers} <span class="unseen">watching</span>
              </li>
            `
            : nothing}
        </ul>
        ${camera.length > 0 ? html`<ul class="facts">${camera}</ul>` : nothing}
      </div>
    </article>
  `;
}

/** For the element that shows cards. */
export const cardStyles = css`
  .card {
    position: relative;
    display: flex;
    flex-direction: column;
    height: 100%;
    border: 1px solid var(--rill-line);
    border-radius: 14px;
    background: var(--rill-surface);
    box-shadow: var(--rill-shadow);
    overflow: hidden;
    transition: border-color 0.15s;
  }
  .card:hover {
    border-color: var(--rill-accent);
  }
  .card:focus-within:has(a:focus-visible) {
    outline: 3px solid var(--rill-accent);
    outline-offset: 2px;
  }
  .picture {
    position: relative;
    aspect-ratio: 16 / 9;
  }
  rill-preview {
    position: absolute;
    inset: 0;
  }
  .veil {
    position: absolute;
    inset: 0;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 12px;
    padding: 16px 10%;
    color: var(--rill-text);
    font-size: 0.9375rem;
    font-weight: 500;
    line-height: 1.45;
    text-align: center;
    text-wrap: balance;
  }
  .veil span {
    padding: 2px 10px;
    border-radius: 8px;
    background: color-mix(in srgb, var(--rill-sunken) 86%, transparent);
  }
  .veil .running {
    width: 34px;
    color: var(--rill-accent);
  }
  .text {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 2px 16px;
    padding: 12px 16px 15px;
    align-items: baseline;
  }
  h2 {
    min-width: 0;
    font-size: 1.0625rem;
    font-weight: 650;
    line-height: 1.4;
    letter-spacing: -0.01em;
    overflow-wrap: anywhere;
  }
  h2 a {
    color: inherit;
    text-decoration: none;
  }
  h2 a::after {
    content: "";
    position: absolute;
    inset: 0;
  }
  h2 a:focus-visible {
    outline: none;
  }
  .state {
    justify-self: end;
    font-size: 0.875rem;
  }
  .facts {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    /* Dots stand before every fact; those at the start of a line are pushed out of sight. */
    margin-inline-start: -1.1em;
    clip-path: inset(0 0 0 1.1em);
    color: var(--rill-text-2);
    font-size: 0.875rem;
    font-variant-numeric: tabular-nums;
  }
  .facts li {
    min-width: 0;
    padding-inline-start: 1.1em;
    overflow-wrap: anywhere;
  }
  .facts li::before {
    content: "·";
    float: left;
    width: 0.3em;
    margin-inline-start: -0.7em;
  }
  .figure {
    white-space: nowrap;
  }
  .figure svg {
    width: 17px;
    height: 17px;
    margin-inline-end: 5px;
    vertical-align: -3.5px;
  }
  .low {
    color: var(--rill-wait);
    font-weight: 600;
  }
`;
