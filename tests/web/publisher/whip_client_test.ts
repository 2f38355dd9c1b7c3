/** How a WHIP session fails to begin: always as something that the page can tell. */

import assert from "node:assert/strict";
import {
  mayPublish,
  publish,
  Refused,
  Unreachable,
} from "../../../web/src/publisher/whip_client.ts";

/** A connection that has nothing to send, and takes no answer. */
class StubbornConnection extends EventTarget {
  readonly iceGatheringState = "complete";
  readonly localDescription = { sdp: "v=0" };
  isClosed = false;

  setLocalDescription(): Promise<void> {
    return Promise.resolve();
  }

  setRemoteDescription(): Promise<void> {
    return Promise.reject(new DOMException("The answer is odd.", "InvalidAccessError"));
  }

  close(): void {
    this.isClosed = true;
  }
}

/** @param after called when it has not begun. */
async function publishTo(
  answer: () => Response | Promise<Response>,
  after: () => void = () => {},
): Promise<never> {
  const made: StubbornConnection[] = [];
  class Connection extends StubbornConnection {
    constructor() {
      super();
      made.push(this);
    }
  }
  Object.assign(globalThis, { RTCPeerConnection: Connection });
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen(): void {} }, answer);
  const media: Pick<MediaStream, "getTracks"> = { getTracks: () => [] };
  const { signal } = new AbortController();
  try {
    const url = `http://127.0.0.1:${server.addr.port}/whip/cam`;
    await publish({ url, media: media as MediaStream, signal });
  } finally {
    after();
    Reflect.deleteProperty(globalThis, "RTCPeerConnection");
    assert.deepEqual(made.map(({ isClosed }) => isClosed), [true]);
  }
  assert.fail("it began");
}

Deno.test("what the browser does not take is told in its words", async () => {
  await assert.rejects(
    publishTo(() => new Response("v=0", { status: 201 })),
    (error) => error instanceof Refused && /cannot begin: The answer is odd\.$/.test(error.message),
  );
});

Deno.test("an answer that breaks off is none", async () => {
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
  await assert.rejects(publishTo(() => new Response(broken, { status: 201 })), Unreachable);
});

Deno.test("an answer that does not come is not waited for without end", async () => {
  const { timeout } = AbortSignal;
  const limits: number[] = [];
  AbortSignal.timeout = (ms): AbortSignal => {
    limits.push(ms);
    return timeout.call(AbortSignal, 50);
  };
  const silence = Promise.withResolvers<Response>();
  try {
    await assert.rejects(
      publishTo(() => silence.promise, () => silence.resolve(new Response())),
      (error) => error instanceof Unreachable && /does not answer/.test(error.message),
    );
  } finally {
    AbortSignal.timeout = timeout;
  }
  assert.ok(limits.some((ms) => ms >= 5_000 && ms <= 30_000), `${limits}`);
});

Deno.test("whether the relay takes sessions at all is asked of it; where it does not say, it is found out by trying", async () => {
  const asked = async (headers: Record<string, string>): Promise<boolean> => {
    const answer = (): Response => new Response(null, { headers });
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen(): void {} },
      answer,
    );
    const { signal } = new AbortController();
    return await mayPublish(`http://127.0.0.1:${server.addr.port}/whip/cam`, signal);
  };
  assert.equal(await asked({ allow: "OPTIONS, POST" }), true);
  assert.equal(await asked({ allow: "OPTIONS" }), false);
  assert.equal(await asked({}), true);
  assert.equal(await mayPublish("http://127.0.0.1:1/whip/cam", new AbortController().signal), true);
});
