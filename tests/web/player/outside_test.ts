/** For how long a position has been outside, and what does not count. */

import assert from "node:assert/strict";
import { Outside } from "../../../web/src/player/outside.ts";

const LOOK_MS = 40;

/** A position and an end of media that move; the clock is the page's. */
class Setting {
  readonly outside = new Outside();
  now = 1_000;
  position = 10;
  end = 10.1;
  start = 0;

  /** Looks for so long while both move at these rates; answers how long it has been outside then, ms. */
  go(ms: number, { plays = 1, comes = 1, adrift = false } = {}): number {
    let outside = 0;
    for (let at = 0; at < ms; at += LOOK_MS) {
      this.now += LOOK_MS;
      this.position += plays * LOOK_MS / 1000;
      this.end += comes * LOOK_MS / 1000;
      outside = this.look(adrift);
    }
    return outside;
  }

  look(adrift = false): number {
    const newest = { start: this.start, end: this.end };
    return this.outside.for({ newest, position: this.position, adrift }, this.now);
  }
}

Deno.test("inside is not outside", () => {
  assert.equal(new Setting().go(5_000), 0);
});

Deno.test("beyond the end while media goes on coming, before its start, or nowhere: outside", () => {
  const beyond = new Setting();
  beyond.go(1_000);
  beyond.position += 2;
  assert.ok(beyond.go(1_200) > 1_000);
  const before = new Setting();
  before.go(1_000);
  before.position = -5;
  assert.ok(before.go(1_200) > 1_000);
  const adrift = new Setting();
  adrift.go(1_000);
  assert.ok(adrift.go(1_200, { adrift: true }) > 1_000);
});

Deno.test("where nothing comes the position waits, and what comes at once then is waited for", () => {
  const setting = new Setting();
  setting.go(1_000);
  assert.equal(setting.go(3_000, { comes: 0 }), 0);
  assert.ok(setting.go(1_500, { comes: 2 }) < 500, "it comes in");
  assert.equal(setting.go(2_500, { comes: 2 }), 0);
});

Deno.test("the same where the page's thread stood, and its first look is at what has come", () => {
  const setting = new Setting();
  setting.go(1_000);
  setting.now += 2_000;
  setting.position += 2;
  setting.end += 0.1;
  assert.equal(setting.look(), 0);
});

Deno.test("what goes on from the last after a pause leaves the position outside", () => {
  const setting = new Setting();
  setting.go(1_000);
  setting.go(2_000, { comes: 0 });
  assert.ok(setting.go(1_200, { plays: 0.96 }) > 1_000);
});

Deno.test("a range that has just begun is waited for anew", () => {
  const setting = new Setting();
  setting.go(1_000);
  setting.position += 3;
  assert.ok(setting.go(800) > 600);
  setting.start = setting.end + 10;
  setting.end = setting.start + 0.04;
  assert.equal(setting.look(), 0);
});
