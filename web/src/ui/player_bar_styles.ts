/**
 * What the bar of `<rill-player>` looks like: for a thumb, over any picture.
 *
 * @module
 */

import { css } from "lit";

/** Uses the colours that `player_styles.ts` sets on the host. */
export const playerBarStyles = css`
  /* Bar */
  .bar {
    position: absolute;
    inset: auto 0 0;
    display: flex;
    align-items: center;
    gap: 2px;
    padding: 40px max(8px, env(safe-area-inset-right)) max(6px, env(safe-area-inset-bottom))
      max(8px, env(safe-area-inset-left));
    background: linear-gradient(to top, #05090ae6, #05090a99 55%, transparent);
    transition: opacity 0.2s;
    pointer-events: none;
  }
  .bar > * {
    pointer-events: auto;
  }
  .bar .gap {
    flex: 1;
    pointer-events: none;
  }
  /* Out of sight but not out of reach: the Tab key brings it back. */
  .quiet .bar {
    opacity: 0;
  }
  .quiet .bar > * {
    pointer-events: none;
  }
  .control {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-width: 44px;
    height: 44px;
    padding: 0 9px;
    border: 0;
    border-radius: 10px;
    background: none;
    color: inherit;
    font: inherit;
    font-weight: 600;
    cursor: pointer;
  }
  .control svg {
    flex: none;
    width: 25px;
    height: 25px;
    filter: drop-shadow(0 1px 2px #000a);
  }
  .control:hover,
  .control[aria-pressed="true"] {
    background: #ffffff2b;
  }
  .control:focus-visible {
    outline-offset: -3px;
  }
  .caption {
    padding-inline-end: 4px;
    font-size: 14px;
  }
  .sound {
    display: flex;
    align-items: center;
  }
  input[type="range"] {
    width: 92px;
    height: 44px;
    margin: 0 8px 0 2px;
    background: none;
    appearance: none;
    cursor: pointer;
  }
  input[type="range"]:focus-visible {
    outline-offset: -8px;
    border-radius: 14px;
  }
  input::-webkit-slider-runnable-track {
    height: 4px;
    border-radius: 2px;
    background: linear-gradient(
      to right,
      var(--text) var(--level),
      #ffffff4d var(--level)
    );
  }
  input::-webkit-slider-thumb {
    width: 16px;
    height: 16px;
    margin-top: -6px;
    border-radius: 50%;
    background: var(--text);
    appearance: none;
  }
  input::-moz-range-track {
    height: 4px;
    border-radius: 2px;
    background: #ffffff4d;
  }
  input::-moz-range-progress {
    height: 4px;
    border-radius: 2px;
    background: var(--text);
  }
  input::-moz-range-thumb {
    width: 16px;
    height: 16px;
    border: 0;
    background: var(--text);
  }
  @media (hover: none) {
    input[type="range"],
    .keyed {
      display: none;
    }
  }
  @container (max-width: 559px) {
    input[type="range"],
    .keyed {
      display: none;
    }
  }
`;
