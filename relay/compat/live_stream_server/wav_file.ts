/**
 * Sound as a WAV file that grows: PCM as Live Stream Server's clients send it, 44.1 kHz, 16 bits, one channel. The
 * header is right when the file is finished; one that never was is put right later.
 *
 * @module
 */

/** Bytes before the samples. */
export const WAV_HEADER_BYTES = 44;
/** Samples a second. */
export const SAMPLE_RATE = 44_100;
/** Bytes of a sample. */
export const SAMPLE_BYTES = 2;
/** Readers that take the size for a signed number still open such a file. It is more than six hours. */
export const MAX_SOUND_BYTES = 2 ** 31 - 2 ** 16;

/** The header of a file with so many bytes of samples: RIFF, `fmt ` for PCM, `data`. */
export function wavHeader(soundBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string): void =>
    void new TextEncoder().encodeInto(word, bytes.subarray(at));
  text(0, "RIFF");
  view.setUint32(4, WAV_HEADER_BYTES - 8 + soundBytes, true);
  text(8, "WAVE");
  text(12, "fmt ");
  view.setUint32(16, 16, true); // of this chunk
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE * SAMPLE_BYTES, true); // bytes a second
  view.setUint16(32, SAMPLE_BYTES, true); // block
  view.setUint16(34, SAMPLE_BYTES * 8, true); // bits
  text(36, "data");
  view.setUint32(40, soundBytes, true);
  return bytes;
}

/** A file in the making. Its methods reject when the disk does not take it. */
export class WavFile {
  readonly path: string;
  readonly #file: Deno.FsFile;
  #soundBytes = 0;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /** Makes the file at `path`, which must not exist. */
  static async create(path: string): Promise<WavFile> {
    const file = await Deno.open(path, { write: true, createNew: true });
    await writeAll(file, wavHeader(0));
    return new WavFile(path, file);
  }

  /** Whether so many bytes more are to go into another file. */
  isFullFor(bytes: number): boolean {
    return this.#soundBytes + bytes > MAX_SOUND_BYTES;
  }

  async add(pcm: Uint8Array): Promise<void> {
    await writeAll(this.#file, pcm);
    this.#soundBytes += pcm.length;
  }

  /** Puts the header right, cuts off half a sample, and closes. */
  async finish(): Promise<void> {
    try {
      await complete(this.#file);
    } finally {
      this.#file.close();
    }
  }
}

/** Puts the header of a file right that was never finished. @returns how many bytes of sound it holds. */
export async function repairWav(path: string): Promise<number> {
  using file = await Deno.open(path, { read: true, write: true });
  return await complete(file);
}

async function complete(file: Deno.FsFile): Promise<number> {
  const { size } = await file.stat();
  const held = Math.max(0, size - WAV_HEADER_BYTES);
  const soundBytes = held - held % SAMPLE_BYTES;
  await file.truncate(WAV_HEADER_BYTES + soundBytes);
  await file.seek(0, Deno.SeekMode.Start);
  await writeAll(file, wavHeader(soundBytes));
  await file.syncData();
  return soundBytes;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}
