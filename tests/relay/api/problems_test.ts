/** Words from elsewhere as the sentence of an answer. */

import assert from "node:assert/strict";
import { sentenceOf } from "../../../relay/api/problems.ts";

Deno.test("words become a sentence with one end, whichever sign it has already", () => {
  const sentences = [
    ["the port is taken", "The port is taken."],
    ["It ends.", "It ends."],
    ["is this machine on the camera's Wi-Fi?", "Is this machine on the camera's Wi-Fi?"],
  ] as const;
  for (const [words, sentence] of sentences) assert.equal(sentenceOf(words), sentence);
});
