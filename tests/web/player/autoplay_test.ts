/** Playing as well as a browser allows. */

import assert from "node:assert/strict";
import { type Playable, playAsAllowed } from "../../../web/src/player/autoplay.ts";

type Rule = "anything" | "silent" | "nothing" | "interrupted";

function element(rule: Rule, { muted }: { muted: boolean }): Playable & { tries: number } {
  return {
    muted,
    tries: 0,
    play(): Promise<void> {
      this.tries += 1;
      if (rule === "interrupted") return Promise.reject(new DOMException("", "AbortError"));
      const refused = rule === "nothing" || (rule === "silent" && !this.muted);
      return refused ? Promise.reject(new DOMException("", "NotAllowedError")) : Promise.resolve();
    },
  };
}

const CASES: readonly (readonly [Rule, boolean, string, boolean, number])[] = [
  ["anything", false, "playing", false, 1],
  ["anything", true, "playing", true, 1],
  ["silent", true, "playing", true, 1],
  ["silent", false, "silenced", true, 2],
  ["nothing", false, "blocked", true, 2],
  ["nothing", true, "blocked", true, 1],
  ["interrupted", false, "interrupted", false, 1],
];

for (const [rule, muted, outcome, mutedAfter, tries] of CASES) {
  Deno.test(`${muted ? "silent" : "with sound"}, allowed is ${rule}: ${outcome}`, async () => {
    const video = element(rule, { muted });
    assert.equal(await playAsAllowed(video), outcome);
    assert.deepEqual([video.muted, video.tries], [mutedAfter, tries]);
  });
}

Deno.test("what is not a browser's answer is not swallowed", async () => {
  const broken = { muted: true, play: (): Promise<void> => Promise.reject(new TypeError("x")) };
  await assert.rejects(playAsAllowed(broken), TypeError);
});
