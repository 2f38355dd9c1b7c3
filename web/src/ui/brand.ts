/**
 * What Rill looks like wherever it signs: the word, the mark of three running lines and a drop, and the
 * lines that fill a place where no picture is. Drawings only.
 *
 * @module
 */

import { css, html, svg, type TemplateResult } from "lit";
import { ripplePaths } from "./ripple_paths.ts";

const MARK_LINES = [
  "M17 30c-3 4-3 6.5 0 10.5s3 6.5 0 10.5",
  "M32 13c-4 6.3-4 12.7 0 19s4 12.7 0 19",
  "M47 13c-4 6.3-4 12.7 0 19s4 12.7 0 19",
];

/** The word as a drawing; its name is given by the link around it. */
export function wordmark(): TemplateResult {
  return html`
    <svg
      class="wordmark"
      viewBox="0 0 63 40"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="5"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      <path d="M4 17v19M4 26c0-5.5 3.6-9 9-9M25 17v19M38 4v32M51 4v24c0 5.5 3 8 8 8" />
      <circle class="drop" cx="25" cy="6.5" r="3.7" stroke="none" />
    </svg>
  `;
}

/** The mark whose lines run while something is awaited. Style it with {@link runningStyles}. */
export function runningMark(): TemplateResult {
  return html`
    <svg
      class="running"
      viewBox="8 4 48 56"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="6"
      stroke-linecap="round"
    >
      ${MARK_LINES.map((line) =>
        svg`
          <path class="bed" d=${line} />
          <path class="water" d=${line} pathLength="100" />
        `
      )}
      <circle class="drop" cx="17" cy="16.5" r="5" stroke="none" />
    </svg>
  `;
}

/** The motion of {@link runningMark}; it stands still for those who asked for that. */
export const runningStyles = css`
  .running .bed {
    opacity: 0.28;
  }
  .running .water {
    stroke-dasharray: 34 200;
    stroke-dashoffset: 36;
    animation: rill-run 1.5s cubic-bezier(0.4, 0, 0.5, 1) infinite;
  }
  .running .water:nth-of-type(4) {
    animation-delay: 0.16s;
  }
  .running .water:nth-of-type(6) {
    animation-delay: 0.32s;
  }
  .running .drop {
    fill: var(--live, var(--rill-live, #ff7365));
  }
  @keyframes rill-run {
    from {
      stroke-dashoffset: 36;
    }
    to {
      stroke-dashoffset: -104;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .running .water {
      animation: none;
      stroke-dasharray: none;
      opacity: 0.7;
    }
  }
`;

/** The lines of {@link ripplePaths} as a picture that fills its place, for where no camera picture is. */
export function ripples(name: string): TemplateResult {
  return html`
    <svg
      class="ripples"
      viewBox="0 0 320 180"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="1.2"
    >
      ${ripplePaths(name).map((path) => svg`<path d=${path} />`)}
    </svg>
  `;
}
