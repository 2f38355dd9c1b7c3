/**
 * What all elements of the app have in common: box model, focus ring, buttons, text for listeners only.
 *
 * @module
 */

import { css } from "lit";

/** To stand first in an element's styles. */
export const sharedStyles = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  p,
  ul,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }
  ul {
    list-style: none;
  }
  a {
    color: var(--rill-accent);
    text-underline-offset: 0.18em;
  }
  :focus {
    outline: none;
  }
  :focus-visible {
    outline: 3px solid var(--rill-accent);
    outline-offset: 2px;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 44px;
    padding: 0 18px;
    border: 1px solid var(--rill-edge);
    border-radius: 22px;
    background: var(--rill-surface);
    color: var(--rill-text);
    font: 600 0.9375rem/1 var(--rill-font);
    text-decoration: none;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
    touch-action: manipulation;
  }
  .button:hover {
    border-color: var(--rill-text-2);
  }
  .button.primary {
    border-color: transparent;
    background: var(--rill-accent);
    color: var(--rill-on-accent);
  }
  .button svg {
    width: 20px;
    height: 20px;
    flex: none;
  }
`;
