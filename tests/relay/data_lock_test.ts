/** One relay at a time in a data folder. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { lockData } from "../../relay/data_lock.ts";
import { Log } from "../../relay/log.ts";
import { UsageError } from "../../relay/usage_error.ts";
import { TestRelay } from "../support/relay.ts";

async function withFolder(test: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-lock-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a second relay on the same folder is told whose it is, and touches nothing in it", () =>
  withFolder(async (data) => {
    {
      await using relay = await TestRelay.start(["--data", data, "--open", "all", "guest=push"]);
      await fetch(`${relay.url}/api/streams/yard`, {
        method: "PUT",
        body: JSON.stringify({ source: "demo" }),
      });
      const state = join(data, "state.json");
      const before = await Deno.readTextFile(state);
      await assert.rejects(
        TestRelay.start(["--data", data, "--open", "all", "other=push"]),
        (error: unknown) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, new RegExp(`another relay \\(process ${Deno.pid}\\) keeps`));
          assert.ok(error.message.includes(`${data}: stop it, or give`));
          return true;
        },
      );
      assert.equal(await Deno.readTextFile(state), before);
      assert.equal((await fetch(`${relay.url}/healthz`)).status, 200);
    }
    // The folder is free again.
    await using next = await TestRelay.start(["--data", data, "--open", "all", "guest=push"]);
    assert.ok(next.hasStream("yard"));
  }));

Deno.test("a folder in which nothing can be written is no reason not to start", () =>
  withFolder(async (folder) => {
    const lines: string[] = [];
    const log = new Log({ level: "warn", format: "text", write: (line) => void lines.push(line) });
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    assert.equal(lockData(join(file, "data"), log), undefined);
    assert.match(lines.join(), /whether another relay uses .* cannot be told/);
  }));

Deno.test("a folder that is given back is free at once, also while other threads start programs", () =>
  withFolder(async (data) => {
    const log = new Log({ level: "warn", format: "text", write: () => {} });
    const code = new URL("../support/starting_worker.ts", import.meta.url);
    const workers = [1, 2, 3].map(() => new Worker(code, { type: "module" }));
    try {
      for (let round = 0; round < 500; round++) {
        using lock = lockData(data, log);
        assert.ok(lock);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    } finally {
      for (const worker of workers) worker.terminate();
    }
  }));
