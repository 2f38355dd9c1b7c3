/**
 * How a button stands with what it says of what it did: for elements that are one action.
 *
 * @module
 */

import { css } from "lit";

/** For a `.button`, and `<p>`s beside or below it. */
export const actionStyles = css`
  :host {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
    font-variant-numeric: tabular-nums;
  }
  .button {
    white-space: nowrap;
  }
  /* While the relay is asked: a button that is disabled would lose the keyboard. */
  .button[aria-disabled="true"] {
    opacity: 0.65;
  }
  p {
    min-width: 0;
    color: var(--rill-text-2);
    font-size: 0.9375rem;
    overflow-wrap: anywhere;
  }
`;
