/** WHIP's HTTP side over a real socket, RFC 9725: sessions, conditions, refusals. */

import assert from "node:assert/strict";
import type { Problem } from "../../../../shared/api.ts";
import { askUntil } from "../../../support/ask.ts";
import {
  BROWSER_OFFER,
  GSTREAMER_OFFER,
  OBS_OFFER,
  WITHOUT_H264,
} from "../../../support/offers.ts";
import { TestRelay } from "../../../support/relay.ts";

const SDP = { "content-type": "application/sdp" };
const TRICKLE = "application/trickle-ice-sdpfrag";

/** Asks as publishers do: again, where a busy machine could not answer in time. */
function post(
  relay: TestRelay,
  path: string,
  { sdp = OBS_OFFER, headers = SDP }: { sdp?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  return askUntil(
    () => fetch(`${relay.url}${path}`, { method: "POST", body: sdp, headers }),
    { accept: ({ status }) => status !== 503, what: "an answer" },
  );
}

async function problemOf(response: Response, status: number): Promise<Problem> {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const problem = await response.json() as Problem;
  assert.equal(response.status, status, problem.detail);
  return problem;
}

Deno.test("WHIP: an OBS offer is answered; its session is ended by DELETE", async () => {
  await using relay = await TestRelay.start([
    ...["--open", "publish", "--url", "http://127.0.0.1/rill/"],
    ...["--ice-servers", "stun:stun.example.org,turn:ann:secret@turn.example.org", "demo"],
  ]);
  const response = await post(relay, "/whip/studio/one", {
    headers: { ...SDP, authorization: "Bearer of-no-meaning-yet" },
  });
  const answer = await response.text();
  assert.equal(response.status, 201, answer);
  assert.equal(response.headers.get("content-type"), "application/sdp");
  assert.match(response.headers.get("etag") ?? "", /^"\w+"$/);
  assert.match(response.headers.get("link") ?? "", /<turn:turn\.example\.org>; rel="ice-server"/);
  assert.equal(response.headers.get("accept-patch"), TRICKLE);
  const location = response.headers.get("location") ?? "";
  assert.match(location, /^\/rill\/whip\/studio\/one\?session=/);
  assert.equal(answer.match(/^m=/gm)?.length, 2);
  assert.match(answer, /m=video 9 UDP\/TLS\/RTP\/SAVPF 96\r\n/);
  assert.match(answer, /a=ice-lite\r\n/);
  assert.match(answer, /a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 \d+ typ host/);
  assert.equal(answer.match(/a=recvonly/g)?.length, 2);
  const ports = new Set(answer.match(/(?<= udp \d+ [\d.]+ )\d+(?= typ host)/g));
  assert.equal(ports.size, 1, "one port");
  assert.ok(relay.names.includes("studio/one"));

  const session = relay.url + location.replace("/rill", "");
  const wrong = await fetch(session.replace(/.$/, "x"), { method: "DELETE" });
  await problemOf(wrong, 404);
  const ended = await fetch(session, { method: "DELETE" });
  assert.equal(ended.status, 200);
  await ended.body?.cancel();
  await problemOf(await fetch(session, { method: "DELETE" }), 404);
  assert.equal(relay.stream("studio/one").isPublished, false);
});

Deno.test("WHIP: GStreamer's offer is answered with its picture and its sound", async () => {
  await using relay = await TestRelay.start(["--open", "publish", "demo"]);
  const response = await post(relay, "/whip/cam", { sdp: GSTREAMER_OFFER });
  const answer = await response.text();
  assert.equal(response.status, 201, answer);
  assert.deepEqual(answer.match(/^m=.*(?= UDP)/gm), ["m=video 9", "m=audio 9"]);
  assert.equal(answer.match(/a=recvonly/g)?.length, 2);
});

Deno.test("WHIP: one publisher a name, unless another takes its place; the port is shared", async () => {
  await using relay = await TestRelay.start(["--open", "publish", "demo"]);
  const first = await post(relay, "/whip/cam");
  const one = await first.text();
  assert.equal(first.status, 201);
  const problem = await problemOf(await post(relay, "/whip/cam"), 409);
  assert.match(problem.detail, /\?replace=1/);
  const second = await post(relay, "/whip/cam?replace=1", { sdp: BROWSER_OFFER });
  const other = await second.text();
  assert.equal(second.status, 201);
  const old = relay.url + first.headers.get("location");
  await problemOf(await fetch(old, { method: "DELETE" }), 404);
  const portOf = (sdp: string): string | undefined => /(\d+) typ host/.exec(sdp)?.[1];
  assert.equal(portOf(one), portOf(other));
  await problemOf(await post(relay, "/whip/demo"), 409);
});

Deno.test("WHIP: trickled candidates are taken under their conditions", async () => {
  await using relay = await TestRelay.start(["--open", "publish", "demo"]);
  const response = await post(relay, "/whip/cam");
  await response.body?.cancel();
  const session = relay.url + response.headers.get("location");
  const etag = response.headers.get("etag") ?? "";
  const patch = (headers: Record<string, string>, ufrag = "UGcX"): Promise<Response> =>
    fetch(session, {
      method: "PATCH",
      headers: { "content-type": TRICKLE, ...headers },
      body:
        `a=ice-ufrag:${ufrag}\r\na=ice-pwd:ObTmJaEYWUWhBiCUQQlTUd\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n` +
        "a=candidate:1 1 UDP 2114977791 192.0.2.9 44323 typ host\r\na=end-of-candidates\r\n",
    });
  const taken = await patch({ "if-match": etag });
  assert.equal(taken.status, 204);
  await problemOf(await patch({}), 428);
  await problemOf(await patch({ "if-match": '"other"' }), 412);
  await problemOf(await patch({ "if-match": "*" }, "other"), 422);
  await problemOf(await patch({ "if-match": etag, "content-type": "text/plain" }), 415);
  for (const body of ["", "candidates, please", "a=ice-ufrag:UGcX\r\nand more\r\n"]) {
    const headers = { "content-type": TRICKLE, "if-match": etag };
    const { detail } = await problemOf(
      await fetch(session, { method: "PATCH", headers, body }),
      400,
    );
    assert.match(detail, /a=candidate:/);
  }
});

Deno.test("WHIP: an endpoint takes OPTIONS and POST, a session PATCH and DELETE, and nothing else", async () => {
  await using relay = await TestRelay.start(["--open", "publish", "demo"]);
  const response = await post(relay, "/whip/cam");
  await response.body?.cancel();
  const session = relay.url + response.headers.get("location");
  const allowed = async (url: string, method: string): Promise<string | null> => {
    const answer = await fetch(url, { method });
    if (method === "HEAD") assert.equal(answer.status, 405);
    else await problemOf(answer, 405);
    return answer.headers.get("allow");
  };
  for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE"]) {
    assert.equal(await allowed(`${relay.url}/whip/cam`, method), "OPTIONS, POST", method);
  }
  for (const method of ["GET", "HEAD", "PUT", "POST"]) {
    assert.equal(await allowed(session, method), "OPTIONS, PATCH, DELETE", method);
  }
  for (const [url, methods] of [[`${relay.url}/whip/cam`, "POST"], [session, "PATCH, DELETE"]]) {
    const answer = await fetch(url ?? "", { method: "OPTIONS" });
    assert.equal(answer.headers.get("allow"), `OPTIONS, ${methods}`);
    await answer.body?.cancel();
  }
  assert.ok(relay.stream("cam").isPublished, "nothing of it ended the session");
});

