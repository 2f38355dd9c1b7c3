/** WHIP requests that fail: the relay's faults stand in its log, senders that leave do not. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Log } from "../../../../relay/log.ts";
import { openWhip } from "../../../../relay/publish/whip/mod.ts";
import { Sessions } from "../../../../relay/publish/whip/sessions.ts";
import { Streams } from "../../../../relay/streams/streams.ts";
import { OBS_OFFER } from "../../../support/offers.ts";
import { until } from "../../../support/relay.ts";

/** Never answers an offer, for it breaks. */
class BrokenSessions extends Sessions {
  override begin(): Promise<never> {
    return Promise.reject(new Error("something of ours"));
  }
}

Deno.test("a WHIP request that fails is logged; one whose sender has left is only told to who looks for it", async () => {
  const lines: string[] = [];
  const log = new Log({ level: "debug", format: "text", write: (line) => lines.push(line) });
  await using streams = new Streams(log);
  const sessions = new BrokenSessions({ port: 0, outside: undefined, log });
  const whip = openWhip({
    ...{ streams, open: "all", outside: undefined, self: "rill" },
    ...{ sessions, base: "/", iceServers: [], log },
  });
  const server = createServer((request, response) => {
    whip.request({ request, response, name: "cam", query: new URLSearchParams() });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const socket = connect(port, "127.0.0.1");
    socket.write(
      "POST /whip/cam HTTP/1.1\r\nhost: x\r\ncontent-type: application/sdp\r\ncontent-length: 99\r\n\r\nv=0",
      () => setTimeout(() => socket.destroy(), 100),
    );
    await until(() => lines.some((line) => line.includes("broke off")), { what: "the first" });
    assert.ok(!lines.some((line) => /error/i.test(line)), lines.join("\n"));
    const headers = { "content-type": "application/sdp" };
    const body = OBS_OFFER;
    await assert.rejects(
      fetch(`http://127.0.0.1:${port}/whip/cam`, { method: "POST", headers, body }),
    );
    const found = lines.find((line) => line.includes("a WHIP request failed: something of ours"));
    assert.match(found ?? "", /error/i);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    whip.close();
  }
});
