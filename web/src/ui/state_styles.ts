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
    font-size: 15px;
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
  .state.off .dot {
    height: 0;
    border-width: 0 0 2px;
    border-radius: 0;
  }
  .state.done .dot {
    border-radius: 2px;
  }
`;
