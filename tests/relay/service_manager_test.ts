/** What a service manager is told, over a socket of the kind that systemd opens. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { findManager } from "../../relay/service_manager.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { RelayProcess } from "../support/relay_process.ts";

/** systemd's side: a datagram socket, and what came to it. */
class Manager implements AsyncDisposable {
  readonly folder: string;
  readonly socket: string;
  readonly told: string[] = [];
  readonly #line: Deno.DatagramConn;
  readonly #reading: Promise<void>;
  #wake = Promise.withResolvers<void>();

  constructor() {
    this.folder = Deno.makeTempDirSync();
    this.socket = join(this.folder, "notify");
    this.#line = Deno.listenDatagram({ transport: "unixpacket", path: this.socket });
    this.#reading = this.#read();
  }

  /** The environment that a unit's process has. */
  env(watchdogMs?: number): Record<string, string> {
    return {
      NOTIFY_SOCKET: this.socket,
      RUNTIME_DIRECTORY: this.folder,
      ...(watchdogMs === undefined ? {} : { WATCHDOG_USEC: String(watchdogMs * 1000) }),
    };
  }

  async until(what: string, count = 1): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    while (this.told.filter((message) => message.startsWith(what)).length < count) {
      late.throwIfAborted();
      await Promise.race([
        this.#wake.promise,
        new Promise((_, reject) =>
          late.addEventListener("abort", () => reject(new Error(`no ${count} × ${what}`)))
        ),
      ]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#line.close();
    await this.#reading;
    await Deno.remove(this.folder, { recursive: true });
  }

  async #read(): Promise<void> {
    for await (const [bytes] of this.#line) {
      this.told.push(new TextDecoder().decode(bytes));
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    }
  }
}

Deno.test("a relay with no more than its permissions is ready, lives, stops", async () => {
  await using manager = new Manager();
  await using relay = await RelayProcess.start({ env: manager.env(200) });
  await manager.until("READY=1\nSTATUS=Rill ");
  await manager.until("WATCHDOG=1", 3);
  assert.equal(await relay.stop(), 0);
  await manager.until("STOPPING=1");
  assert.equal(manager.told.filter((message) => message.startsWith("READY=1")).length, 1);
  assert.equal(manager.told.at(-1), "STOPPING=1");
  assert.doesNotMatch(relay.output, /service manager/);
  assert.deepEqual([...Deno.readDirSync(manager.folder)].map(({ name }) => name), ["notify"]);
});

Deno.test("signs of life are sent where they are asked for", async () => {
  await using manager = new Manager();
  await using relay = await RelayProcess.start({ env: manager.env() });
  await manager.until("READY=1");
  assert.equal(await relay.stop(), 0);
  await manager.until("STOPPING=1");
  assert.equal(manager.told.length, 2);
});

Deno.test("a manager that has gone is a sentence in the log, and pictures go on", async () => {
  await using manager = new Manager();
  const env = { ...manager.env(), NOTIFY_SOCKET: join(manager.folder, "gone") };
  await using relay = await RelayProcess.start({ env });
  await relay.untilSaid(/warn +the service manager cannot be told/);
  assert.equal(await relay.stop(), 0);
});

Deno.test("where the manager is, and what it watches", () => {
  const find = (variables: Readonly<Record<string, string>>): ReturnType<typeof findManager> =>
    findManager((name) => variables[name], 7);
  const unit = { NOTIFY_SOCKET: "/run/systemd/notify", RUNTIME_DIRECTORY: "/run/rill:/run/more" };
  const place = { socket: "/run/systemd/notify", own: "/run/rill/to-manager.socket" };
  assert.equal(find({ RUNTIME_DIRECTORY: "/run/rill" }), undefined);
  assert.deepEqual(find(unit), { ...place, watchdogMs: undefined });
  assert.deepEqual(find({ ...unit, WATCHDOG_USEC: "30000000" }), { ...place, watchdogMs: 30_000 });
  assert.deepEqual(find({ ...unit, WATCHDOG_USEC: "30000000", WATCHDOG_PID: "7" }), {
    ...place,
    watchdogMs: 30_000,
  });
  assert.deepEqual(find({ ...unit, WATCHDOG_USEC: "30000000", WATCHDOG_PID: "8" }), {
    ...place,
    watchdogMs: undefined,
  });
  for (
    const [variables, sentence] of [
      [{ NOTIFY_SOCKET: "/run/systemd/notify" }, /RuntimeDirectory=/],
      [{ ...unit, NOTIFY_SOCKET: "@abstract" }, /@abstract cannot be sent to/],
      [{ ...unit, NOTIFY_SOCKET: "/run/a,b" }, /\/run\/a,b cannot be sent to/],
      [{ ...unit, RUNTIME_DIRECTORY: `/run/${"x".repeat(100)}` }, /too long/],
    ] as const
  ) assert.match(String(find(variables)), sentence);
});
