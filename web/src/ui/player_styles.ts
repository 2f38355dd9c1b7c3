/**
 * What `<rill-player>` looks like. Over pictures it is dark in both schemes, and it brings its own
 * colours, since it also stands on pages that are not ours.
 *
 * @module
 */

import { css } from "lit";

/** To stand last in its styles. */
export const playerStyles = css`
  :host {
    --text: #f4f8f7;
    --text-2: #ccd7d7;
    --focus: #7fe3d8;
    --live: #ff7365;
    --warn: #ffc56b;
    display: block;
    position: relative;
    container-type: inline-size;
    background: #05090a;
    color: var(--text);
    font: 15px/1.45 var(--rill-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  }
  :host([hidden]) {
    display: none;
  }
  section {
    display: flex;
    flex-direction: column;
    height: 100%;
  }
  .stage {
    position: relative;
    display: grid;
    /* As high as it is given, else as its picture, or as what is to be said, needs. */
    grid-template: minmax(0, 1fr) / minmax(0, 1fr);
    flex: 1;
    min-height: 0;
    max-height: var(--rill-player-max-height, none); /* of whoever gives it a width alone */
    /* Clip, not hidden: so the box still grows where a small picture has much to say. */
    overflow: clip;
    background: #05090a;
    color: var(--text);
    border-radius: inherit;
    -webkit-tap-highlight-color: transparent;
    touch-action: manipulation;
  }
  .stage::before {
    content: "";
    grid-area: 1 / 1;
    aspect-ratio: var(--aspect, 16 / 9);
  }
  .stage.quiet {
    cursor: none;
  }
  video {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: contain;
    transition: filter 0.3s;
  }
  .stale video {
    filter: grayscale(1) brightness(0.5);
  }
  .ripples {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    color: #1b3433;
  }
  :focus-visible {
    outline-color: var(--focus);
  }

  /* Statistics: over the picture where there is room, else below it */
  rill-stats {
    position: absolute;
    z-index: 1;
    inset-block-start: 52px;
    inset-inline-start: max(12px, env(safe-area-inset-left));
    width: min(600px, 100% - 24px);
    max-height: calc(100% - 120px);
    border-radius: 12px;
  }
  @container (max-width: 639px) {
    :host(:not(:fullscreen)) rill-stats {
      position: static;
      width: auto;
      max-height: none;
      border-radius: 0;
    }
  }

  /* Words that come and go */
  .toast {
    position: absolute;
    inset-block-end: 72px;
    inset-inline: 0;
    width: fit-content;
    max-width: calc(100% - 32px);
    margin-inline: auto;
    padding: 8px 14px;
    border-radius: 10px;
    background: #05090ae0;
    font-size: 14px;
  }

  /* Help */
  .help {
    width: min(340px, 100vw - 32px);
    padding: 6px 8px 16px 20px;
    border: 1px solid #ffffff2e;
    border-radius: 14px;
    background: #0d1719;
    color: var(--text);
  }
  .help::backdrop {
    background: #0008;
  }
  .help form {
    display: flex;
    align-items: center;
    justify-content: space-between;
  }
  .help h2 {
    font-size: 17px;
    font-weight: 650;
  }
  .help div {
    display: flex;
    align-items: baseline;
    padding-block: 5px;
  }
  .help dt {
    display: flex;
    gap: 6px;
    width: 116px;
  }
  kbd {
    min-width: 30px;
    padding: 2px 8px;
    border: 1px solid #ffffff4d;
    border-bottom-width: 2px;
    border-radius: 6px;
    font: 600 13px/1.4 var(--rill-font, system-ui, sans-serif);
    text-align: center;
  }

  :host(:fullscreen) {
    width: 100%;
    height: 100%;
    border-radius: 0;
  }
  :host(:fullscreen) .stage {
    max-height: none;
  }
  @media (prefers-reduced-motion: reduce) {
    video,
    .bar,
    .disc,
    .notice,
    .invite {
      animation: none;
      transition: none;
    }
  }
  @media (prefers-contrast: more) {
    .badge,
    .notice,
    .bar {
      background: #000d;
    }
  }
`;
