/** Whose end is this program's end too: what only waits for it, and nobody else. */

import assert from "node:assert/strict";
import { areThere, type Look, type Process, startersOf } from "../../relay/starters.ts";

/** Processes from the innermost on, each the child of the next; numbers are made up. */
function table(...lines: readonly string[]): { pid: number; look: Look } {
  const processes = lines.map((line, at): Process => ({
    pid: 100 - at,
    parent: 99 - at,
    words: line.startsWith("npm ") ? [line] : line.split(" "), // npm writes over its own
  }));
  return { pid: 100, look: (pid) => processes.find((each) => each.pid === pid) };
}

const OWN = "/usr/lib/deno run -A relay/launch.ts demo";
const TASK = "/usr/lib/deno task relay demo";
const NPMS = "node /srv/npm/_npx/5e1a/node_modules/.bin/deno task relay demo";
const NPX = "npm exec deno task relay demo";

const CASES: readonly { what: string; lines: readonly string[]; starters: number }[] = [
  { what: "the task, from a terminal", lines: [OWN, TASK, "-bash", "sshd"], starters: 1 },
  { what: "npx, its script and the task", lines: [OWN, TASK, NPMS, NPX, "-bash"], starters: 3 },
  {
    what: "npx by way of a shell of its own",
    lines: [OWN, TASK, NPMS, "sh -c deno task relay demo", NPX, "-bash"],
    starters: 4,
  },
  {
    what: "Deno installed by npm, in a shell that may go",
    lines: [
      OWN,
      TASK,
      "node /usr/bin/deno task relay demo",
      "sh -c deno task relay & true",
      "init",
    ],
    starters: 2,
  },
  {
    what: "npx behind nohup",
    lines: [OWN, TASK, NPMS, NPX, "nohup npx deno task relay"],
    starters: 3,
  },
  { what: "a service manager", lines: [OWN, TASK, "/lib/systemd/systemd --user"], starters: 1 },
  { what: "no task at all", lines: [OWN, "-bash"], starters: 0 },
  {
    what: "a shell's command line",
    lines: [OWN, "sh -c deno run -A relay/launch.ts &"],
    starters: 0,
  },
  { what: "nobody left", lines: [OWN], starters: 0 },
];

for (const { what, lines, starters } of CASES) {
  Deno.test(`who waits for the relay: ${what}`, () => {
    const { pid, look } = table(...lines);
    const row = startersOf(pid, look);
    const words = row.map((each) => each.words.join(" "));
    assert.deepEqual(words, starters === 0 ? [] : lines.slice(0, starters + 1));
    assert.equal(areThere(row, look), true);
  });
}

Deno.test("one of them has ended: its child is another's, though it still stands in the table", () => {
  const { pid, look } = table(OWN, TASK, NPMS, NPX, "-bash");
  const row = startersOf(pid, look);
  for (const orphan of row.slice(0, -1)) {
    const after: Look = (each) => {
      const found = look(each);
      return found?.pid === orphan.pid ? { ...found, parent: 1 } : found;
    };
    assert.equal(areThere(row, after), false, orphan.words.join(" "));
  }
});

Deno.test("the shell behind all of them has ended: nothing follows from that", () => {
  const { pid, look } = table(OWN, TASK, NPMS, NPX, "-bash");
  const row = startersOf(pid, look);
  const top = row.at(-1)?.pid;
  const after: Look = (each) => {
    const found = look(each);
    return found && found.pid === top ? { ...found, parent: 1 } : found;
  };
  assert.equal(areThere(row, after), true);
});
