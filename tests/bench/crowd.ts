/**
 * Viewers that take what comes and keep nothing: `crowd.ts URL COUNT`. Says a line when all are connected.
 *
 * @module
 */

const [url = "", count = "1"] = Deno.args;
await Promise.all(
  Array.from({ length: Number(count) }, () =>
    new Promise<void>((resolve, reject) => {
      const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`);
      socket.binaryType = "arraybuffer";
      socket.onopen = (): void => resolve();
      socket.onerror = (): void => reject(new Error(`${url} cannot be opened`));
    })),
);
await Deno.stdout.write(new TextEncoder().encode("ready\n"));
