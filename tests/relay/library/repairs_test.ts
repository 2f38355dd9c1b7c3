/** What a crash left open, looked for while other hands throw recordings away. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { pathOf } from "../../../relay/library/places.ts";
import { Repairs } from "../../../relay/library/repairs.ts";
import { Log } from "../../../relay/log.ts";
import { until } from "../../support/relay.ts";

Deno.test("a recording that is thrown away while others are looked at keeps none of them from being repaired", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-repairs-" });
  try {
    const ids = ["cam/1700000000001", "cam/1700000000002"];
    const paths = ids.map((id) => pathOf(folder, id));
    await Deno.mkdir(dirname(paths[0] ?? ""), { recursive: true });
    for (const path of paths) await Deno.writeFile(path, new Uint8Array());
    const lines: string[] = [];
    const log = new Log({ level: "info", format: "text", write: (line) => void lines.push(line) });
    let looked = 0;
    const isOwn = (): boolean => {
      // Both are listed: the first that is looked at goes before it is opened.
      if (looked++ === 0) { for (const path of firstListed(folder)) Deno.removeSync(path); }
      return false;
    };
    using _repairs = new Repairs({ folder, log, isOwn });
    await until(() => lines.length > 0, { what: "words on the other" });
    assert.match(lines.join(), /nothing had been recorded yet, was taken away/);
    assert.doesNotMatch(lines.join(), /could not be repaired/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** As a folder lists it, which is in no order. */
function firstListed(folder: string): string[] {
  const [first] = Deno.readDirSync(join(folder, "cam"));
  return first ? [join(folder, "cam", first.name)] : [];
}
