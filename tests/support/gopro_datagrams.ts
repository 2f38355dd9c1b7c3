/**
 * Datagrams as a GoPro sends them, written from a description: the 12-byte header, TS packets that are
 * recognisable and nothing more, padding. For tests that need no real picture.
 *
 * @module
 */

const SLOT_BYTES = 1328;
const TS_PACKET_BYTES = 188;

/** One datagram; what is left out is the ordinary case. */
export interface DatagramDescription {
  readonly group: number;
  readonly index: number;
  readonly picture?: boolean;
  readonly endOfFrame?: boolean;
  readonly endOfGroup?: boolean;
  /** TS packets, 1 to 7. */
  readonly packets?: number;
}

/** Writes a datagram, padding included. */
export function goProDatagram(description: DatagramDescription): Uint8Array {
  const { group, index, picture = true, endOfFrame = false, endOfGroup = false, packets = 7 } =
    description;
  const bytes = new Uint8Array(SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x40 | (picture ? 4 : 0) | (endOfFrame ? 2 : 0) | (endOfGroup ? 1 : 0);
  view.setUint32(1, group << 8);
  view.setUint16(8, index);
  view.setUint16(10, packets * TS_PACKET_BYTES);
  bytes.set(tsPackets(packets, group * 1000 + index), 12);
  return bytes;
}

/** `count` TS packets of one PID, filled with `mark`. */
export function tsPackets(count: number, mark: number): Uint8Array {
  const bytes = new Uint8Array(count * TS_PACKET_BYTES).fill(mark & 0xff);
  for (let i = 0; i < count; i++) bytes.set([0x47, 0x10, 0x11, 0x10 | i & 15], i * TS_PACKET_BYTES);
  return bytes;
}

/** Groups of `size` datagrams each: frames of three datagrams, ends marked. */
export function goProGroups(groups: number, size: number): Uint8Array[] {
  return Array.from({ length: groups * size }, (_, i) => {
    const index = i % size;
    const endOfGroup = index === size - 1;
    return goProDatagram({
      group: 1 + Math.floor(i / size),
      index,
      endOfFrame: index % 3 === 2 || endOfGroup,
      endOfGroup,
    });
  });
}

/** A transport stream in datagrams of one group after the other, five each. */
export function goProDatagrams(stream: Uint8Array): Uint8Array[] {
  const payload = 7 * TS_PACKET_BYTES;
  return Array.from({ length: Math.ceil(stream.length / payload) }, (_, i) => {
    const bytes = stream.subarray(i * payload, (i + 1) * payload);
    const packets = bytes.length / TS_PACKET_BYTES;
    const index = i % 5;
    const endOfGroup = index === 4;
    const datagram = goProDatagram({ group: 1 + Math.floor(i / 5), index, packets, endOfGroup });
    datagram.set(bytes, 12);
    return datagram;
  });
}
