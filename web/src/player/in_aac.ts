/// <reference lib="dom" />
/**
 * Which streams this browser must ask for with their sound in AAC, and where they are. Safari says that it plays Opus in
 * MP4, and does not.
 *
 * @module
 */

import type { StreamMessage } from "../../../shared/control.ts";
import { IN_AAC } from "../../../shared/stream_name.ts";
import { engineHere } from "./engine.ts";
import { playsType } from "./media_source.ts";

/** Whether the relay is to be asked for this stream in AAC. */
export function wantsAac({ tracks, mime }: StreamMessage): boolean {
  const hasOpus = tracks.some(({ codec }) => /^opus$/i.test(codec));
  return hasOpus && (engineHere() === "webkit" || !playsType(mime));
}

/** Its address. @param url the stream's page. */
export function inAac(url: string): string {
  const target = new URL(url);
  target.pathname = target.pathname.replace(/\/$/, "") + IN_AAC;
  return target.href;
}
