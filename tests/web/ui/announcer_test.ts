/** What a listener hears: states that last, once each, and never one that is over. */

import assert from "node:assert/strict";
import { Announcer } from "../../../web/src/ui/announcer.ts";
import { announcementFor } from "../../../web/src/ui/player_words.ts";
import { FakeTimers } from "../player/fake_timers.ts";

const SETTLED_MS = 700;

function announcer(): { readonly said: string[]; readonly announcer: Announcer } {
  const said: string[] = [];
  const host = {
    addController: (): void => {},
    removeController: (): void => {},
    requestUpdate: (): void => void said.push(announcer.text),
    updateComplete: Promise.resolve(true),
  };
  const announcer = new Announcer(host);
  return { said, announcer };
}

Deno.test("an outage is said once, though the first try to reconnect is over at once", async () => {
  using time = new FakeTimers();
  const { said, announcer: voice } = announcer();
  voice.say(announcementFor({ kind: "playing" }));
  await time.pass(SETTLED_MS);
  for (let attempt = 1; attempt < 6; attempt++) {
    const reason = "The relay cannot be reached";
    voice.say(announcementFor({ kind: "reconnecting", attempt, retryAt: 0, reason }));
    await time.pass(SETTLED_MS / 2);
  }
  assert.deepEqual(said, ["Playing live.", "Reconnecting. The relay cannot be reached."]);
});

Deno.test("a state that is over at once is not spoken of", async () => {
  using time = new FakeTimers();
  const { said, announcer: voice } = announcer();
  voice.say("Playing live.");
  await time.pass(SETTLED_MS);
  voice.say("Connecting.");
  await time.pass(SETTLED_MS - 1);
  voice.say("");
  await time.pass(SETTLED_MS);
  assert.deepEqual(said, ["Playing live."]);
});
