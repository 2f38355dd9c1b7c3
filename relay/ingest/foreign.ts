/**
 * What a source's first bytes are when they are nothing that is played: so that it can be said in words. Every entry
 * is a magic number of that format's own specification.
 *
 * @module
 */

interface Foreign {
  readonly magic: readonly number[];
  readonly name: string;
}

const FOREIGN: readonly Foreign[] = [
  { magic: text("#EXTM3U"), name: "an HLS playlist, a list of files and not media" },
  { magic: text("RIFF"), name: "WAV or AVI" },
  { magic: [0xff, 0xd8, 0xff], name: "JPEG pictures" },
  { magic: [0x89, ...text("PNG")], name: "a PNG picture" },
  { magic: [0x1a, 0x45, 0xdf, 0xa3], name: "Matroska or WebM" },
  { magic: text("OggS"), name: "Ogg" },
  { magic: text("FLV"), name: "Flash video" },
  { magic: text("fLaC"), name: "FLAC sound" },
  { magic: [0, 0, 1, 0xba], name: "an MPEG program stream" },
];

/** The sentence for a stream that begins so; `undefined` where nothing speaks against it. */
export function explainForeign(head: Uint8Array): string | undefined {
  const found = FOREIGN.find(({ magic }) => magic.every((byte, i) => head[i] === byte));
  return found &&
    `This is ${found.name}; Rill takes MPEG-TS, H.264 or H.265 byte streams, AAC in ADTS, and MP4.`;
}

function text(ascii: string): number[] {
  return [...new TextEncoder().encode(ascii)];
}
