/**
 * The song that Live Stream Server plays to whoever asks: `media/mysong.mp3`, as 24 kHz PCM in messages, as fast as it
 * is taken. There is no message at its end.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { join } from "node:path";
import { startFfmpeg } from "../../ffmpeg.ts";
import type { MediaFolders } from "./media_folders.ts";

/** Where the song is sent. */
export interface SongListener {
  send(text: string): void;
  /** Resolves when more may be sent. */
  drained(): Promise<void>;
}

/**
 * Plays until its end or until `signal` aborts.
 * @returns why it could not, a sentence without its full stop.
 * @throws {NoFfmpegError}
 */
export async function playSong(
  { root }: MediaFolders,
  listener: SongListener,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = join(root, "mysong.mp3");
  const { child, ended } = startFfmpeg({
    args: ["-nostdin", "-i", `file:${path}`, "-f", "s16le", "-ar", "24000", "-ac", "1", "pipe:1"],
    stdin: "null",
    stdout: "piped",
    signal,
  });
  for await (const bytes of child.stdout) {
    if (signal.aborted) break;
    listener.send(JSON.stringify({
      eventType: "AUDIO_STREAM_PAYLOAD",
      audioChunk: Buffer.from(bytes).toString("base64"),
    }));
    await listener.drained();
  }
  const problem = await ended;
  return problem === undefined || signal.aborted ? undefined : `${path}: ${problem}`;
}
