/** The Medooze listener's buttons: for its own page and for programs, not for any page that a browser has open. */

import assert from "node:assert/strict";
import { OBS_OFFER } from "../../support/offers.ts";
import { RawClient } from "../../support/raw_client.ts";
import { TestRelay } from "../../support/relay.ts";

const BROWSER = "Accept-Language: en";

Deno.test("recording is begun and ended by its own page and by programs, not by an image on another's", async () => {
  await using relay = await TestRelay.start(["guest=push"], {}, "compat: {medooze: 127.0.0.1:0}");
  const { port } = new URL(relay.compatUrl("medooze"));
  const own = `http://127.0.0.1:${port}`;
  const cases: readonly (readonly [readonly string[], number])[] = [
    [[], 200], // curl
    [["Accept-Language: *", "Sec-Fetch-Mode: cors"], 200], // a program's fetch()
    [[BROWSER, `Referer: ${own}/`], 200], // the page, over http
    [[BROWSER, "Sec-Fetch-Site: same-origin"], 200], // the page, where browsers say so
    [[BROWSER, "Sec-Fetch-Site: cross-site"], 403],
    [[BROWSER, "Referer: http://elsewhere.example/"], 403], // an image on another's, over http
    [[BROWSER], 403], // the same, with a policy of no referrer
    [[BROWSER, "Origin: http://elsewhere.example"], 403],
  ];
  for (const [headers, status] of cases) {
    for (const path of ["/gstreamer-start", "/ffmpeg-stop"]) {
      using client = await RawClient.request(Number(port), `GET ${path} HTTP/1.1`, [
        ...headers,
        "Connection: close",
      ]);
      await client.until((text) => text.includes("\r\n"));
      const [line = ""] = new TextDecoder().decode(client.received).split("\r\n");
      assert.match(line, new RegExp(`^HTTP/1.1 ${status} `), `${path} ${headers.join(", ")}`);
    }
  }
});

Deno.test("an offer that lacks something is the offer's fault, and the next one is answered", async () => {
  await using relay = await TestRelay.start(["guest=push"], {}, "compat: {medooze: 127.0.0.1:0}");
  const connect = (body: string): Promise<Response> =>
    fetch(`${relay.compatUrl("medooze")}/connect`, { method: "POST", body });
  const broken = await connect(OBS_OFFER.replace(/a=mid:.*\r?\n/g, ""));
  assert.match(await broken.text(), /^The offer cannot be answered: /);
  assert.equal(broken.status, 406);
  const answer = await connect(OBS_OFFER);
  assert.equal((await answer.json()).type, "answer");
});
