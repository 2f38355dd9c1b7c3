/** A file on disk: written, read back, cut, and refused in words. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { FileOutput } from "../../../relay/recordings/file_output.ts";
import { RecordingError } from "../../../relay/recordings/output.ts";

async function inFolder(test: (folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("appending goes on at the end whatever else is written or cut", () =>
  inFolder((folder) => {
    const path = join(folder, "a.mp4");
    Deno.writeFileSync(path, new Uint8Array(100));
    const file = FileOutput.open(path, "create");
    file.append(new Uint8Array([1, 2, 3, 4]));
    file.overwrite(1, new Uint8Array([9]));
    file.append(new Uint8Array([5]));
    file.append(new Uint8Array([6]));
    file.truncate(5);
    file.append(new Uint8Array([7]));
    file.sync();
    assert.equal(file.length, 6);
    file.close();
    assert.deepEqual([...Deno.readFileSync(path)], [1, 9, 3, 4, 5, 7]);
  }));

Deno.test("a file opened for repair keeps what it has", () =>
  inFolder((folder) => {
    const path = join(folder, "a.mp4");
    Deno.writeFileSync(path, new Uint8Array([1, 2]));
    const file = FileOutput.open(path, "repair");
    assert.equal(file.length, 2);
    const read = new Uint8Array(3);
    assert.equal(file.read(1, read), 1);
    assert.deepEqual([...read], [2, 0, 0]);
    file.overwrite(0, new Uint8Array([8]));
    file.append(new Uint8Array([3]));
    file.close();
    assert.deepEqual([...Deno.readFileSync(path)], [8, 2, 3]);
  }));

Deno.test({
  name: "what is still being written is not opened for repair; afterwards it is",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder((folder) => {
      const path = join(folder, "a.mp4");
      const writing = FileOutput.open(path, "create");
      writing.append(new Uint8Array([1]));
      assert.throws(
        () => FileOutput.open(path, "repair"),
        (error) =>
          error instanceof RecordingError && /another program is writing it/.test(error.message),
      );
      writing.append(new Uint8Array([2]));
      writing.close();
      FileOutput.open(path, "repair").close();
      assert.deepEqual([...Deno.readFileSync(path)], [1, 2]);
    }),
});

Deno.test("what cannot be opened is told in a sentence that names it", () =>
  inFolder((folder) => {
    const cases: readonly (readonly [path: string, use: "create" | "repair", words: RegExp])[] = [
      [join(folder, "no/such/a.mp4"), "create", /no such file or folder/],
      [join(folder, "none.mp4"), "repair", /no such file or folder/],
      [folder, "create", /is a folder/],
    ];
    for (const [path, use, words] of cases) {
      assert.throws(
        () => FileOutput.open(path, use),
        (error) =>
          error instanceof RecordingError && words.test(error.message) &&
          error.message.includes(path) && error.cause !== undefined,
      );
    }
  }));

Deno.test({
  name: "a full disk is told in words",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const file = FileOutput.open("/dev/full", "repair");
    try {
      assert.throws(
        () => file.append(new Uint8Array(10)),
        (error) => error instanceof RecordingError && /the disk is full/.test(error.message),
      );
    } finally {
      file.close();
    }
  },
});
