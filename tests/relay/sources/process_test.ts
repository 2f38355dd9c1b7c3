/** Children of every bad habit: what is said of them, and that nothing of them is left. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type ProcessOptions, runProcess } from "../../../relay/sources/process.ts";
import { SourceError } from "../../../relay/sources/source.ts";
import { askUntil } from "../../support/ask.ts";
import { processesWith } from "../../support/process_table.ts";

/** A shell script as a child, and what it gave. */
interface Played {
  readonly bytes: number;
  readonly text: string;
  readonly error: string | undefined;
}

async function play(
  script: string,
  { abortAt, ...options }: Partial<ProcessOptions> & { readonly abortAt?: number } = {},
): Promise<Played> {
  const abort = new AbortController();
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  let error: string | undefined;
  try {
    await runProcess({ command: ["sh", "-c", script], install: "install it", ...options }, {
      data: (chunk) => {
        bytes += chunk.length;
        if (text.length < 1000) text += decoder.decode(chunk, { stream: true });
        if (abortAt !== undefined && bytes >= abortAt) abort.abort();
      },
    }, abort.signal);
  } catch (thrown) {
    if (!(thrown instanceof SourceError)) throw thrown;
    error = thrown.message;
  }
  return { bytes, text, error };
}

async function nothingIsLeft(mark: string): Promise<void> {
  await askUntil(() => processesWith(mark), {
    accept: (left) => left.length === 0,
    what: "the end of what it started",
  });
}

