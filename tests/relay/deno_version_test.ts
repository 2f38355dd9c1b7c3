/** Which Deno is too old. */

import assert from "node:assert/strict";
import { explainOldDeno } from "../../relay/deno_version.ts";

Deno.test("only what is older than 2.9 is refused, in a sentence that helps", () => {
  for (const version of ["2.9.0", "2.10.1", "3.0.0", "2.9.6+abc"]) {
    assert.equal(explainOldDeno(version, "record"), undefined, version);
  }
  for (const version of ["2.8.9", "1.46.3", ""]) {
    assert.match(explainOldDeno(version, "record") ?? "", /2\.9 or newer.*npx -y deno task record/);
  }
});
