/**
 * What stands over the picture of `<rill-player>` looks like: badge and notices.
 *
 * @module
 */

import { css } from "lit";

/** Uses the colours that `player_styles.ts` sets on the host. */
export const playerOverlayStyles = css`
  /* Badge */
  .badge {
    position: absolute;
    inset-block-start: max(12px, env(safe-area-inset-top));
    inset-inline-start: max(12px, env(safe-area-inset-left));
    display: flex;
    align-items: center;
    gap: 7px;
    padding: 4px 10px;
    border-radius: 8px;
    background: #05090ac7;
    color: var(--text-2);
    font-size: 13px;
    font-weight: 600;
    line-height: 1.4;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .badge .dot {
    width: 8px;
    height: 8px;
    border: 2px solid currentColor;
    border-radius: 50%;
  }
  .badge .word {
    font-size: 12px;
    font-weight: 750;
    letter-spacing: 0.07em;
    text-transform: uppercase;
  }
  .badge .figure {
    font-weight: 500;
  }
  .badge.live {
    color: var(--text);
  }
  .badge.live .dot {
    border-color: var(--live);
    background: var(--live);
  }

  /* Notice */
  .notice,
  .invite {
    position: relative;
    grid-area: 1 / 1;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 6px;
    padding: 40px max(24px, 8%) 52px;
    text-align: center;
    text-wrap: balance;
    text-shadow: 0 1px 3px #000c;
    animation: rill-notice 0.25s;
  }
  .notice {
    z-index: 1;
    pointer-events: none;
  }
  .notice.wait {
    animation: rill-notice 0.3s 0.35s backwards;
  }
  @keyframes rill-notice {
    from {
      opacity: 0;
    }
  }
  .running {
    width: 40px;
    margin-bottom: 6px;
    color: #bdeee7;
    filter: drop-shadow(0 1px 3px #000c);
  }
  .title {
    font-size: clamp(17px, 3.2cqi, 24px);
    font-weight: 650;
    letter-spacing: -0.01em;
    line-height: 1.3;
    font-variant-numeric: tabular-nums;
  }
  .notice.wait .title {
    padding: 4px 12px;
    border-radius: 8px;
    background: #05090aa6;
    font-size: 15px;
    font-weight: 550;
  }
  .warn .title {
    color: var(--warn);
  }
  .detail {
    max-width: 34em;
    color: var(--text);
    font-size: clamp(14px, 1.7cqi, 16px);
    font-variant-numeric: tabular-nums;
  }
  .pill {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 44px;
    margin-top: 8px;
    padding: 0 20px 0 16px;
    border: 0;
    border-radius: 22px;
    background: #eef6f5;
    color: #06201f;
    font: inherit;
    font-weight: 650;
    text-shadow: none;
    cursor: pointer;
    pointer-events: auto;
  }
  .pill:hover {
    background: #fff;
  }
  .pill svg {
    width: 20px;
    height: 20px;
  }
  .invite {
    width: 100%;
    padding-block: 16px;
    border: 0;
    background: #05090a8c;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  .invite:focus-visible {
    outline-offset: -6px;
  }
  .disc {
    display: grid;
    place-items: center;
    width: clamp(60px, 11cqi, 96px);
    aspect-ratio: 1;
    margin-bottom: 8px;
    border-radius: 50%;
    background: #eef6f5;
    color: #06201f;
    transition: transform 0.15s;
  }
  .invite:hover .disc {
    transform: scale(1.05);
  }
  .disc svg {
    width: 46%;
    margin-inline-start: 4%;
  }
`;
