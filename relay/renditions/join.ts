/**
 * Sound of one batch and pictures of another, made one: pure copying of bytes.
 *
 * @module
 */

import { type Batch, type Fragment, HEADROOM_BYTES } from "../../shared/media.ts";

/** Sound that waited, then the pictures, in memory of their own. */
export function joined(
  sound: Batch | undefined,
  { pictures, bytes }: { readonly pictures: readonly Fragment[]; readonly bytes: Batch["bytes"] },
): Pick<Batch, "fragments" | "bytes"> {
  const fragments: Fragment[] = [...sound?.fragments ?? []];
  let length = sound?.bytes.length ?? 0;
  for (const { byteLength } of pictures) length += byteLength;
  const memory = new Uint8Array(HEADROOM_BYTES + length);
  let at = HEADROOM_BYTES;
  if (sound) memory.set(sound.bytes, at);
  at += sound?.bytes.length ?? 0;
  for (const picture of pictures) {
    const { offset, byteLength } = picture;
    memory.set(bytes.subarray(offset, offset + byteLength), at);
    fragments.push({ ...picture, offset: at - HEADROOM_BYTES });
    at += byteLength;
  }
  return { fragments, bytes: memory.subarray(HEADROOM_BYTES) };
}
