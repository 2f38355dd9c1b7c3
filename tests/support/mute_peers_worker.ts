/**
 * An isolate for WebRTC publishers that never begins: it is told to, and says nothing.
 *
 * @module
 */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

self.onmessage = (): void => undefined;
