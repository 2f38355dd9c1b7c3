/** An isolate with peer connections that hangs: its publishers are told, the next finds another; one that is quiet goes on. */

import assert from "node:assert/strict";
import { Log } from "../../../../relay/log.ts";
import { type AcceptedOffer, readOffer } from "../../../../relay/publish/whip/offer.ts";
import { Peers } from "../../../../relay/publish/whip/peers.ts";
import { OBS_OFFER } from "../../../support/offers.ts";
import { until } from "../../../support/relay.ts";
import { freeUdpPort } from "../../../support/ports.ts";

const HANGING = new URL("../../../support/hanging_peers_worker.ts", import.meta.url);
const MUTE = new URL("../../../support/mute_peers_worker.ts", import.meta.url);
const ACCEPTED = readOffer(OBS_OFFER) as AcceptedOffer;
/** Of looking after it; the isolate speaks once a second. */
const OFTEN_MS = 150;
const SELDOM_MS = 1_500;

Deno.test("an isolate that hangs is ended with its publishers, and another one takes the next, at a port that is told", async () => {
  const lines: string[] = [];
  const log = new Log({ level: "info", format: "text", write: (line) => void lines.push(line) });
  const port = freeUdpPort();
  const peers = new Peers({ port, outside: undefined, log, code: HANGING, lookMs: OFTEN_MS });
  try {
    for (const id of ["one", "two"]) {
      const { promise: ended, resolve } = Promise.withResolvers<string>();
      const owner = { media: () => undefined, ended: resolve };
      assert.deepEqual(await peers.answer({ id, sdp: OBS_OFFER, accepted: ACCEPTED }, owner), {
        sdp: "v=0",
      });
      assert.match(await ended, /^the WebRTC part of the relay hangs and is started anew/);
      assert.equal(peers.size, 0);
    }
    const said = lines.join("\n");
    assert.equal(lines.filter((line) => line.includes("part of the relay hangs")).length, 2, said);
    const [first, second, ...more] = [...said.matchAll(/publishers come in on UDP port (\d+)/g)]
      .map((match) => match[1]);
    assert.deepEqual([first, more], [`${port}`, []]);
    assert.notEqual(second, first);
    assert.match(
      said,
      new RegExp(`keeps UDP port ${port} until .* come in on ${second} meanwhile`),
    );
  } finally {
    peers.close();
  }
});

Deno.test("a publisher that waits for an answer is told why it gets none", async () => {
  const log = new Log({ level: "error", format: "text", write: () => undefined });
  const port = freeUdpPort();
  const peers = new Peers({ port, outside: undefined, log, code: HANGING, lookMs: OFTEN_MS });
  try {
    const owner = { media: () => undefined, ended: () => undefined };
    const offer = { sdp: OBS_OFFER, accepted: ACCEPTED };
    const [, second] = await Promise.all(
      ["one", "two"].map((id) => peers.answer({ id, ...offer }, owner)),
    );
    assert.ok(second && "problem" in second);
    assert.match(second.problem, /^The WebRTC part of the relay hangs .*publish again\.$/);
  } finally {
    peers.close();
  }
});

Deno.test("an isolate that never begins is given up too: whoever waits is told, and the next finds another", async () => {
  const log = new Log({ level: "error", format: "text", write: () => undefined });
  const peers = new Peers({ port: 0, outside: undefined, log, code: MUTE, beginMs: OFTEN_MS });
  try {
    for (const id of ["one", "two"]) {
      const owner = { media: () => undefined, ended: () => undefined };
      const answer = await peers.answer({ id, sdp: OBS_OFFER, accepted: ACCEPTED }, owner);
      assert.ok("problem" in answer);
      assert.match(answer.problem, /^The WebRTC part of the relay hangs .*publish again\.$/);
    }
  } finally {
    peers.close();
  }
});

Deno.test("an isolate whose publishers send nothing does not hang", async () => {
  const lines: string[] = [];
  const log = new Log({ level: "info", format: "text", write: (line) => void lines.push(line) });
  const peers = new Peers({ port: 0, outside: undefined, log, lookMs: SELDOM_MS });
  try {
    const owner = { media: () => undefined, ended: () => undefined };
    const answer = await peers.answer({ id: "one", sdp: OBS_OFFER, accepted: ACCEPTED }, owner);
    assert.ok("sdp" in answer);
    await until(() => lines.some((line) => line.includes("UDP port")), { what: "an open port" });
    await new Promise((resolve) => setTimeout(resolve, 5 * SELDOM_MS));
    assert.deepEqual(lines.filter((line) => line.includes("hangs")), []);
  } finally {
    peers.close();
  }
});
