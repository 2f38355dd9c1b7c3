/** What failed on this network: tried last for a while, here and on the next page. */

import assert from "node:assert/strict";
import { NetworkMemory, type Store } from "../../../web/src/player/network_memory.ts";

const WAYS = [
  { name: "quic", lastResort: false },
  { name: "socket", lastResort: false },
] as const;

function kept(): Store & { text: string | null } {
  return {
    text: null,
    getItem(): string | null {
      return this.text;
    },
    setItem(_key: string, value: string): void {
      this.text = value;
    },
  };
}

function order(memory: NetworkMemory): string[] {
  return memory.order(WAYS).map(({ name }) => name);
}

Deno.test("what failed is tried last, on the next page too, until it is forgotten", () => {
  const store = kept();
  const memory = new NetworkMemory({ store, network: () => "wifi" });
  assert.deepEqual(order(memory), ["quic", "socket"]);
  memory.failed("quic", 60_000);
  assert.deepEqual(order(memory), ["socket", "quic"]);
  assert.deepEqual(order(new NetworkMemory({ store, network: () => "wifi" })), ["socket", "quic"]);
  memory.failed("quic", -1);
  assert.deepEqual(order(memory), ["quic", "socket"]);
});

Deno.test("another network, another try", () => {
  let network = "wifi";
  const memory = new NetworkMemory({ store: undefined, network: () => network });
  memory.failed("quic", 60_000);
  network = "cellular";
  assert.deepEqual(order(memory), ["quic", "socket"]);
});

Deno.test("what others have written there is no memory", () => {
  for (const text of ["", "{", "null", "7", '{"quic wifi":"soon"}']) {
    const store = { ...kept(), text };
    assert.deepEqual(order(new NetworkMemory({ store, network: () => "wifi" })), [
      "quic",
      "socket",
    ]);
  }
});
