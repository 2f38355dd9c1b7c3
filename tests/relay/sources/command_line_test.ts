/** A command in one line: cut as a shell cuts it, and refused where only a shell would understand it. */

import assert from "node:assert/strict";
import { splitCommand } from "../../../relay/sources/command_line.ts";

Deno.test("words, quotes and backslashes", () => {
  const cases: [string, string[]][] = [
    ["camera", ["camera"]],
    ["  camera  --rate\t30 ", ["camera", "--rate", "30"]],
    [`camera "two words" 'and |these;' x`, ["camera", "two words", "and |these;", "x"]],
    [`sh -c 'a | b > c'`, ["sh", "-c", "a | b > c"]],
    [`camera a"b c"d ""`, ["camera", "ab cd", ""]],
    [String.raw`camera a\ b "say \"x\" \n" '\n'`, ["camera", "a b", `say "x" \\n`, "\\n"]],
  ];
  for (const [line, words] of cases) assert.deepEqual(splitCommand(line), words, line);
});

Deno.test("what is no command is refused in words", () => {
  const cases: [string, RegExp][] = [
    ["", /no command/],
    ["camera 'a", /without its partner/],
    ["camera a\\", /backslash/],
    ["a | b", /only a shell/],
    ["a > b", /only a shell/],
    ["a $HOME", /only a shell/],
    ["a *.ts", /only a shell/],
  ];
  for (const [line, words] of cases) assert.throws(() => splitCommand(line), words, line);
});
