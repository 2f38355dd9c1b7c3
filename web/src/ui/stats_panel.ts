/**
 * `<rill-stats>`: a player's figures, renewed twice a second, to be read or copied. Computes none.
 *
 * @module
 */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { PlayerStats } from "../player/player_types.ts";
import { copyText } from "./copy_text.ts";
import { icon } from "./icons.ts";
import { sharedStyles } from "./shared_styles.ts";
import { statsLines, statsText } from "./stats_words.ts";

const RENEW_MS = 500;
const COPIED_FOR_MS = 2000;

/** Set `read` to where the figures come from; fires `close` when its button is pressed. */
export class RillStats extends LitElement {
  static override properties = {
    read: { attribute: false },
    copied: { state: true },
  };
  declare read: (() => PlayerStats) | undefined;
  /** Whether the last copy worked; undefined when there was none of late. */
  declare protected copied: boolean | undefined;

  #clock: number | undefined;
  #forget: number | undefined;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        background: #0a1012eb;
        color: #eef4f3;
        font: 13px/1.5 var(--rill-font, system-ui, sans-serif);
      }
      header {
        display: flex;
        align-items: center;
        padding-inline-start: 16px;
      }
      h2 {
        flex: 1;
        font-size: 14px;
        font-weight: 650;
      }
      button {
        display: inline-flex;
        align-items: center;
        justify-content: center;
        gap: 6px;
        min-width: 44px;
        height: 44px;
        padding: 0 12px;
        border: 0;
        border-radius: 10px;
        background: none;
        color: inherit;
        font: 600 13px/1 inherit;
        font-family: inherit;
        cursor: pointer;
      }
      button:hover {
        background: #ffffff1f;
      }
      :focus-visible {
        outline-color: #7fe3d8;
        outline-offset: -3px;
      }
      button svg {
        width: 18px;
        height: 18px;
      }
      dl {
        flex: 1;
        min-height: 0;
        overflow-y: auto;
        overscroll-behavior: contain;
        columns: 250px auto;
        column-gap: 28px;
        padding: 0 16px 12px;
        font-variant-numeric: tabular-nums;
      }
      dl:focus-visible {
        outline-offset: -3px;
      }
      div {
        display: flex;
        justify-content: space-between;
        gap: 12px;
        break-inside: avoid;
        border-top: 1px solid #ffffff1a;
        padding-block: 1.5px;
      }
      dt {
        color: #b3c2c3;
        white-space: nowrap;
      }
      dd {
        text-align: end;
        overflow-wrap: anywhere;
      }
      .odd {
        color: #ffc56b;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#clock = setInterval(() => this.requestUpdate(), RENEW_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#clock);
    clearTimeout(this.#forget);
  }

  async #copy(): Promise<void> {
    if (!this.read) return;
    this.copied = await copyText(
      statsText(this.read(), performance.now()),
      this.renderRoot as ShadowRoot,
    );
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => this.copied = undefined, COPIED_FOR_MS);
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.read) return nothing;
    const lines = statsLines(this.read(), performance.now());
    const copyLabel = this.copied === undefined ? "Copy" : this.copied ? "Copied" : "Not copied";
    return html`
      <header>
        <h2>Statistics</h2>
        <button @click=${(): void => void this.#copy()}>
          ${icon("copy")}<span role="status">${copyLabel}</span>
        </button>
        <button
          aria-label="Close statistics"
          @click=${(): boolean => this.dispatchEvent(new Event("close"))}
        >
          ${icon("close")}
        </button>
      </header>
      <dl tabindex="0" aria-label="Statistics">
        ${lines.map(({ label, value, odd }) =>
          html`
            <div>
              <dt>${label}</dt>
              <dd class=${odd ? "odd" : ""}>${value}</dd>
            </div>
          `
        )}
      </dl>
    `;
  }
}

customElements.define("rill-stats", RillStats);

declare global {
  interface HTMLElementTagNameMap {
    "rill-stats": RillStats;
  }
}
