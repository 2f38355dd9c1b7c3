/** Control messages: what is read, what is ignored, and that what one side writes the other reads. */

import assert from "node:assert/strict";
import {
  CLOSE,
  encodeMessage,
  MAX_CONTROL_CHARS,
  parseClientMessage,
  parseServerMessage,
  type ServerMessage,
} from "../../shared/control.ts";

const VIDEO = { id: 1, kind: "video", codec: "avc1.4d4015", width: 848, height: 480 } as const;
const AUDIO = {
  id: 2,
  kind: "audio",
  codec: "mp4a.40.2",
  sampleRate: 48_000,
  channels: 2,
} as const;
const STREAM = {
  type: "stream",
  generation: 3,
  mime: 'video/mp4; codecs="avc1.4d4015,mp4a.40.2"',
  tracks: [VIDEO, AUDIO],
  clock: { errorUs: 1500 },
} as const;

const WHOLE: readonly ServerMessage[] = [
  STREAM,
  { type: "skip", reason: "slow", fragments: 12, ms: 400 },
  { type: "offline", reason: "The camera answered 500." },
  { type: "pong", id: 7, t: 1_700_000_000_000_000 },
  { type: "pong", id: "a", t: 0 },
];

for (const message of WHOLE) {
  Deno.test(`what the relay writes is read as it was: ${encodeMessage(message)}`, () => {
    assert.deepEqual(parseServerMessage(encodeMessage(message)), message);
  });
}

Deno.test("a ping is read as it was written", () => {
  for (const id of [0, 17, -1, "x", ""]) {
    assert.deepEqual(parseClientMessage(encodeMessage({ type: "ping", id })), { type: "ping", id });
  }
});

Deno.test("how late a viewer is is read as it was written, and not at all when it is no number", () => {
  const message = { type: "late", ms: 400, bytes: 12_000_000_000 } as const;
  assert.deepEqual(parseClientMessage(encodeMessage(message)), message);
  for (const spoilt of [{ ms: -1 }, { bytes: -1 }, { ms: "4" }, { bytes: null }]) {
    assert.equal(parseClientMessage(JSON.stringify({ ...message, ...spoilt })), undefined);
  }
});

const NO_MESSAGES: readonly string[] = [
  "",
  "ping",
  "{",
  "null",
  "7",
  '"pong"',
  "[]",
  '[{"type":"pong","id":1,"t":1}]',
  "{}",
  '{"type":null}',
  '{"type":"hello"}',
  '{"type":["pong"],"id":1,"t":1}',
  '{"type":"toString"}',
];

for (const text of NO_MESSAGES) {
  Deno.test(`neither side understands ${text || "nothing at all"}`, () => {
    assert.equal(parseServerMessage(text), undefined);
    assert.equal(parseClientMessage(text), undefined);
  });
}

/** Fields put in place of good ones, and the message that they spoil. */
const SPOILT: readonly (readonly [ServerMessage, Readonly<Record<string, unknown>>])[] = [
  [STREAM, { generation: undefined }],
  [STREAM, { generation: "3" }],
  [STREAM, { generation: -1 }],
  [STREAM, { mime: 7 }],
  [STREAM, { tracks: {} }],
  [STREAM, { tracks: undefined }],
  [STREAM, { tracks: [VIDEO, null] }],
  [STREAM, { tracks: [VIDEO, "audio"] }],
  [STREAM, { tracks: [{ ...VIDEO, id: -1 }] }],
  [STREAM, { tracks: [{ ...VIDEO, kind: "text" }] }],
  [STREAM, { tracks: [{ ...VIDEO, codec: undefined }] }],
  [{ type: "skip", reason: "slow", fragments: 1, ms: 1 }, { fragments: null }],
  [{ type: "skip", reason: "slow", fragments: 1, ms: 1 }, { ms: "1" }],
  [{ type: "offline", reason: "" }, { reason: 4 }],
  [{ type: "pong", id: 1, t: 1 }, { id: null }],
  [{ type: "pong", id: 1, t: 1 }, { id: {} }],
  [{ type: "pong", id: 1, t: 1 }, { t: -1 }],
  [{ type: "pong", id: 1, t: 1 }, { t: "1" }],
];

for (const [message, spoilt] of SPOILT) {
  Deno.test(`a "${message.type}" with ${JSON.stringify(spoilt)} is ignored`, () => {
    assert.ok(parseServerMessage(JSON.stringify(message)), "it was good before");
    assert.equal(parseServerMessage(JSON.stringify({ ...message, ...spoilt })), undefined);
  });
}

Deno.test("a ping without a usable id is ignored", () => {
  for (const id of [undefined, null, true, [], {}]) {
    assert.equal(parseClientMessage(JSON.stringify({ type: "ping", id })), undefined);
  }
});

Deno.test("a side does not understand what is the other's to say", () => {
  assert.equal(parseClientMessage(encodeMessage({ type: "pong", id: 1, t: 1 })), undefined);
  assert.equal(parseServerMessage(encodeMessage({ type: "ping", id: 1 })), undefined);
});

Deno.test("fields that are not known are left out, and a figure that is none with them", () => {
  const text = JSON.stringify({
    ...STREAM,
    novelty: 1,
    tracks: [{ ...VIDEO, width: "848", novelty: 2 }],
  });
  assert.deepEqual(parseServerMessage(text), {
    ...STREAM,
    tracks: [{ id: 1, kind: "video", codec: "avc1.4d4015", height: 480 }],
  });
});

for (const clock of [undefined, null, 7, {}, { errorUs: "1" }, { errorUs: -1 }]) {
  Deno.test(`a stream whose clock says ${JSON.stringify(clock)} plays all the same`, () => {
    const read = parseServerMessage(JSON.stringify({ ...STREAM, clock }));
    assert.deepEqual(read, { ...STREAM, clock: { errorUs: 0 } });
  });
}

Deno.test("a message of the greatest length is read, one that is longer is not", () => {
  const bare = encodeMessage({ type: "ping", id: "" }).length;
  const id = "x".repeat(MAX_CONTROL_CHARS - bare);
  assert.deepEqual(parseClientMessage(encodeMessage({ type: "ping", id })), { type: "ping", id });
  assert.equal(parseClientMessage(encodeMessage({ type: "ping", id: `${id}x` })), undefined);
});

Deno.test("close codes are those of the contract, and such as a WebSocket may send", () => {
  assert.deepEqual(CLOSE, {
    noKey: 4401,
    notAllowed: 4403,
    noSuchStream: 4404,
    taken: 4409,
    tooMany: 4429,
    goingAway: 1001,
    policy: 1008,
  });
});
