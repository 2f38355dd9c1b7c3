/** A generation's first bytes wait for the word on their clock; what follows does not. */

import assert from "node:assert/strict";
import { OriginTalk } from "../../../../relay/sources/pull/origin_talk.ts";

Deno.test("the clock is found before the generation's first bytes go on", () => {
  const happened: string[] = [];
  const ids: (number | string)[] = [];
  using talk = new OriginTalk({
    say: (text) => ids.push(JSON.parse(text).id),
    give: ([first]) => happened.push(`byte ${first}`),
    found: () => happened.push("clock"),
  });
  talk.media(Uint8Array.of(1)); // nobody has said that this is a relay
  talk.begin(1, 0);
  talk.media(Uint8Array.of(2));
  talk.media(Uint8Array.of(3));
  assert.deepEqual(happened, ["byte 1"]);
  talk.answered(ids[0] ?? "", 5_000_000);
  talk.media(Uint8Array.of(4));
  assert.deepEqual(happened, ["byte 1", "clock", "byte 2", "byte 3", "byte 4"]);
  talk.answered("never asked", 0);
  assert.equal(happened.length, 5);
});
