/**
 * What one client sends, on the disk: its pictures one file each, its sound in one, until it says that this is all.
 * Then sound is a finished WAV, and pictures wait for the encoder. Another recording may follow.
 *
 * @module
 */

import { basename, join } from "node:path";
import type { Bytes } from "../../../shared/bytes.ts";
import { beginsClip, ClipFile } from "./clip_file.ts";
import {
  clipName,
  collectedFolder,
  collectingFolder,
  isNearlyFull,
  type MediaFolders,
  pictureName,
  soundName,
  videoName,
} from "./media_folders.ts";
import type { VideoEncoder } from "./video_encoder.ts";
import { WavFile } from "./wav_file.ts";

/** More go into another video: four hours, and what a folder takes well. */
const MAX_PICTURES = 15 * 60 * 60 * 4;
/** The disk is looked at each time so much was written. */
const LOOK_BYTES = 16 * 1024 * 1024;

/** The disk does not take more; `message` is a sentence. */
export class DiskError extends Error {
  override readonly name = "DiskError";
}

/** What a recording is made with. */
export interface RecordingOptions {
  /** Digits that no other client has. */
  readonly client: string;
  readonly folders: MediaFolders;
  readonly encoder: VideoEncoder;
}

/** One client's recordings, one after another. Calls follow each other: none before the last one has resolved. */
export class Recording {
  readonly #options: RecordingOptions;
  /** Pictures of the recording at hand. */
  #pictures = 0;
  #sound: WavFile | undefined;
  #clip: ClipFile | undefined;
  #sinceLook = Infinity;
  /** Of the newest name, ms. */
  #named = 0;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  /** @throws {DiskError} */
  async picture(jpeg: Bytes): Promise<void> {
    await inWords(async () => {
      await this.#look(jpeg.length);
      if (this.#pictures >= MAX_PICTURES) await this.#finishPictures();
      const folder = this.#collecting;
      if (this.#pictures === 0) await Deno.mkdir(folder, { recursive: true });
      await Deno.writeFile(join(folder, pictureName(this.#pictures)), jpeg);
      this.#pictures++;
    });
  }

  /**
   * A piece of a WebM file.
   * @returns whether it is one.
   * @throws {DiskError}
   */
  async piece(bytes: Bytes): Promise<boolean> {
    const begins = beginsClip(bytes);
    if (!begins && this.#clip === undefined) return false;
    await inWords(async () => {
      await this.#look(bytes.length);
      if (begins) await this.#finishClip();
      const { client, folders } = this.#options;
      this.#clip ??= await ClipFile.create(join(folders.temp, clipName(client, this.#time())));
      await this.#clip.add(bytes);
    });
    return true;
  }

  /** @throws {DiskError} */
  async sound(pcm: Bytes): Promise<void> {
    await inWords(async () => {
      await this.#look(pcm.length);
      if (this.#sound?.isFullFor(pcm.length)) await this.#finishSound();
      const { client, folders } = this.#options;
      this.#sound ??= await WavFile.create(join(folders.temp, soundName(client, this.#time())));
      await this.#sound.add(pcm);
    });
  }

  /** This is all of it. @throws {DiskError} with what there is kept for the next start. */
  async finish(): Promise<void> {
    await inWords(() => this.#finishSound());
    await inWords(() => this.#finishClip());
    await inWords(() => this.#finishPictures());
  }

  get #collecting(): string {
    return collectingFolder(this.#options.folders, this.#options.client);
  }

  /** For a name: no two of this client's are the same, however soon one recording follows the other. */
  #time(): Date {
    this.#named = Math.max(Date.now(), this.#named + 1);
    return new Date(this.#named);
  }

  async #finishPictures(): Promise<void> {
    if (this.#pictures === 0) return;
    this.#pictures = 0;
    const { client, folders, encoder } = this.#options;
    const folder = collectedFolder(folders, videoName(client, this.#time()));
    await Deno.rename(this.#collecting, folder);
    encoder.add(folder);
  }

  async #finishClip(): Promise<void> {
    const clip = this.#clip;
    this.#clip = undefined;
    if (!clip) return;
    clip.finish();
    await Deno.rename(clip.path, join(this.#options.folders.video, basename(clip.path)));
  }

  async #finishSound(): Promise<void> {
    const sound = this.#sound;
    this.#sound = undefined;
    if (!sound) return;
    await sound.finish();
    await Deno.rename(sound.path, join(this.#options.folders.audio, basename(sound.path)));
  }

  async #look(bytes: number): Promise<void> {
    this.#sinceLook += bytes;
    if (this.#sinceLook < LOOK_BYTES) return;
    this.#sinceLook = 0;
    if (!await isNearlyFull(this.#options.folders)) return;
    this.#sinceLook = Infinity;
    throw new DiskError(`the disk of ${this.#options.folders.root} is nearly full: make room`);
  }
}

async function inWords(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof DiskError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiskError(`the recording cannot be written: ${reason}`, { cause: error });
  }
}
