/** A connection that comes back, whatever became of the last one. */

import assert from "node:assert/strict";
import { CLOSE } from "../../../shared/control.ts";
import { ClockSync } from "../../../web/src/player/clock_sync.ts";
import { endingOf, Link, type LinkState } from "../../../web/src/player/link.ts";
import { NetworkMemory } from "../../../web/src/player/network_memory.ts";
import { LOOK_EVERY_MS } from "../../../web/src/player/climb.ts";
import { NO_WAY_MS } from "../../../web/src/player/network_memory.ts";
import { HEAD_START_MS } from "../../../web/src/player/race.ts";
import { FakeTimers, settled } from "./fake_timers.ts";
import { FakeTransport } from "./fake_transport.ts";

/** A link under test: what it said, and the ends of it. */
class Setting implements Disposable {
  readonly timers = new FakeTimers();
  readonly transport = new FakeTransport();
  readonly clock = new ClockSync();
  /** Another way, tried only by those who ask for it. */
  readonly other = new FakeTransport();
  readonly stop = new AbortController();
  readonly states: LinkState[] = [];
  /** What it told its owner, in order: where it stands, and what the relay said. */
  readonly told: string[] = [];
  readonly link: Link;
  media = 0;

  constructor(ways: "one way" | "two ways" = "one way") {
    const websocket = { name: "websocket", transport: this.transport, lastResort: false } as const;
    const webtransport = {
      name: "webtransport",
      transport: this.other,
      lastResort: false,
    } as const;
    this.link = new Link("https://relay.example/live/cam", {
      owner: {
        linkChanged: () => {
          const state = this.link?.state ?? { kind: "connecting", after: undefined };
          this.states.push(state);
          this.told.push(state.kind);
        },
        media: () => {
          this.media++;
          this.told.push("media");
        },
        control: ({ type }) => void this.told.push(type),
      },
      candidates: ways === "one way" ? [websocket] : [webtransport, websocket],
      clock: this.clock,
      memory: new NetworkMemory({ store: undefined, network: () => "" }),
      signal: this.stop.signal,
    });
  }

  /** The way in use. */
  get way(): string {
    const { state } = this.link;
    return state.kind === "open" ? state.transport : state.kind;
  }

  get kinds(): string[] {
    return this.states.splice(0).map(({ kind }) => kind);
  }

  async open(): Promise<void> {
    this.transport.last.open();
    await settled();
  }

  /** A camera of 25 pictures a second plays for `ms`, and the relay answers. */
  async play(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 40) {
      await this.timers.pass(40);
      this.transport.last.media();
      if (at % 1000 === 0) this.transport.last.pong();
    }
  }

  [Symbol.dispose](): void {
    this.stop.abort();
    this.timers[Symbol.dispose]();
  }
}

Deno.test("it connects at once, and passes on what comes", async () => {
  using all = new Setting();
  assert.equal(all.link.state.kind, "connecting");
  await all.open();
  assert.deepEqual([all.link.state.kind, all.link.opened], ["open", 1]);
  all.transport.last.media();
  assert.equal(all.media, 1);
});

Deno.test("what the relay says at once is heard after the news that there is a connection", async () => {
  using all = new Setting();
  const { last } = all.transport;
  last.open();
  last.say({ type: "offline", reason: "no such file: porch.ts" });
  last.media();
  await settled();
  assert.deepEqual(all.told, ["connecting", "open", "offline", "media"]);
});

Deno.test("a relay that stops: the first try is at once, the next ones are not", async () => {
  using all = new Setting();
  await all.open();
  await all.play(6000);
  all.transport.last.close(CLOSE.goingAway);
  await all.timers.pass(0);
  assert.equal(all.transport.attempts.length, 2);
  all.transport.last.fail();
  await settled();
  const { state } = all.link;
  assert.equal(state.kind, "waiting");
  assert.deepEqual([state.after?.attempt, state.after?.refused], [2, false]);
  const delayMs = (state.after?.retryAt ?? 0) - performance.now();
  assert.ok(delayMs >= 250 && delayMs <= 500, `${delayMs}`);
  await all.timers.pass(500);
  assert.equal(all.transport.attempts.length, 3);
});

Deno.test("how connections ended is remembered, whoever ended them", async () => {
  using all = new Setting();
  await all.open();
  await all.play(2000);
  all.transport.last.close(1001);
  await settled();
  await all.timers.pass(60_000);
  await all.open();
  all.link.renew("The decoder broke.");
  await settled();
  assert.deepEqual(all.link.ends, [
    "websocket, after 2.0 s: The relay has stopped. (1001)",
    "websocket, after 0.0 s: The decoder broke.",
  ]);
});

Deno.test("what went before is told until the next connection ends", async () => {
  using all = new Setting();
  await all.open();
  await all.play(6000);
  all.transport.last.close(CLOSE.goingAway);
  await all.timers.pass(0);
  await all.open();
  assert.equal(all.link.state.kind, "open");
  assert.equal(all.link.state.after?.reason, "The relay has stopped.");
});

