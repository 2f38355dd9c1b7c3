/**
 * What `<rill-camera-list>` looks like around its cards.
 *
 * @module
 */

import { css } from "lit";

/** To stand last in its styles. */
export const cameraListStyles = css`
  :host {
    display: block;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 14px;
    padding-block: clamp(14px, 3vw, 30px) 16px;
  }
  h1 {
    font-size: clamp(1.625rem, 4vw, 2.125rem);
    font-weight: 680;
    letter-spacing: -0.025em;
    line-height: 1.2;
  }
  header p {
    color: var(--rill-text-2);
    font-variant-numeric: tabular-nums;
  }
  .cards {
    display: grid;
    gap: clamp(16px, 2vw, 24px);
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr));
  }
  .cards[data-count="1"] {
    grid-template-columns: minmax(0, 880px);
  }
  .cards[data-count="2"] {
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr));
  }
  .own {
    padding-top: 20px;
    font-weight: 600;
  }
  .own a {
    display: inline-block;
    padding-block: 10px;
  }
  .message {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 12px;
    max-width: 30rem;
    margin: clamp(24px, 10vh, 110px) auto;
    color: var(--rill-text-2);
    text-align: center;
    text-wrap: balance;
  }
  .message h2 {
    color: var(--rill-text);
    font-size: 1.3125rem;
    font-weight: 650;
    letter-spacing: -0.015em;
  }
  .message .button {
    margin-top: 8px;
  }
  .mark {
    width: 42px;
    color: var(--rill-accent);
  }
  .art {
    width: 240px;
    aspect-ratio: 2;
    color: var(--rill-accent);
    mask: radial-gradient(closest-side, #000 30%, transparent);
  }
  .art svg {
    width: 100%;
    height: 100%;
  }
  code {
    max-width: 100%;
    padding: 10px 14px;
    border: 1px solid var(--rill-line);
    border-radius: 10px;
    background: var(--rill-surface);
    color: var(--rill-text);
    font: 0.875rem/1.4 var(--rill-mono);
    overflow-wrap: anywhere;
    user-select: all;
  }
  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 10px 24px;
    margin-bottom: 20px;
    padding: 14px 18px;
    border: 1px solid var(--rill-line);
    border-inline-start: 4px solid var(--rill-wait);
    border-radius: 12px;
    background: var(--rill-surface);
  }
  .notice h2 {
    font-size: 1rem;
    font-weight: 650;
  }
  .notice p {
    color: var(--rill-text-2);
    font-size: 0.9375rem;
  }
`;
