/** Names and passwords as addresses have them, and as requests carry them. */

import assert from "node:assert/strict";
import {
  basicAuthorization,
  hideCredentials,
  hideSecretArguments,
  withoutCredentials,
  withoutKeys,
} from "../../shared/credentials.ts";

Deno.test("a name and a password become Basic authorization, however they are written", () => {
  const cases = [
    ["http://host", undefined],
    ["http://ann:secret@host", "ann:secret"],
    ["http://ann@host", "ann:"],
    ["http://:secret@host", ":secret"],
    ["http://a%40b:s%3Ac@host", "a@b:s:c"],
    ["http://ann:100%@host", "ann:100%"], // encodes nothing
    ["http://ann:%zz@host", "ann:%zz"],
    ["http://ann:\u20ac\u00fc@host", "ann:\u20ac\u00fc"],
  ] as const;
  for (const [address, pair] of cases) {
    const found = basicAuthorization(new URL(address));
    const expected = pair === undefined
      ? undefined
      : `Basic ${new TextEncoder().encode(pair).toBase64()}`;
    assert.equal(found, expected, address);
  }
});

Deno.test("names, passwords and what cameras call so stand in no label and no sentence", () => {
  const shown = "rtsp://h/a?user=1&password=…&channel=2";
  assert.equal(withoutCredentials("rtsp://me:se@cret@h/a?user=1&password=abc&channel=2"), shown);
  assert.equal(
    hideCredentials("cannot open rtsp://me:se@h/a?token=abc: the key=value is odd"),
    "cannot open rtsp://h/a?token=…: the key=value is odd",
  );
  for (
    const [written, shown] of [
      // A maker's usual address, whose parts are joined by underscores.
      ["rtsp://h:554/user=a_password=b_channel=1.sdp?x", "rtsp://h:554/user=a_password=…"],
      ["https://h/a.m3u8?access_token=ab/c:d==&x=1", "https://h/a.m3u8?access_token=…&x=1"],
      ["http://h/a?apikey=abc&sig=d%2Fe", "http://h/a?apikey=…&sig=…"],
      ["srt://h:9000?passphrase=abc#t", "srt://h:9000?passphrase=…#t"],
      ["rtsp://me:p@ss@h/a?mail=me@h", "rtsp://h/a?mail=me@h"],
    ] as const
  ) {
    assert.equal(hideCredentials(written), shown);
  }
  assert.equal(withoutKeys("wss://h/s/k3y/live/a/ws"), "wss://h/s/…/live/a/ws");
});

Deno.test("a command is shown without what in it looks like a secret", () => {
  const commands = [
    ["ffmpeg -i rtsp://me:se@h/a -c copy -f mpegts -", "ffmpeg -i rtsp://h/a -c copy -f mpegts -"],
    ["read --password s3cret --port 1", "read --password … --port 1"],
    ["read --token='s3 cret' -x", "read --token=… -x"],
    [
      "curl -H 'Authorization: Bearer s3cret' http://h",
      "curl -H 'Authorization: Bearer …' http://h",
    ],
    ["curl -u me:s3cret http://h", "curl -u me:… http://h"],
    ["curl -ume:s3cret http://h", "curl -ume:… http://h"],
    ["curl --user 'me:s3 cret' http://h", "curl --user 'me:…' http://h"],
    ["curl --proxy-user=me:s3cret -u you http://h", "curl --proxy-user=me:… -u you http://h"],
    ["sudo -u pi rpicam-vid -o udp://h:1", "sudo -u pi rpicam-vid -o udp://h:1"],
    ["sh -c 'TOKEN=s3cret read'", "sh -c 'TOKEN=… read'"],
  ] as const;
  for (const [command, shown] of commands) assert.equal(hideSecretArguments(command), shown);
});
