/** The sentences for what goes wrong with a GoPro. */
import assert from "node:assert/strict";
import type { Answer } from "../../../../relay/sources/gopro/camera_http.ts";
import {
  type FailedStart,
  notStarted,
  unanswered,
} from "../../../../relay/sources/gopro/failures.ts";

const host = "10.5.5.9";
const status = (code: number): Answer => ({
  kind: "answered",
  status: code,
  body: new Uint8Array(),
});

Deno.test("each way not to answer has its sentence", () => {
  const sentences =
    (["refused", "timeout", "unreachable", "closed", "untrusted", "incompatible"] as const)
      .map((why) => unanswered(host, { kind: "failed", why }).message);
  assert.equal(new Set(sentences).size, 6);
  for (const sentence of sentences) assert.match(sentence, /at 10\.5\.5\.9/);
  assert.match(sentences[1] ?? "", /is this machine on the camera's Wi-Fi\?/);
});

Deno.test("each way not to start has its sentence", () => {
  const sentence = (answers: readonly Answer[], more: Partial<FailedStart> = {}): string =>
    notStarted({
      ...{ host, udpPort: 8554, answers, recognised: true, foreign: false, pairs: false },
      ...more,
    }).message;
  assert.match(sentence([status(500), status(500), status(404)]), /answered 500 and 404 to every/);
  assert.match(sentence([status(500), status(200)]), /nothing comes to UDP port 8554/);
  assert.match(sentence([{ kind: "failed", why: "timeout" }]), /does not answer/);
  assert.match(sentence([status(200)], { foreign: true }), /hold no MPEG-TS/);
  assert.match(sentence([status(403)]), /does not take the password of its Wi-Fi/);
  assert.match(
    sentence([status(403), status(403)], { pairs: true }),
    /does not know this machine \(403\).*gopro\?pair=DIGITS/,
  );
  assert.match(sentence([status(410)]), /it is off behind its Wi-Fi; switch it on/);
  const stranger = { recognised: false };
  assert.match(
    sentence([status(404)], stranger),
    /^what answers at 10\.5\.5\.9 does not speak as a GoPro known here \(404\): is this machine/,
  );
  assert.match(sentence([status(200)], stranger), /known here \(200\): is this/, "a portal");
  assert.match(sentence([{ kind: "unreadable" }]), /known here: is this machine/);
  assert.match(sentence([{ kind: "unreadable" }], stranger), /known here: is this machine/);
});
