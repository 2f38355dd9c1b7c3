/**
 * Where Live Stream Server keeps its files: `media/video`, `media/audio`, `media/temp`, and how what lies in them is
 * named. What is not finished lies in `temp` alone, so that the list shows whole recordings only.
 *
 * @module
 */

import { statfs } from "node:fs/promises";
import { join } from "node:path";

/** So much is left free: this disk may be the system's. */
const RESERVE_BYTES = 512 * 1024 * 1024;

/** The folders, absolute. */
export interface MediaFolders {
  /** `media`. */
  readonly root: string;
  readonly video: string;
  readonly audio: string;
  readonly temp: string;
}

/** Makes them below `data` where they are not there yet. */
export async function makeFolders(data: string): Promise<MediaFolders> {
  const root = join(data, "media");
  const of = (name: string): string => join(root, name);
  const folders = { root, video: of("video"), audio: of("audio"), temp: of("temp") };
  for (const folder of [folders.video, folders.audio, folders.temp]) {
    await Deno.mkdir(folder, { recursive: true });
  }
  return folders;
}

/** Finished recordings, by name: what `GET /recordings` answers. */
export async function listRecordings(
  { video, audio }: MediaFolders,
): Promise<{ video: string[]; audio: string[] }> {
  return { video: await filesIn(video), audio: await filesIn(audio) };
}

async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) if (isFile) names.push(name);
  return names.sort();
}

/** Where a client's pictures are collected. */
export function collectingFolder({ temp }: MediaFolders, client: string): string {
  return join(temp, `frames_${client}`);
}

/** Where they lie once there will be no more, until they are a video; named for it. */
export function collectedFolder({ temp }: MediaFolders, videoName: string): string {
  return join(temp, `frames_${videoName}`);
}

/** A picture's name in its folder. @param number counts from 0. */
export function pictureName(number: number): string {
  return `frame_${String(number).padStart(8, "0")}.jpg`;
}

/** What {@link pictureName} makes. */
export const PICTURE = /^frame_\d{8}\.jpg$/;
/** The same for ffmpeg. */
export const PICTURE_PATTERN = "frame_%08d.jpg";

/** `<client>_<ISO time>.wav`, with `-` for what not every disk takes. */
export function soundName(client: string, time: Date): string {
  return `${timedName(client, time)}.wav`;
}

/** `<client>_<ISO time>.webm`, likewise. */
export function clipName(client: string, time: Date): string {
  return `${timedName(client, time)}.webm`;
}

function timedName(client: string, time: Date): string {
  return `${client}_${time.toISOString().replace(/[:.]/g, "-")}`;
}

/** `<client>_<ms>`, without its extension. */
export function videoName(client: string, time: Date): string {
  return `${client}_${time.getTime()}`;
}

/** What a folder of pictures that was left behind becomes; `undefined` for any other folder. */
export function leftoverVideoName(folderName: string, now: Date): string | undefined {
  const match = /^frames_(\d+)(_\d+)?$/.exec(folderName);
  if (!match) return undefined;
  const [, client = "", rest] = match;
  return rest === undefined ? videoName(client, now) : client + rest;
}

/** Whether nothing more should be written here. */
export async function isNearlyFull({ root }: MediaFolders): Promise<boolean> {
  const { bavail, bsize } = await statfs(root);
  return bavail * bsize < RESERVE_BYTES;
}
