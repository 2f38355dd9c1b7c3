/**
 * What `<rill-live-view>` looks like: the picture as large as the window allows, words below it; on a
 * phone on its side, and without controls, the picture alone.
 *
 * @module
 */

import { css } from "lit";

/** To stand last in its styles. */
export const liveViewStyles = css`
  :host {
    display: block;
  }
  .column {
    /* As wide as leaves the whole picture and the words' first line in the window. */
    --rill-height-left: calc(100dvh - 236px);
    /* A camera that stands upright, or is nearly square, is no higher than the window either. */
    --rill-player-max-height: max(315px, var(--rill-height-left));
    width: min(100% - 2 * var(--rill-gutter), max(560px, var(--rill-height-left) * 16 / 9));
    margin-inline: auto;
    padding-bottom: max(40px, env(safe-area-inset-bottom));
  }
  rill-player {
    border-radius: 14px;
    overflow: hidden;
  }
  rill-player:fullscreen {
    border-radius: 0;
  }
  .about {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 18px 24px;
    align-items: center;
    padding-top: 18px;
  }
  .title {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 2px 16px;
    min-width: 0;
  }
  .warnings {
    flex-basis: 100%;
    color: var(--rill-wait);
    font-size: 0.9375rem;
    overflow-wrap: anywhere;
  }
  h1 {
    min-width: 0;
    font-size: clamp(1.375rem, 3vw, 1.75rem);
    font-weight: 680;
    letter-spacing: -0.02em;
    line-height: 1.25;
    overflow-wrap: anywhere;
  }
  rill-record,
  rill-shutter {
    grid-column: 1 / -1;
  }
  dl {
    grid-column: 1 / -1;
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 190px), 1fr));
    gap: 14px 24px;
    padding-top: 16px;
    border-top: 1px solid var(--rill-line);
    font-variant-numeric: tabular-nums;
  }
  dt {
    color: var(--rill-text-2);
    font-size: 0.8125rem;
  }
  dd {
    font-size: 0.9375rem;
    font-weight: 500;
    overflow-wrap: anywhere;
  }
  .bare {
    position: fixed;
    inset: 0;
  }
  .bare rill-player {
    width: 100%;
    height: 100%;
    border-radius: 0;
  }

  @media (max-width: 640px) {
    .column {
      width: 100%;
    }
    rill-player {
      border-radius: 0;
    }
    .about {
      padding-inline: var(--rill-gutter);
    }
    dl {
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 9.5rem), 1fr));
    }
  }
  @media (orientation: landscape) and (max-height: 500px) {
    .column {
      --rill-player-max-height: none;
      width: 100%;
    }
    rill-player {
      height: 100dvh;
      border-radius: 0;
    }
    .about {
      padding-inline: max(var(--rill-gutter), env(safe-area-inset-left));
    }
  }
`;
