/**
 * How the state of a stream is marked: a colour, a shape and a word, so that none of them is alone.
 *
 * @module
 */

import { css } from "lit";

/** For `<p class="state TONE"><span class="dot"></span>word</p>`. */
export const stateStyles = css`
  .state {
    display: inline-flex;
    align-items: center;
    gap: 7px;
    color: var(--rill-text-2);
    font-size: 0.9375rem;
    font-weight: 600;
    white-space: nowrap;
  }
  .dot {
    width: 9px;
    height: 9px;
    border: 2px solid currentColor;
    border-radius: 50%;
  }
  .state.live {
    color: var(--rill-live);
  }
  .state.live .dot {
    background: currentColor;
  }
  .state.wait {
    color: var(--rill-wait);
  }
  /* A dash in a dot's box: a lower box would set the word on another line than the name beside it. */
  .state.off .dot {
    border-color: transparent;
    border-radius: 0;
    background: linear-gradient(currentColor 0 0) center / 100% 2px no-repeat border-box;
  }
  .state.done .dot {
    border-radius: 2px;
  }
`;
