/** The packet that wakes a camera. */
import assert from "node:assert/strict";
import { magicPacket, parseMac } from "../../../../relay/sources/gopro/wake.ts";

Deno.test("six bytes of FF and the address sixteen times, 102 bytes", () => {
  const mac = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const packet = magicPacket(mac);
  assert.equal(packet.length, 102);
  assert.deepEqual([...packet.subarray(0, 6)], new Array(6).fill(0xff));
  for (let i = 6; i < 102; i += 6) assert.deepEqual([...packet.subarray(i, i + 6)], [...mac]);
});

Deno.test("an address is read with colons, hyphens or nothing between", () => {
  const mac = Uint8Array.of(6, 0x41, 0x69, 0x4c, 0x3d, 0x9d);
  for (const text of ["0641694c3d9d", "06:41:69:4C:3D:9D", "06-41-69-4c-3d-9d"]) {
    assert.deepEqual(parseMac(text), mac);
  }
  for (const text of [undefined, "", "0641694c3d", "0641694c3d9g", "0641694c3d9d00"]) {
    assert.equal(parseMac(text), undefined);
  }
});
