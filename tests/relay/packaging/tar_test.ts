/** Tar archives, read by the tar of this machine. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { tar, type TarEntry } from "../../../relay/packaging/tar.ts";
import { run } from "../../support/run.ts";

const TIME = 1_767_225_600;

async function written(entries: readonly TarEntry[], time = TIME): Promise<Uint8Array> {
  return new Uint8Array(
    await new Response(ReadableStream.from(tar(entries, time))).arrayBuffer(),
  );
}

function text(path: string, content: string, executable = false): TarEntry {
  return { path, executable, content: new TextEncoder().encode(content) };
}

Deno.test("what is packed is what tar unpacks: contents, modes, times, long paths", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const long = `${"folder/".repeat(14)}${"n".repeat(90)}`;
    const block = "x".repeat(512);
    const file = join(folder, "source");
    await Deno.writeTextFile(file, "from the disk");
    const entries = [
      text("top/empty", ""),
      text("top/block", block),
      text("top/start", "#!/bin/sh\n", true),
      { path: "top/file", executable: false, content: { file } },
      text(long, "deep"),
    ];
    const archive = join(folder, "a.tar");
    await Deno.writeFile(archive, await written(entries));
    await run("tar", ["-xf", archive, "-C", folder]);
    const unpacked = (path: string): string => Deno.readTextFileSync(join(folder, path));
    assert.equal(unpacked("top/empty"), "");
    assert.equal(unpacked("top/block"), block);
    assert.equal(unpacked("top/file"), "from the disk");
    assert.equal(unpacked(long), "deep");
    const modes = ["top/start", "top/file"].map((path) => {
      const { mode, mtime } = Deno.statSync(join(folder, path));
      assert.equal(mtime?.getTime(), TIME * 1000);
      return ((mode ?? 0) & 0o111) !== 0;
    });
    assert.deepEqual(modes, [true, false]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the same entries make the same bytes, and whole blocks", async () => {
  const entries = [text("a", "1"), text("b", "2")];
  const first = await written(entries);
  assert.deepEqual(await written(entries), first);
  assert.equal(first.byteLength % 512, 0);
});

Deno.test("what the format cannot say is refused", async () => {
  await assert.rejects(() => written([text("n".repeat(101), "")]), /too long a path/);
  await assert.rejects(() => written([text(`${"p".repeat(156)}/n`, "")]), /too long a path/);
});