Deno.test("a connection that held starts the delays anew, one that did not goes on", async () => {
  using all = new Setting();
  for (let i = 0; i < 3; i++) {
    await all.open();
    all.transport.last.close(1006);
    await all.timers.pass(5000);
  }
  assert.equal(all.link.state.after?.attempt, 3);
  await all.open();
  await all.play(6000);
  all.transport.last.close(1006);
  await settled();
  assert.equal(all.link.state.after?.attempt, 1);
});

Deno.test("a refusal is asked about again, but slowly", async () => {
  using all = new Setting();
  await all.open();
  all.transport.last.close(CLOSE.noSuchStream);
  await settled();
  assert.equal(all.link.state.after?.refused, true);
  await all.timers.pass(2000);
  assert.equal(all.transport.attempts.length, 1);
  await all.timers.pass(3000);
  assert.equal(all.transport.attempts.length, 2);
});

Deno.test("each way to end has its sentence", () => {
  for (const code of [...Object.values(CLOSE), 1006]) {
    assert.match(endingOf({ code, reason: "" }).reason, /^[A-Z].*\.$/);
  }
  assert.equal(endingOf({ code: 1011, reason: "Out of memory." }).reason, "Out of memory.");
});

Deno.test("a socket that is open and silent is given up", async () => {
  using all = new Setting();
  await all.open();
  await all.play(3000);
  await all.timers.pass(6000);
  assert.equal(all.transport.attempts[0]?.signal.aborted, true);
  assert.equal(all.transport.attempts.length, 2);
  assert.match(all.link.state.after?.reason ?? "", /No pictures|silent/);
});

Deno.test("a camera that is offline is waited for as long as the relay answers", async () => {
  using all = new Setting();
  await all.open();
  await all.play(3000);
  all.transport.last.say({ type: "offline", reason: "Gone." });
  for (let i = 0; i < 120; i++) {
    await all.timers.pass(500);
    all.transport.last.pong();
  }
  assert.equal(all.transport.attempts.length, 1);
});

Deno.test("a camera that came back and falls silent again is no longer offline", async () => {
  using all = new Setting();
  await all.open();
  all.transport.last.say({ type: "offline", reason: "Gone." });
  await all.play(3000);
  for (let i = 0; i < 10; i++) {
    all.transport.attempts[0]?.pong();
    await all.timers.pass(500);
  }
  assert.equal(all.transport.attempts.length, 2);
});

Deno.test("the clock of the last connection is not that of the next", async () => {
  using all = new Setting();
  await all.open();
  await all.play(2000);
  assert.notEqual(all.clock.originTime(0), null);
  all.link.renew("The decoder broke.");
  await all.timers.pass(0);
  await all.open();
  assert.equal(all.clock.originTime(0), null);
});

Deno.test("pings give the clock, several at first and then a few", async () => {
  using all = new Setting();
  await all.open();
  assert.equal(all.transport.last.sent.length, 1);
  await all.play(2000);
  assert.equal(all.transport.last.sent.length, 4);
  await all.play(10_000);
  const { length } = all.transport.last.sent;
  assert.ok(length >= 5 && length <= 7, `${length}`);
  assert.notEqual(all.clock.originTime(0), null);
});

Deno.test("a look that comes late judges nothing: what has arrived is heard first", async () => {
  using all = new Setting();
  await all.open();
  await all.play(3000);
  all.timers.sleep(60_000);
  await all.timers.pass(0);
  assert.equal(all.transport.last.signal.aborted, false);
  await all.play(2000);
  assert.equal(all.transport.attempts.length, 1);
});

Deno.test("woken, it tries at once", async () => {
  using all = new Setting();
  all.transport.last.fail();
  await all.timers.pass(0);
  all.transport.last.fail();
  await settled();
  assert.equal(all.link.state.kind, "waiting");
  all.link.wake();
  await settled();
  assert.deepEqual([all.link.state.kind, all.transport.attempts.length], ["connecting", 3]);
});

Deno.test("woken, it distrusts a silent connection and leaves a talking one alone", async () => {
  using all = new Setting();
  await all.open();
  await all.play(1000);
  all.link.wake();
  await all.timers.pass(0);
  assert.equal(all.transport.attempts.length, 1);
  all.timers.sleep(5000);
  all.link.wake();
  await all.timers.pass(0);
  assert.equal(all.transport.attempts.length, 2);
});

Deno.test("renewed for a reason of the page's own, it connects at once, as often as that is", async () => {
  using all = new Setting();
  for (let i = 1; i <= 4; i++) {
    await all.open();
    all.link.renew("The decoder broke.");
    await all.timers.pass(0);
    assert.equal(all.transport.attempts.length, i + 1);
  }
});

Deno.test("ended, it holds nothing and says nothing", async () => {
  for (const moment of ["connecting", "open", "waiting"]) {
    using all = new Setting();
    if (moment !== "connecting") await all.open();
    if (moment === "waiting") {
      all.transport.last.close(CLOSE.noSuchStream);
      await settled();
    }
    assert.equal(all.link.state.kind, moment);
    all.states.length = 0;
    all.stop.abort();
    await all.timers.pass(0);
    assert.equal(all.transport.last.signal.aborted || moment === "waiting", true, moment);
    assert.equal(all.timers.pending, 0, moment);
    await all.timers.pass(60_000);
    assert.deepEqual([all.transport.attempts.length, all.states], [1, []]);
  }
});

