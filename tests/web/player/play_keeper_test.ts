/** Playing on: autoplay rules, pauses, taps. */

import assert from "node:assert/strict";
import { type KeptVideo, PlayKeeper } from "../../../web/src/player/play_keeper.ts";
import { settled } from "./fake_timers.ts";

class FakeDocument extends EventTarget {
  visibilityState = "visible";

  show(visibilityState: "visible" | "hidden"): void {
    this.visibilityState = visibilityState;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

class FakeVideo extends EventTarget implements KeptVideo {
  readonly ownerDocument = new FakeDocument();
  paused = true;
  muted = false;
  readyState = 4;
  allowed: "anything" | "silent" | "nothing" = "anything";
  tries = 0;
  tells: "at once" | "later" = "at once";

  play(): Promise<void> {
    this.tries += 1;
    if (this.allowed === "nothing" || (this.allowed === "silent" && !this.muted)) {
      return Promise.reject(new DOMException("", "NotAllowedError"));
    }
    this.paused = false;
    this.dispatchEvent(new Event("play"));
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
    if (this.tells === "at once") this.dispatchEvent(new Event("pause"));
  }
}

class Setting implements Disposable {
  readonly video = new FakeVideo();
  readonly stop = new AbortController();
  readonly said: string[] = [];
  readonly keeper: PlayKeeper;
  #now = 0;

  constructor(readonly rests = false) {
    this.keeper = new PlayKeeper(this.video, {
      owner: {
        playChanged: () => this.said.push("changed"),
        resumed: () => this.said.push("resumed"),
        restsUnseen: this.rests,
      },
      signal: this.stop.signal,
    });
  }

  /** A look a second later. */
  async keep(): Promise<void> {
    this.#now += 1000;
    this.keeper.keep(this.#now);
    await settled();
  }

  [Symbol.dispose](): void {
    this.stop.abort();
  }
}

Deno.test("it plays, and then leaves the element alone", async () => {
  using all = new Setting();
  await all.keep();
  await all.keep();
  assert.deepEqual([all.video.paused, all.video.muted, all.video.tries], [false, false, 1]);
});

Deno.test("sound refused: it plays silently, and a tap does not force the sound back", async () => {
  using all = new Setting();
  all.video.allowed = "silent";
  await all.keep();
  assert.deepEqual([all.video.paused, all.video.muted, all.keeper.blocked], [false, true, false]);
  all.video.allowed = "anything";
  all.keeper.gesture();
  await settled();
  assert.equal(all.video.muted, true, "the page's own button decides");
});

Deno.test("everything refused: blocked, until a tap, which gives the sound back too", async () => {
  using all = new Setting();
  all.video.allowed = "nothing";
  await all.keep();
  assert.deepEqual([all.keeper.blocked, all.said], [true, ["changed"]]);
  await all.keep();
  assert.equal(all.video.tries, 2, "it does not go on asking");
  all.video.allowed = "anything";
  all.keeper.gesture();
  await settled();
  assert.deepEqual([all.keeper.blocked, all.video.paused, all.video.muted], [false, false, false]);
});

Deno.test("blocked and never wanted sound: a tap plays silently", async () => {
  using all = new Setting();
  all.video.muted = true;
  all.video.allowed = "nothing";
  await all.keep();
  all.video.allowed = "anything";
  all.keeper.gesture();
  await settled();
  assert.deepEqual([all.video.paused, all.video.muted], [false, true]);
});

for (const event of ["canplay", "visibilitychange"]) {
  Deno.test(`blocked, it asks again on ${event}`, async () => {
    using all = new Setting();
    all.video.allowed = "nothing";
    await all.keep();
    all.video.allowed = "silent";
    const target = event === "canplay" ? all.video : all.video.ownerDocument;
    target.dispatchEvent(new Event(event));
    await settled();
    assert.deepEqual([all.keeper.blocked, all.video.paused], [false, false]);
  });
}

Deno.test("paused by its user it stays paused, and says when it is played on", async () => {
  using all = new Setting();
  await all.keep();
  all.video.pause();
  assert.notEqual(all.keeper.pausedAt, undefined);
  await all.keep();
  assert.equal(all.video.paused, true);
  all.keeper.gesture();
  await settled();
  assert.deepEqual(all.said, ["changed", "resumed"]);
  assert.equal(all.keeper.pausedAt, undefined);
});

Deno.test("paused by the browser out of sight, it plays on when seen", async () => {
  using all = new Setting();
  await all.keep();
  all.video.ownerDocument.show("hidden");
  all.video.pause();
  assert.equal(all.keeper.pausedAt, undefined);
  await all.keep();
  assert.equal(all.video.paused, true, "not while out of sight");
  all.video.ownerDocument.show("visible");
  await all.keep();
  assert.equal(all.video.paused, false);
});

Deno.test("what is to rest out of sight is paused, which is nobody's wish, and plays on when seen", async () => {
  using all = new Setting(true);
  await all.keep();
  all.video.ownerDocument.show("hidden");
  assert.deepEqual([all.video.paused, all.keeper.pausedAt], [true, undefined]);
  all.video.ownerDocument.show("visible");
  await settled();
  assert.equal(all.video.paused, false);
});

Deno.test("seen again before the pause is told: still nobody's wish", async () => {
  using all = new Setting(true);
  await all.keep();
  all.video.tells = "later";
  all.video.ownerDocument.show("hidden");
  all.video.ownerDocument.show("visible");
  all.video.dispatchEvent(new Event("pause"));
  assert.equal(all.keeper.pausedAt, undefined);
  await settled();
  assert.equal(all.video.paused, false);
});

Deno.test("out of its own window and out of sight it rests", async () => {
  using all = new Setting(true);
  await all.keep();
  all.video.ownerDocument.visibilityState = "hidden";
  all.video.dispatchEvent(new Event("leavepictureinpicture"));
  assert.equal(all.video.paused, true);
});

Deno.test("what need not rest out of sight plays on", async () => {
  using all = new Setting();
  await all.keep();
  all.video.ownerDocument.show("hidden");
  assert.equal(all.video.paused, false);
});

Deno.test("paused because its source went is nobody's wish", async () => {
  using all = new Setting();
  await all.keep();
  all.video.readyState = 0;
  all.video.pause();
  await all.keep();
  assert.equal(all.video.paused, false);
});

Deno.test("interrupted by a new source, it tries again a second later", async () => {
  using all = new Setting();
  const play = all.video.play;
  all.video.play = (): Promise<void> => Promise.reject(new DOMException("", "AbortError"));
  await all.keep();
  all.video.play = play;
  assert.equal(all.keeper.blocked, false);
  await all.keep();
  assert.equal(all.video.paused, false);
});
