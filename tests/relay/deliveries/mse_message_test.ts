/** go2rtc's messages as text, and who plays what. */

import assert from "node:assert/strict";
import { plays, readMseMessage } from "../../../relay/deliveries/mse_message.ts";

Deno.test("a message: its type and value; what is none is ignored", () => {
  assert.deepEqual(readMseMessage('{"type":"mse","value":"avc1.640029"}'), {
    type: "mse",
    value: "avc1.640029",
  });
  assert.deepEqual(readMseMessage('{"type":"mjpeg"}'), { type: "mjpeg", value: "" });
  assert.deepEqual(readMseMessage('{"type":"mse","value":7}'), { type: "mse", value: "" });
  for (const text of ["", "{", "null", "[]", "7", '{"value":"x"}', '{"type":null}']) {
    assert.equal(readMseMessage(text), undefined, text);
  }
});

Deno.test("who plays what: by kind of codec, any one is enough", () => {
  const mime = 'video/mp4; codecs="avc1.42c01f,mp4a.40.2"';
  const cases: readonly (readonly [codecs: string, mime: string, expected: boolean])[] = [
    ["avc1.640029,avc1.640033,mp4a.40.2", mime, true],
    ["avc1.640029", mime, true],
    ["mp4a.40.5", mime, true],
    ["", mime, true],
    [" , ", mime, true],
    ["hvc1.1.6.L153.B0", mime, false],
    ["hvc1.1.6.L153.B0,flac,opus", mime, false],
    ["hvc1.1.6.L153.B0", 'video/mp4; codecs="hev1.1.6.L93.B0"', true],
    ["AVC1.640029", 'video/mp4; codecs="avc3.42c01f"', true],
    ["opus", 'video/mp4; codecs="av01.0.04M.08,Opus"', true],
  ];
  for (const [codecs, of, expected] of cases) {
    assert.equal(plays(codecs, of), expected, `${codecs} and ${of}`);
  }
});