Deno.test("the better way has a head start; when it is silent the other is tried beside it, and wins", async () => {
  using all = new Setting("two ways");
  await settled();
  assert.equal(all.other.attempts.length, 1);
  assert.equal(all.transport.attempts.length, 0);
  await all.timers.pass(HEAD_START_MS + 1);
  assert.equal(all.transport.attempts.length, 1);
  await all.open();
  assert.equal(all.way, "websocket");
  assert.ok(all.other.last.signal.aborted, "the other is given up");
});

Deno.test("the better way fails: the other is tried at once, and first from then on", async () => {
  using all = new Setting("two ways");
  await settled();
  all.other.last.fail();
  await settled();
  await all.open();
  all.transport.last.close(1001);
  await all.timers.pass(1);
  assert.equal(all.transport.attempts.length, 2);
  assert.equal(all.other.attempts.length, 1, "it is not waited for again");
});

Deno.test("a way that falls silent in mid-view is left for the other", async () => {
  using all = new Setting("two ways");
  await settled();
  const silent = all.other.last;
  silent.open();
  await settled();
  assert.equal(all.way, "webtransport");
  await all.timers.pass(2_600);
  assert.ok(silent.signal.aborted);
  assert.equal(all.transport.attempts.length, 1, "the other way is first now");
  await all.open();
  assert.equal(all.way, "websocket");
});

Deno.test("a way without answers may be silent for as long as it says, and no longer", async () => {
  using all = new Setting("two ways");
  await settled();
  const slow = all.other.last;
  slow.open(3_000);
  await settled();
  for (let at = 0; at < 12_000; at += 2_500) {
    slow.media();
    await all.timers.pass(2_500);
    assert.equal(slow.signal.aborted, false, `${at} ms`);
  }
  await all.timers.pass(1_000);
  assert.ok(slow.signal.aborted);
});

Deno.test("the last resort waits long for the better ways, but not where they failed lately", async () => {
  for (const [lately, waitMs] of [["nothing", 4_000], ["websocket", HEAD_START_MS]] as const) {
    using timers = new FakeTimers();
    const [better, last] = [new FakeTransport(), new FakeTransport()];
    const memory = new NetworkMemory({ store: undefined, network: () => "" });
    memory.failed(lately, 60_000);
    const stop = new AbortController();
    new Link("https://relay.example/live/cam", {
      owner: { linkChanged: () => {}, media: () => {}, control: () => {} },
      candidates: [
        { name: "websocket", transport: better, lastResort: false },
        { name: "hls", transport: last, lastResort: true },
      ],
      clock: new ClockSync(),
      memory,
      signal: stop.signal,
    });
    await timers.pass(waitMs - 1);
    assert.deepEqual([better.attempts.length, last.attempts.length], [1, 0], lately);
    await timers.pass(1);
    assert.equal(last.attempts.length, 1, lately);
    stop.abort();
  }
});

Deno.test("a page that came to the last resort goes back to a better way, when that gets through", async () => {
  const { now } = Date;
  using timers = new FakeTimers();
  Date.now = () => 1_700_000_000_000 + performance.now();
  try {
    const [better, last] = [new FakeTransport(), new FakeTransport()];
    const stop = new AbortController();
    const link = new Link("https://relay.example/live/cam", {
      owner: { linkChanged: () => {}, media: () => {}, control: () => {} },
      candidates: [
        { name: "websocket", transport: better, lastResort: false },
        { name: "hls", transport: last, lastResort: true },
      ],
      clock: new ClockSync(),
      memory: new NetworkMemory({ store: undefined, network: () => "" }),
      signal: stop.signal,
    });
    const way = (): string => link.state.kind === "open" ? link.state.transport : link.state.kind;
    const watch = async (ms: number): Promise<void> => {
      for (let at = 0; at < ms; at += 1_000) {
        last.last.media();
        await timers.pass(1_000);
      }
    };
    await timers.pass(4_000); // the better way says nothing at all
    last.last.open();
    await settled();
    assert.equal(way(), "hls");
    await watch(NO_WAY_MS - 5_000);
    assert.equal(better.attempts.length, 1, "what did not get through is left alone for a while");
    await watch(2 * LOOK_EVERY_MS);
    assert.equal(better.attempts.length, 2, "and then tried, while the picture goes on");
    assert.equal(way(), "hls");
    better.last.fail();
    await watch(NO_WAY_MS + 2 * LOOK_EVERY_MS);
    assert.equal(better.attempts.length, 3);
    better.last.open();
    await timers.pass(1);
    assert.deepEqual([better.attempts.length, last.attempts.length], [4, 1]);
    assert.ok(last.last.signal.aborted);
    better.last.open();
    await settled();
    assert.equal(way(), "websocket");
    stop.abort();
    await settled();
    assert.equal(timers.pending, 0);
  } finally {
    Date.now = now;
  }
});
