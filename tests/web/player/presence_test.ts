/** Whether there is anyone to show pictures to. */

import assert from "node:assert/strict";
import { AWAY_AFTER_MS, Presence } from "../../../web/src/player/presence.ts";
import { FakeTimers } from "./fake_timers.ts";

class FakeDocument extends EventTarget {
  visibilityState = "visible";
}

class Setting implements Disposable {
  readonly timers = new FakeTimers();
  readonly document = new FakeDocument();
  readonly window = new EventTarget();
  readonly stop = new AbortController();
  readonly said: string[] = [];
  noticed = false;
  readonly presence: Presence;

  constructor(visibility: "visible" | "hidden" = "visible") {
    this.document.visibilityState = visibility;
    const noticed = (): boolean => this.noticed;
    this.presence = new Presence({
      owner: {
        get noticed(): boolean {
          return noticed();
        },
        presenceChanged: () => this.said.push(this.presence.away ? "away" : "here"),
        woken: () => this.said.push("woken"),
      },
      page: this,
      signal: this.stop.signal,
    });
  }

  show(visibility: "visible" | "hidden"): void {
    this.document.visibilityState = visibility;
    this.document.dispatchEvent(new Event("visibilitychange"));
  }

  [Symbol.dispose](): void {
    this.stop.abort();
    this.timers[Symbol.dispose]();
  }
}

Deno.test("a page in sight is here", async () => {
  using all = new Setting();
  await all.timers.pass(60_000);
  assert.deepEqual([all.presence.away, all.said], [false, []]);
});

Deno.test("a glance elsewhere costs nothing", async () => {
  using all = new Setting();
  all.show("hidden");
  await all.timers.pass(AWAY_AFTER_MS - 1);
  all.show("visible");
  await all.timers.pass(60_000);
  assert.deepEqual(all.said, ["woken"]);
});

Deno.test("out of sight for a while it is away, in sight again it is here at once", async () => {
  using all = new Setting();
  all.show("hidden");
  await all.timers.pass(AWAY_AFTER_MS);
  assert.deepEqual(all.said, ["away"]);
  all.show("visible");
  assert.deepEqual(all.said, ["away", "here", "woken"]);
  assert.equal(all.timers.pending, 0);
});

Deno.test("opened out of sight it is away too", async () => {
  using all = new Setting("hidden");
  await all.timers.pass(AWAY_AFTER_MS);
  assert.equal(all.presence.away, true);
});

Deno.test("heard, or in a window of its own, it is here until that ends", async () => {
  using all = new Setting();
  all.noticed = true;
  all.show("hidden");
  await all.timers.pass(60_000);
  assert.equal(all.presence.away, false);
  all.noticed = false;
  await all.timers.pass(AWAY_AFTER_MS);
  assert.equal(all.presence.away, true);
  all.noticed = true;
  await all.timers.pass(AWAY_AFTER_MS);
  assert.equal(all.presence.away, false, "its sound was switched on from outside");
});

Deno.test("left for another page it is away at once, and here when it is come back to", () => {
  using all = new Setting();
  all.window.dispatchEvent(new Event("pagehide"));
  assert.equal(all.presence.away, true);
  all.window.dispatchEvent(new Event("pageshow"));
  assert.equal(all.presence.away, false);
});

Deno.test("frozen and thawed", () => {
  using all = new Setting();
  all.document.dispatchEvent(new Event("freeze"));
  assert.equal(all.presence.away, true);
  all.document.dispatchEvent(new Event("resume"));
  assert.deepEqual(all.said, ["away", "here", "woken"]);
});

Deno.test("a network that is back is told", () => {
  using all = new Setting();
  all.window.dispatchEvent(new Event("online"));
  assert.deepEqual(all.said, ["woken"]);
});

Deno.test("after its end it holds nothing and hears nothing", async () => {
  using all = new Setting();
  all.show("hidden");
  all.stop.abort();
  await all.timers.pass(60_000);
  all.show("visible");
  all.window.dispatchEvent(new Event("online"));
  assert.deepEqual([all.timers.pending, all.said], [0, []]);
});
