/** Telling a camera through the API: who may, and what comes back. */

import assert from "node:assert/strict";
import { concatBytes } from "../../shared/bytes.ts";
import type { Problem, StreamInfo } from "../../shared/api.ts";
import { GoProCamera } from "../support/gopro_camera.ts";
import { goProGroups } from "../support/gopro_datagrams.ts";
import { hero4 } from "../support/gopro_firmware.ts";
import { TestRelay, until } from "../support/relay.ts";
import { freeUdpPort } from "../support/ports.ts";

interface Told {
  readonly status: number;
  readonly body: StreamInfo & Problem;
}

async function tell(
  relay: TestRelay,
  { name = "hero", body = '{"on":true}', headers = {} }: {
    readonly name?: string;
    readonly body?: string;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Told> {
  const response = await fetch(`${relay.url}/api/streams/${name}/camera/shutter`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: response.status, body: await response.json() };
}

function camera(): GoProCamera {
  const capture = concatBytes(goProGroups(12, 33));
  return GoProCamera.on({ firmware: hero4, capture, streamPort: freeUdpPort(), repeat: true });
}

Deno.test("the shutter by the API: pressed, released, and the status says so", async () => {
  await using hero = camera();
  await using relay = await TestRelay.start(["--open", "all", `hero=${hero.source}`]);
  await hero.until(({ starts }) => starts > 0);
  await until(() => relay.log.some((line) => line.includes("preview of the HERO4")), {
    what: "the preview",
  });
  const pressed = await tell(relay);
  assert.equal(pressed.status, 200, pressed.body.detail);
  assert.equal(pressed.body.camera?.shutter, true, "it says that it can be told");
  await until(() => hero.status["10"] === 1, { what: "a camera that records" });
  const released = await tell(relay, { body: '{"on":false}' });
  assert.equal(released.status, 200, released.body.detail);
  assert.equal(hero.status["10"], 0);
});

Deno.test("who may not, and what makes no sense, is told so and reaches no camera", async () => {
  await using hero = camera();
  const told = (): boolean => hero.requests.some((path) => path.includes("shutter"));
  {
    await using closed = await TestRelay.start([`hero=${hero.source}`]);
    const refused = await tell(closed);
    assert.deepEqual([refused.status, refused.body.type], [403, "/problems/not-allowed"]);
  }
  await using relay = await TestRelay.start([
    ...["--open", "all", `hero=${hero.source}`],
    `idle=udp://127.0.0.1:${freeUdpPort()}`,
  ]);
  const foreign = await tell(relay, { headers: { origin: "https://evil.example" } });
  assert.deepEqual([foreign.status, foreign.body.type], [403, "/problems/from-elsewhere"]);
  assert.equal((await tell(relay, { name: "none" })).status, 404);
  for (
    const [body, status, field] of [
      ["", 400, undefined],
      ["[]", 400, undefined],
      ["{}", 400, "on"],
      ['{"on":1}', 400, "on"],
      ['{"on":true,"off":1}', 400, "off"],
      ["x".repeat(2000), 400, undefined],
      ["x".repeat(70_000), 413, undefined],
    ] as const
  ) {
    const bad = await tell(relay, { body });
    assert.deepEqual([bad.status, bad.body.field], [status, field], body.slice(0, 20));
  }
  const mute = await tell(relay, { name: "idle" });
  assert.deepEqual([mute.status, mute.body.detail], [409, "This source cannot be told anything."]);
  assert.equal(told(), false);
});
