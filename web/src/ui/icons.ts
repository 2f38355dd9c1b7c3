/**
 * The app's pictograms, drawn on a field of 24 × 24 in the colour of the text around them.
 *
 * @module
 */

import { html, svg, type TemplateResult } from "lit";

const DRAWINGS = {
  play: svg`
    <path d="M8 5.3v13.4a.8.8 0 0 0 1.2.7l10.7-6.7a.8.8 0 0 0 0-1.4L9.2 4.6A.8.8 0 0 0 8 5.3z"
      fill="currentColor" stroke="none" />
  `,
  stop: svg`
    <rect x="6" y="6" width="12" height="12" rx="2" fill="currentColor" stroke="none" />
  `,
  shutter: svg`
    <circle cx="12" cy="12" r="8" />
    <circle cx="12" cy="12" r="4.5" fill="currentColor" stroke="none" />
  `,
  soundOn: svg`
    <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z" fill="currentColor" />
    <path d="M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />
  `,
  soundOff: svg`
    <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z" fill="currentColor" />
    <path d="m16 9.5 5 5m0-5-5 5" />
  `,
  fullscreen: svg`
    <path d="M4 9V4.5h4.5M20 9V4.5h-4.5M4 15v4.5h4.5M20 15v4.5h-4.5" />
  `,
  fullscreenExit: svg`
    <path d="M8.5 4.5V9H4M15.5 4.5V9H20M8.5 19.5V15H4M15.5 19.5V15H20" />
  `,
  pictureInPicture: svg`
    <path d="M20 10.5V6.5a1 1 0 0 0-1-1H4.5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1H9" />
    <rect x="12" y="13" width="9" height="6" rx="1" fill="currentColor" />
  `,
  statistics: svg`
    <path d="M5 19v-5M10 19V9M15 19v-7M20 19V5" />
  `,
  help: svg`
    <circle cx="12" cy="12" r="8.5" />
    <path d="M9.6 9.7a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.2.9-1.2 1.8" />
    <circle cx="12" cy="16.6" r=".6" fill="currentColor" />
  `,
  share: svg`
    <path d="M12 15V4m0 0L8 8m4-4 4 4M5.5 12v6.5a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1V12" />
  `,
  download: svg`
    <path d="M12 4v11m0 0 4-4m-4 4-4-4M5.5 15v3.5a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1V15" />
  `,
  back: svg`
    <path d="m14.5 5.5-6.5 6.5 6.5 6.5" />
  `,
  close: svg`
    <path d="m6 6 12 12M18 6 6 18" />
  `,
  copy: svg`
    <rect x="8.5" y="8.5" width="11" height="11" rx="2" />
    <path d="M5.5 15.5h-.5a1 1 0 0 1-1-1V5.5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1V5.5" />
  `,
  viewers: svg`
    <path d="M2.5 12S6 5.8 12 5.8 21.5 12 21.5 12 18 18.2 12 18.2 2.5 12 2.5 12z" />
    <circle cx="12" cy="12" r="2.8" />
  `,
  battery: svg`
    <rect x="3" y="8" width="16" height="8.5" rx="2" />
    <path d="M21.5 11v2.5" />
  `,
  charging: svg`
    <path d="M13 3 5.5 13.5H11L10 21l8.5-11H13z" fill="currentColor" />
  `,
  retry: svg`
    <path d="M19 12a7 7 0 1 1-2.2-5.1M19.5 4v4h-4" />
  `,
} as const;

/** The name of a pictogram. */
export type IconName = keyof typeof DRAWINGS;

/** A pictogram; what it means must be said by the text or label beside it. */
export function icon(name: IconName): TemplateResult {
  return html`
    <svg
      viewBox="0 0 24 24"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      ${DRAWINGS[name]}
    </svg>
  `;
}
