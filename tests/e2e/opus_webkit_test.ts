/** Opus for a browser that is said to play it and does not: WebKit is given AAC, with the same pictures. */

import { join } from "node:path";
import { DESKTOP } from "../support/browsers/browser.ts";
import { launchWebkit } from "../support/browsers/webkit.ts";
import { makeTransportStream } from "../support/clips.ts";
import { untilStats } from "../support/player_page.ts";
import { RelayProcess } from "../support/relay_process.ts";

Deno.test("webkit: a stream with Opus is watched in AAC", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-opus-" });
  try {
    const clip = join(folder, "clip.ts");
    await makeTransportStream(clip, { seconds: 6, sound: "opus" });
    await using relay = await RelayProcess.start({ args: [`cam=file:${clip}?loop`] });
    await using browser = await launchWebkit({ autoplay: true });
    await using page = await browser.open(`${relay.url}/live/cam`, { viewport: DESKTOP });
    await untilStats(page, {
      what: "pictures and AAC",
      accept: ({ state, framesShown, codec }) =>
        state === "playing" && framesShown > 25 && codec.endsWith("mp4a.40.2"),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
