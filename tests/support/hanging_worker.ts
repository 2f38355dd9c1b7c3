/**
 * A camera's reader that stops in the middle: says that it is ready, and from its first command on nothing ever again.
 *
 * @module
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

self.onmessage = (): void => {
  const forever = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(forever, 0, 0);
};
self.postMessage({ type: "ready" });
