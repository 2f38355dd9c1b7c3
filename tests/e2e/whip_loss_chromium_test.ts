/**
 * Chromium publishes by WHIP over networks that lose one packet in fifty, and one in twenty, of what it sends, retransmissions
 * too: what is missing is asked for again, pictures go on, and none that is damaged is ever sent to viewers.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { StreamInfo } from "../../shared/api.ts";
import type { Browser } from "../support/browsers/browser.ts";
import { launchChromium } from "../support/browsers/chromium.ts";
import { impairUdp } from "../support/impairment_udp.ts";
import { judgeReceived } from "../support/judge_received.ts";
import { RelayProcess } from "../support/relay_process.ts";
import { Viewer } from "../support/viewer.ts";
import { publishScript } from "../support/whip_page.ts";
import { freeUdpPort } from "../support/ports.ts";

/** Pictures to be seen. */
const PICTURES = 150;
/** A way of 40 ms, there and back. */
const DELAY_MS = 40;

/** What the publisher's browser says that it was asked for. */
const ASKED = `window.connection.getStats().then((stats) => [...stats.values()]
  .filter(({ type, kind }) => type === "outbound-rtp" && kind === "video")
  .map(({ nackCount, retransmittedPacketsSent }) => ({ nackCount, retransmittedPacketsSent }))[0])`;

async function publishThrough(
  { browser, relay, port, loss, seed }: {
    readonly browser: Browser;
    readonly relay: RelayProcess;
    /** Of the relay's, UDP. */
    readonly port: number;
    readonly loss: number;
    readonly seed: number;
  },
): Promise<void> {
  const name = `lossy${loss * 100}`;
  await using network = impairUdp(
    port,
    { loss, seed, delayMs: DELAY_MS },
    { from: "clients", hostname: "0.0.0.0" },
  );
  await using page = await browser.open(`${relay.url}/`);
  const answer = await page.evaluate<{ status: number; text: string }>(
    publishScript({ name, what: "clock", by: `127.0.0.1 ${network.port}` }),
  );
  assert.equal(answer.status, 201, answer.text);
  await using viewer = await Viewer.open(`${relay.url}/live/${name}`);
  // A busy browser sends smaller pictures, which begin another generation; one of them is judged.
  const most = (): number =>
    Math.max(...[...Map.groupBy(viewer.media, ({ generation }) => generation).values()]
      .map((messages) => messages.flatMap(({ fragments }) => fragments).length));
  await viewer.until(() => viewer.media.length > PICTURES && most() > PICTURES / 2, {
    what: `pictures through a network that loses ${loss * 100} %`,
  });
  const { pictures, codecs } = await judgeReceived(viewer);
  assert.ok(pictures > PICTURES / 2, `${pictures} pictures`);
  assert.deepEqual(codecs, ["h264"]);
  const asked = await page.evaluate<{ nackCount: number; retransmittedPacketsSent: number }>(ASKED);
  assert.ok(network.path.lost > 5, `${network.path.lost} of ${network.path.sent} were lost`);
  assert.ok(asked.nackCount > 0, "packets are asked for again");
  assert.ok(asked.retransmittedPacketsSent > 0, "packets are sent again");
  const { counters } = await (await fetch(`${relay.url}/api/streams/${name}`)).json() as StreamInfo;
  // A machine that stands still gives up the odd packet; without asking, nearly all that the network lost would be missing.
  assert.ok(
    counters.packetsLost <= network.path.lost / 4,
    `${counters.packetsLost} missing of ${network.path.lost} that were lost`,
  );
  assert.equal(counters.unreadable, 0);
}

Deno.test("lost packets are asked for again: no damage shows, and pictures go on", async () => {
  const port = freeUdpPort();
  await using relay = await RelayProcess.start({
    args: ["--open", "publish", "--webrtc-port", `${port}`],
  });
  await using browser = await launchChromium();
  await Promise.all([
    publishThrough({ browser, relay, port, loss: 0.02, seed: 1 }),
    publishThrough({ browser, relay, port, loss: 0.05, seed: 2 }),
  ]);
});
