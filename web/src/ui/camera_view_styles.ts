/**
 * What `<rill-camera>` looks like: the preview, below it what is to be chosen, in one column that a thumb reaches.
 *
 * @module
 */

import { css } from "lit";

/** To stand last in its styles. */
export const cameraViewStyles = css`
  :host {
    display: grid;
    gap: 16px;
    max-width: 640px;
    padding-block: clamp(14px, 3vw, 30px) 16px;
  }
  h1 {
    font-size: clamp(1.625rem, 4vw, 2.125rem);
    font-weight: 680;
    letter-spacing: -0.025em;
    line-height: 1.2;
  }
  h2 {
    font-size: 1.125rem;
  }
  .lead,
  .detail {
    color: var(--rill-text-2);
  }
  video {
    width: 100%;
    max-height: 60dvh;
    border-radius: 14px;
    background: #000;
  }
  form,
  .choices {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 180px), 1fr));
    gap: 12px 16px;
    align-items: end;
  }
  form .button {
    grid-column: 1 / -1;
  }
  label {
    display: grid;
    gap: 4px;
    min-width: 0;
    font-size: 0.875rem;
    font-weight: 600;
  }
  input,
  select {
    width: 100%;
    min-height: 44px;
    padding: 0 12px;
    border: 1px solid var(--rill-edge);
    border-radius: 10px;
    background: var(--rill-surface);
    color: var(--rill-text);
    font: 1rem/1 var(--rill-font);
  }
  :disabled {
    opacity: 0.65;
  }
  .stands {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 4px 16px;
    font-variant-numeric: tabular-nums;
  }
  .stands .button {
    width: 100%;
    margin-block-start: 8px;
  }
  .stands a {
    padding-block: 13px;
    font-weight: 600;
  }
  .problem,
  .note {
    display: grid;
    gap: 10px;
    justify-items: start;
    padding: 14px 18px;
    border: 1px solid var(--rill-line);
    border-inline-start: 4px solid var(--rill-wait);
    border-radius: 12px;
    background: var(--rill-surface);
  }
`;
