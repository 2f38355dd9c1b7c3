/** What failed on this network: tried last for a while, here and on the next page. */

import assert from "node:assert/strict";
import { memoryHere, NetworkMemory, type Store } from "../../../web/src/player/network_memory.ts";

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

Deno.test("what was written while the clock was years ahead is forgotten", () => {
  const store = kept();
  const { now } = Date;
  Date.now = () => now() + 10 * 365 * 86_400_000;
  new NetworkMemory({ store, network: () => "wifi" }).failed("quic", 60_000);
  Date.now = now;
  const memory = new NetworkMemory({ store, network: () => "wifi" });
  assert.deepEqual(order(memory), ["quic", "socket"]);
  memory.failed("socket", 60_000);
  assert.doesNotMatch(store.text ?? "", /quic/);
});

Deno.test("a page that shows two relays remembers of each what failed with it", () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", { value: kept(), configurable: true });
  try {
    memoryHere("https://one.example/live/cam").failed("quic", 60_000);
    assert.deepEqual(order(memoryHere("https://one.example/live/yard")), ["socket", "quic"]);
    assert.deepEqual(order(memoryHere("https://other.example/live/cam")), ["quic", "socket"]);
  } finally {
    if (before) Object.defineProperty(globalThis, "localStorage", before);
  }
});
