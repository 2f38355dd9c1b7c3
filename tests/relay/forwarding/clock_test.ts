/** The origin's clock across a relay that is published to: asked for where there is one to ask, and passed on. */

import assert from "node:assert/strict";
import { TestRelay, until } from "../../support/relay.ts";
import { Viewer } from "../../support/viewer.ts";

/** An hour, µs: that clock is wrong by as much, and stays it. */
const AHEAD = 3_600_000_000;
/** One clock read in two threads, rounded in each. */
const SLACK_US = 10_000;

/** Another relay's stream handed on as a publisher would, whose clock is an hour ahead of this machine's. */
class Ahead implements AsyncDisposable {
  readonly #from: WebSocket;
  readonly #to: WebSocket;
  /** Messages that the receiving relay sent. */
  readonly asked: string[] = [];

  constructor(
    { from, to, words }: {
      readonly from: TestRelay;
      readonly to: TestRelay;
      /** Whether it says that it is a relay. */
      readonly words: boolean;
    },
  ) {
    const at = (relay: TestRelay, path: string): WebSocket => {
      const socket = new WebSocket(`${relay.url.replace("http", "ws")}${path}`);
      socket.binaryType = "arraybuffer";
      return socket;
    };
    this.#to = at(to, "/publish/out");
    this.#from = at(from, "/live/cam/ws");
    const opened = new Promise((resolve) => this.#to.onopen = resolve);
    this.#from.onmessage = async ({ data }) => {
      await opened;
      if (typeof data !== "string" || words) this.#to.send(data);
    };
    this.#to.onmessage = ({ data }) => {
      this.asked.push(String(data));
      const { id } = JSON.parse(String(data));
      const t = (performance.timeOrigin + performance.now()) * 1000 + AHEAD;
      this.#to.send(JSON.stringify({ type: "pong", id, t }));
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [this.#from, this.#to]) {
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
    }
  }
}

/** What somebody who joins now is told of the clock, once it is known; a busy machine may need more than one question. */
async function toldClock(relay: TestRelay): Promise<{ readonly errorUs: number }> {
  await until(() => (relay.hub("out").segment?.clockError ?? 0) > 0, {
    what: "the clock",
  });
  await using viewer = await Viewer.open(`${relay.url}/live/out`);
  const message = await viewer.until(() => viewer.control.find(({ type }) => type === "stream"), {
    what: "a word on the stream",
  });
  assert.ok(message?.type === "stream");
  return message.clock;
}

Deno.test("a relay that publishes is asked for its clock, and its viewers there are told that one", async () => {
  await using from = await TestRelay.start(["cam=demo"]);
  await using to = await TestRelay.start(["--open", "publish", "out=push"]);
  await using viewer = await Viewer.open(`${to.url}/live/out`);
  await using publisher = new Ahead({ from, to, words: true });
  await until(() => viewer.media.length > 5, { what: "pictures" });
  const { errorUs } = await toldClock(to);
  const { clockOffset } = to.hub("out").segment ?? assert.fail("no segment");
  // An answer is half of its way off at most, and says so.
  assert.ok(
    errorUs > 0 && Math.abs(clockOffset - AHEAD) <= errorUs + SLACK_US,
    `${clockOffset} ± ${errorUs} µs`,
  );
  await until(() => publisher.asked.length > 2, { what: "more questions" });
});

Deno.test("a publisher that does not say it is a relay is asked nothing, and is not waited for", async () => {
  await using from = await TestRelay.start(["cam=demo"]);
  await using to = await TestRelay.start(["--open", "publish", "out=push"]);
  await using viewer = await Viewer.open(`${to.url}/live/out`);
  await using publisher = new Ahead({ from, to, words: false });
  await until(() => viewer.media.length > 5, { what: "pictures" });
  assert.deepEqual(publisher.asked, []);
});

Deno.test("what is forwarded keeps its capture times, and the far relay knows how true they are", async () => {
  await using to = await TestRelay.start(["--open", "publish", "out=push"]);
  await using from = await TestRelay.start([
    ...["--forward", `ws://127.0.0.1:${to.port}/publish/out`, "cam=demo"],
  ]);
  await using here = await Viewer.open(`${from.url}/live/cam`);
  await using there = await Viewer.open(`${to.url}/live/out`);
  const captures = ({ media }: Viewer): number[] =>
    media.flatMap(({ fragments }) => fragments.flatMap(({ capture }) => capture?.time ?? []));
  const common = (): number => {
    const ours = new Set(captures(here));
    return captures(there).filter((time) => ours.has(time)).length;
  };
  await until(() => common() > 20, { what: "pictures with the same times" });
  const { errorUs } = await toldClock(to);
  const { clockOffset } = to.hub("out").segment ?? assert.fail("no segment");
  assert.ok(
    errorUs > 0 && Math.abs(clockOffset) <= errorUs + SLACK_US,
    `${clockOffset} ± ${errorUs} µs`,
  );
});