for (const group of [false, true]) {
  const kind = group ? "in a group" : "alone";

  Deno.test(`${kind}: what it writes arrives, and its end is an end`, async () => {
    const { text, error } = await play("printf one; sleep 0.1; printf two", { group });
    assert.deepEqual([text, error], ["onetwo", undefined]);
  });

  Deno.test(`${kind}: a failure is told in its own last words, or by its code`, async () => {
    const said = await play("echo oh no. >&2; echo 'Device busy.' >&2; exit 3", { group });
    assert.equal(said.error, "the program sh ended with code 3: Device busy");
    const silent = await play("exit 4", { group });
    assert.equal(silent.error, "the program sh ended with code 4 and said nothing");
    const killed = await play("kill -9 $$", { group });
    assert.match(killed.error ?? "", /^the program sh was ended by signal 9/);
    const explained = await play("echo xyz >&2; exit 1", {
      group,
      explain: ({ code, lines, wasSilent }) => `it was ${code}, ${lines.join()}, ${wasSilent}`,
    });
    assert.equal(explained.error, "it was 1, xyz, false");
  });

  Deno.test(`${kind}: the end of one that has no end of its own is a failure`, async () => {
    const silent = await play("printf one", { group, endless: true });
    assert.deepEqual([silent.text, silent.error], ["one", "the program sh ended and said nothing"]);
    const said = await play("echo 'No such device' >&2", { group, endless: true });
    assert.equal(said.error, "the program sh ended: No such device");
  });

  Deno.test(`${kind}: what it is given reaches it whole`, async () => {
    const stdin = `a 'b' "c" \\n $HOME \\\n\n  %s\n`.repeat(500);
    const { bytes, text } = await play("cat; echo end", { group, stdin });
    assert.equal(bytes, stdin.length + "end\n".length);
    assert.ok(text.startsWith(stdin.slice(0, 900)));
  });

  Deno.test(`${kind}: told to stop, it and its children are gone`, async () => {
    const mark = `314${group ? 1 : 2}.159`;
    const { error } = await play(
      group ? `sleep ${mark} & echo x; sleep ${mark}` : `echo x; exec sleep ${mark}`,
      { group, abortAt: 1 },
    );
    assert.equal(error, undefined);
    await nothingIsLeft(`sleep\0${mark}`);
  });

  Deno.test(`${kind}: one that ignores the request to end is made to`, async () => {
    const mark = `315${group ? 1 : 2}.159`;
    const { error } = await play(
      `trap '' TERM; echo x; while :; do sleep 0.05 || :; : ${mark}; done`,
      {
        group,
        abortAt: 1,
      },
    );
    assert.equal(error, undefined);
    await nothingIsLeft(mark);
  });

  Deno.test(`${kind}: one that hangs, from the start or later, is ended and said to`, async () => {
    const mark = `316${group ? 1 : 2}.159`;
    const never = await play(`exec sleep ${mark}`, { group, firstByteMs: 200 });
    assert.match(
      never.error ?? "",
      /^the program sh has written nothing for \d+ s, and was ended$/,
    );
    const later = await play(`echo x; exec sleep ${mark}`, { group, silenceMs: 200 });
    assert.match(later.error ?? "", /^the program sh has written nothing/);
    assert.equal(later.text, "x\n");
    const explained = await play(`echo x; exec sleep ${mark}`, {
      ...{ group, silenceMs: 200 },
      explain: ({ wasSilent }) => `it was silent: ${wasSilent}`,
    });
    assert.equal(explained.error, "it was silent: true");
    await nothingIsLeft(mark);
  });

  Deno.test(`${kind}: a flood of complaints neither blocks nor grows`, async () => {
    const { bytes, error } = await play(
      "i=0; while [ $i -lt 20000 ]; do echo 'a complaint that is quite long, and nobody reads' >&2; i=$((i+1)); done; " +
        "printf done; echo last >&2; exit 1",
      { group },
    );
    assert.equal(bytes, 4);
    assert.equal(error, "the program sh ended with code 1: last");
  });

  Deno.test(`${kind}: a program that is not there, or may not be run`, async () => {
    const missing = await play("", {
      ...{ group, command: ["no-such-program-anywhere"], explain: () => "the camera is gone" },
    });
    assert.equal(
      missing.error,
      "there is no program no-such-program-anywhere on this machine: install it",
    );
    const folder = await Deno.makeTempDir();
    try {
      const path = join(folder, "program");
      await Deno.writeTextFile(path, "#!/bin/sh\n", { mode: 0o644 });
      const { error } = await play("", { group, command: [path] });
      assert.match(error ?? "", /^this user may not run .*: make it executable/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("of a pipe, the program that is not there is the one that is named", async () => {
  const { error } = await play("cat | no-such-program-anywhere", { group: true });
  assert.equal(
    error,
    "there is no program no-such-program-anywhere on this machine: install it",
  );
});

Deno.test("passwords in what a program says are not repeated", async () => {
  const { error } = await play("echo 'rtsp://me:secret@10.0.0.1/x: timed out' >&2; exit 1");
  assert.equal(error, "the program sh ended with code 1: rtsp://10.0.0.1/x: timed out");
});

Deno.test("what a program leaves running ends too, though the program itself is gone", async () => {
  const mark = "317.159";
  const { text, error } = await play(`sleep ${mark} & printf x; exit 0`, { group: true });
  assert.deepEqual([text, error], ["x", undefined]);
  await nothingIsLeft(mark);
});

for (const stdin of [undefined, "something to read\n"]) {
  const what = stdin === undefined ? "a program" : "a program that was given something";
  Deno.test(`a relay that is killed leaves no program behind: ${what}`, async () => {
    const folder = await Deno.makeTempDir();
    const mark = stdin === undefined ? "318.159" : "319.159";
    try {
      const path = join(folder, "relay.ts");
      const module = new URL("../../../relay/sources/process.ts", import.meta.url).href;
      await Deno.writeTextFile(
        path,
        `import { runProcess } from ${JSON.stringify(module)};
       const command = ["sh", "-c", "trap '' TERM; echo x; sleep ${mark}; sleep ${mark}"];
       const stdin = ${JSON.stringify(stdin)};
       const options = { command, group: true, install: "", ...(stdin ? { stdin } : {}) };
       await runProcess(options, { data: () => console.log("up") },
         new AbortController().signal);`,
      );
      await using relay = new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "--allow-run=sh", path],
        stdout: "piped",
        stderr: "null",
      }).spawn();
      await relay.stdout.getReader().read();
      relay.kill("SIGKILL");
      await relay.status;
      await nothingIsLeft(`sleep\0${mark}`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("aborted before it runs, nothing is started", async () => {
  const abort = new AbortController();
  abort.abort();
  let data = 0;
  await runProcess({ command: ["sh", "-c", "echo x"], install: "" }, {
    data: () => void data++,
  }, abort.signal);
  assert.equal(data, 0);
});

Deno.test("a line that is cut in an address's password tells no part of it", async () => {
  const { error } = await play(
    `printf '%0370d cannot open rtsp://me:${"s3cret".repeat(20)}@h\\n' 0 >&2; exit 1`,
  );
  assert.match(error ?? "", /cannot open {1,2}…$/);
  assert.doesNotMatch(error ?? "", /s3c|me:/);
});
