/**
 * The app's one page, filled in for the address it is asked at: where the app lives (`<base>`), and what there is
 * for a browser without JavaScript. Knows HTML, serves nothing.
 *
 * @module
 */

import { IN_AAC } from "../../shared/stream_name.ts";

const BASE_MARK = '<base href="/">';
const SECURE_MARK = '<meta name="rill-secure" content="">';
const PLAIN_MARK = "<!-- rill:plain -->";

/** What the page is filled in with. */
export interface ShellPage {
  /** Path below which the relay is reached; begins and ends with a slash. */
  readonly base: string;
  /** Where the relay is reached over https, as the app reads it; nothing when it is not. */
  readonly secure?: string;
  /** The stream the page is about. */
  readonly stream?: string;
  /** All streams. */
  readonly streams: readonly string[];
}

/** Fills the built page in. */
export function renderShell(template: string, page: ShellPage): string {
  const plain = page.stream === undefined ? list(page.streams) : player(page.stream);
  return template
    .replace(BASE_MARK, () => `<base href="${escape(page.base)}">`)
    .replace(
      SECURE_MARK,
      () => `<meta name="rill-secure" content="${escape(page.secure ?? "")}">`,
    )
    .replace(PLAIN_MARK, () => plain);
}

/** Of the two a browser takes what it can play: iPhones no MP4 without an end, and no Opus; others no playlist. */
function player(stream: string): string {
  const below = `live/${escape(stream)}`;
  return `<video controls autoplay muted playsinline>` +
    `<source src="${below}/stream.mp4" type="video/mp4">` +
    `<source src="${below}${IN_AAC}/index.m3u8" type="application/vnd.apple.mpegurl"></video>` +
    `<p>${escape(stream)}: <a href="${below}/stream.mp4">MP4</a> ` +
    `<a href="${below}/index.m3u8">HLS</a></p>`;
}

function list(streams: readonly string[]): string {
  const items = streams.map((name) =>
    `<li><a href="live/${escape(name)}">${escape(name)}</a></li>`
  );
  return `<ul>${items.join("")}</ul>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
