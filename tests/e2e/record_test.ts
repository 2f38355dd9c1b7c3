/**
 * `deno task record` from outside: to a limit, to Ctrl-C, to a power cut; over a change of resolution; and
 * bad use, one sentence each with the right exit code.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import manifest from "../../deno.json" with { type: "json" };
import { repairRecording } from "../../relay/recordings/repair.ts";
import { boxesIn } from "../../shared/mp4/box_reader.ts";
import { joinTransportStreams, makeTransportStream } from "../support/clips.ts";
import { assertFfprobeIsSilent, decodedHashes } from "../support/judges.ts";
import { readMovie } from "../support/mp4box.ts";
import { record, recordAnyhow, RecordProcess } from "../support/record_process.ts";
import { runAnyhow } from "../support/run.ts";
import { runningIn } from "../support/relay_process.ts";

const PICTURES_A_SECOND = 30;

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-record-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function topLevel(path: string): string[] {
  return [...boxesIn(Deno.readFileSync(path))].map(({ type }) => type);
}

function pictures(path: string): number {
  return readMovie(Deno.readFileSync(path)).samples.get(1)?.length ?? 0;
}

Deno.test("the demo for a second: whole, silent to ffprobe, every picture decodes", () =>
  inFolder(async (folder) => {
    const path = join(folder, "demo.mp4");
    const { stderr, stdout } = await record(["demo", path, "--seconds", "1"]);
    assert.equal(stdout, "");
    assert.deepEqual(topLevel(path), ["ftyp", "mdat", "moov"]);
    await assertFfprobeIsSilent(path);
    assert.equal((await decodedHashes(path)).length, PICTURES_A_SECOND);
    const lines = stderr.trimEnd().split("\n");
    assert.match(lines.at(-1) ?? "", /demo\.mp4: 0:01, \d+ kB, 30 frames, no losses$/);
    assert.ok(!stderr.includes("\r"), "no terminal, no drawing over");
  }));

Deno.test("as many frames and as many bytes as asked for", () =>
  inFolder(async (folder) => {
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: 4, sound: true });
    const path = join(folder, "a.mp4");
    await record([`file:${clip}?pace=fast`, path, "--frames", "33"]);
    assert.equal(pictures(path), 33);
    await record([`file:${clip}?pace=fast`, path, "--bytes", "40000", "--overwrite"]);
    const { size } = Deno.statSync(path);
    assert.ok(size <= 40_000 && size > 30_000, `${size} bytes`);
    await assertFfprobeIsSilent(path);
  }));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} in mid-recording closes the file`, () =>
    inFolder(async (folder) => {
      const path = join(folder, "a.mp4");
      await using recording = new RecordProcess(["demo", path]);
      await recording.until(/^0:0[1-9] .* frames/m);
      assert.equal(await recording.stop(signal), 0);
      assert.deepEqual(runningIn(recording.group), []);
      assert.deepEqual(topLevel(path), ["ftyp", "mdat", "moov"]);
      await assertFfprobeIsSilent(path);
      const found = pictures(path);
      assert.equal((await decodedHashes(path)).length, found);
      assert.match(recording.said, new RegExp(`a\\.mp4: .* ${found} frames, no losses\\n$`));
    }));
}

Deno.test("a power cut in mid-recording leaves a playable file, and repair makes it whole", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    await using recording = new RecordProcess(["demo", path]);
    await recording.until(/^0:0[2-9] .* frames/m);
    await recording.kill();
    assert.deepEqual(topLevel(path).slice(0, 5), ["ftyp", "free", "moov", "prft", "moof"]);
    await assertFfprobeIsSilent(path);
    const asItLies = await decodedHashes(path);
    assert.ok(asItLies.length >= PICTURES_A_SECOND, `${asItLies.length} pictures`);
    const repair = repairRecording(path);
    assert.ok(repair.kind === "repaired");
    assert.deepEqual(topLevel(path), ["ftyp", "mdat", "moov"]);
    await assertFfprobeIsSilent(path);
    assert.equal(pictures(path), asItLies.length);
    assert.deepEqual(await decodedHashes(path), asItLies);
  }));

Deno.test("a change of resolution goes on in a second file, and nothing is lost between them", () =>
  inFolder(async (folder) => {
    const small = join(folder, "small.ts");
    const large = join(folder, "large.ts");
    const both = join(folder, "both.ts");
    await makeTransportStream(small, { seconds: 2, size: "320x180", sound: true });
    await makeTransportStream(large, { seconds: 2, size: "640x360", sound: true, offset: 2 });
    await joinTransportStreams(both, [small, large]);
    for (const pace of ["fast", "realtime"]) {
      const out = join(folder, pace);
      await record([`file:${both}?pace=${pace}`, `${out}.mp4`]);
      for (
        const { path, original } of [
          { path: `${out}.mp4`, original: small },
          { path: `${out}-2.mp4`, original: large },
        ]
      ) {
        await assertFfprobeIsSilent(path);
        assert.equal(pictures(path), 50, path);
        assert.deepEqual(await decodedHashes(path), await decodedHashes(original), path);
      }
    }
  }));

Deno.test("a file that is there already stays as it is, unless it is said that it may go; a later one takes a free number", () =>
  inFolder(async (folder) => {
    const clip = join(folder, "clip.ts");
    const [small, large] = [join(folder, "small.ts"), join(folder, "large.ts")];
    await makeTransportStream(small, { seconds: 1, size: "320x180" });
    await makeTransportStream(large, { seconds: 1, size: "640x360", offset: 1 });
    await joinTransportStreams(clip, [small, large]);
    const out = join(folder, "a.mp4");
    await Deno.writeTextFile(out, "the only picture of that evening");
    const args = [`file:${clip}?pace=fast`, out];
    const { code, stderr } = await recordAnyhow(args);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /^rill: .*a\.mp4 is there already, and stays as it is: name another file, or add --overwrite\n$/,
    );
    assert.equal(await Deno.readTextFile(out), "the only picture of that evening");
    await Deno.rename(out, join(folder, "a-2.mp4"));
    await record(args);
    assert.equal(
      await Deno.readTextFile(join(folder, "a-2.mp4")),
      "the only picture of that evening",
    );
    assert.deepEqual([pictures(out), pictures(join(folder, "a-3.mp4"))], [25, 25]);
    await record([...args, "--overwrite", "--frames", "30"]);
    assert.deepEqual([pictures(out), pictures(join(folder, "a-2.mp4"))], [25, 5]);
    await record([`file:${small}?pace=fast`, "/dev/null"]); // nothing is lost there
  }));

const USAGE: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["an unknown option", ["demo", "a.mp4", "--fps", "3"], /--fps/],
  ["a file left out", ["demo"], /no FILE to record demo to/],
  ["an unknown scheme", ["quicktime:movie", "a.mp4"], /"quicktime:movie".*demo.*file/],
];

for (const [what, args, sentence] of USAGE) {
  Deno.test(`${what} is one sentence and exit code 2`, async () => {
    const { code, stdout, stderr } = await recordAnyhow(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, sentence);
    assert.match(stderr, /^rill: [^\n]+\n$/, "one line");
    assert.equal(stdout, "");
  });
}

Deno.test("what cannot be read or written is one sentence and exit code 1", () =>
  inFolder(async (folder) => {
    const out = join(folder, "a.mp4");
    const empty = join(folder, "empty.ts");
    await Deno.writeFile(empty, new Uint8Array(0));
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["file:no/such.ts", out], /no such file: .*no\/such\.ts/],
      [["file:no/such.ts?pace=fast", out], /no such file: .*no\/such\.ts/],
      [[`file:${empty}?pace=fast`, out], /empty/],
      [["demo", join(folder, "no/such/a.mp4")], /no such file or folder/],
      [["demo", folder], /is a folder/],
    ];
    for (const [args, sentence] of cases) {
      const { code, stderr } = await recordAnyhow(args);
      assert.equal(code, 1, stderr);
      assert.match(stderr, sentence);
      assert.match(stderr, /^rill: [^\n]+\n$/, "one line");
    }
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["empty.ts"]);
  }));

Deno.test({
  name: "room that runs out in mid-recording is told, and what was recorded is closed and plays",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const clip = join(folder, "clip.ts");
      const path = join(folder, "a.mp4");
      await makeTransportStream(clip, { seconds: 8, bitrate: 16_000_000 });
      // 8 MiB a file, as a shell's limit; with its signal ignored a write fails as on a full disk. The task's
      // command without the task, which would give the signal back.
      const limited = `trap "" XFSZ; ulimit -f 8192; exec "$@"`;
      const [, ...task] = manifest.tasks.record.split(" ");
      const command = [Deno.execPath(), ...task, `file:${clip}?pace=fast`, path];
      const { code, stderr } = await runAnyhow("bash", ["-c", limited, "bash", ...command]);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /^rill: cannot write .*a\.mp4: no larger file is allowed here$/m);
      assert.deepEqual(topLevel(path), ["ftyp", "mdat", "moov"]);
      await assertFfprobeIsSilent(path);
      const found = pictures(path);
      assert.ok(found >= 50 && found < 200, `${found} pictures`);
      assert.equal((await decodedHashes(path)).length, found);
      assert.match(stderr, new RegExp(`a\\.mp4: .* ${found} frames`));
    }),
});

Deno.test("a camera that is not there is told in words and waited for", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.mp4");
    // Nothing listens on the discard port of this machine.
    await using recording = new RecordProcess(["gopro://127.0.0.1:9", path]);
    await recording.until(/^rill: .*GoPro/m);
    assert.equal(await recording.stop(), 0);
    assert.match(recording.said, /nothing was recorded/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    assert.deepEqual(runningIn(recording.group), []);
  }));