Deno.test("WHIP: ICE servers and their passwords are told to whoever may publish, and not before a browser's own question", async () => {
  const servers = ["--ice-servers", "turn:ann:secret@turn.example.org", "demo"];
  await using open = await TestRelay.start(["--open", "publish", ...servers]);
  await using closed = await TestRelay.start(servers);
  const told = async (
    url: string,
    headers: Record<string, string> = {},
  ): Promise<string | null> => {
    const answer = await fetch(`${url}/whip/cam`, { method: "OPTIONS", headers });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("accept-post"), "application/sdp");
    await answer.body?.cancel();
    return answer.headers.get("link");
  };
  assert.match(await told(open.url) ?? "", /credential="secret"/);
  assert.equal(await told(open.url, { "access-control-request-method": "POST" }), null);
  assert.equal(await told(open.url, { origin: "https://elsewhere.example.org" }), null);
  assert.equal(await told(closed.url), null);
});

Deno.test("WHIP: what is not taken is refused in words, and makes no stream", async () => {
  await using relay = await TestRelay.start(["--open", "publish", "demo"]);
  const vp8 = await problemOf(await post(relay, "/whip/cam", { sdp: WITHOUT_H264 }), 422);
  assert.match(vp8.detail, /VP8, VP9 and not as H\.264/);
  await problemOf(await post(relay, "/whip/cam", { sdp: "v=0" }), 422);
  await problemOf(
    await post(relay, "/whip/cam", { headers: { "content-type": "text/plain" } }),
    415,
  );
  await problemOf(
    await post(relay, "/whip/cam", { sdp: OBS_OFFER + "a=x\r\n".repeat(20_000) }),
    413,
  );
  await problemOf(await post(relay, "/whip/no%20name"), 400);
  const foreign = await post(relay, "/whip/cam", {
    headers: { ...SDP, origin: "https://elsewhere.example.org" },
  });
  assert.equal(foreign.headers.get("access-control-allow-origin"), "*");
  await problemOf(foreign, 403);
  const read = await fetch(`${relay.url}/whip/cam`);
  assert.match(read.headers.get("allow") ?? "", /POST/);
  await problemOf(read, 405);
  assert.deepEqual(relay.names, ["demo"]);
});

Deno.test("WHIP: a page of another site is told what it may ask for; nobody publishes where nobody may", async () => {
  await using relay = await TestRelay.start(["demo"]);
  const options = await fetch(`${relay.url}/whip/cam`, {
    method: "OPTIONS",
    headers: { origin: "https://elsewhere.example.org" },
  });
  assert.equal(options.status, 200);
  await options.body?.cancel();
  assert.equal(options.headers.get("accept-post"), "application/sdp");
  assert.match(options.headers.get("access-control-allow-methods") ?? "", /POST, PATCH, DELETE/);
  assert.match(options.headers.get("access-control-allow-headers") ?? "", /authorization/);
  assert.equal(options.headers.get("allow"), "OPTIONS");
  const refused = await problemOf(await post(relay, "/whip/cam"), 403);
  assert.match(refused.detail, /--open publish/);
});

Deno.test("WHIP: an offer that makes no sense in a section is refused, one with a line out of place is read; the next is answered", async () => {
  await using relay = await TestRelay.start(["--open", "publish", "demo"]);
  const broken = OBS_OFFER.replace("UDP/TLS/RTP/SAVPF 96", "RTP").replace("m=video", "m=video 1");
  const misplaced = OBS_OFFER.replace("a=ice-ufrag", "a=mid:9\r\na=ice-ufrag");
  for (const [sdp, status] of [[broken, 422], [misplaced, 201]] as const) {
    const response = await post(relay, "/whip/cam", { sdp });
    await response.body?.cancel();
    assert.equal(response.status, status);
    const location = response.headers.get("location");
    if (location) await (await fetch(relay.url + location, { method: "DELETE" })).body?.cancel();
  }
  const answered = await post(relay, "/whip/other");
  await answered.body?.cancel();
  assert.equal(answered.status, 201);
});
