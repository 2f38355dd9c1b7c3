/** The scheme table: which text finds which row, and what is said of the others. */
import assert from "node:assert/strict";
import { SourceError } from "../../../relay/sources/source.ts";
import { isForApi, openSource, parseSource, SCHEMES } from "../../../relay/sources/mod.ts";

Deno.test("a source's scheme picks its row, and names it in what it makes", () => {
  const texts = {
    demo: "demo",
    exec: "exec:camera --now",
    file: "file:/a.ts",
    gopro: "gopro",
    http: "http://h/live/x",
    https: "https://h/live/x",
    push: "push",
    rpicam: "rpicam",
    rtp: "rtp:/a.sdp",
    rtsp: "rtsp://h/live",
    rtsps: "rtsps://h/live",
    udp: "udp://:5000",
    v4l2: "v4l2:/dev/video0",
    ws: "ws://h/x",
    wss: "wss://h/x",
  } as const satisfies Record<keyof typeof SCHEMES, string>;
  for (const [scheme, text] of Object.entries(texts)) {
    const spec = parseSource(text);
    assert.equal(spec.scheme, scheme);
    assert.equal(spec.label, text);
    assert.deepEqual(structuredClone(spec), spec, "plain data, fit for a worker");
    assert.equal(typeof openSource(structuredClone(spec)).run, "function");
  }
  assert.equal(parseSource("UDP://:5000").scheme, "udp", "as URLs have it");
});

Deno.test("an unknown source is answered with the list", () => {
  for (const text of ["", "x:y", "/a/b.ts", "clip.ts", "demonstration", "toString", "webcam"]) {
    assert.throws(() => parseSource(text), {
      name: "SourceError",
      message:
        `unknown source "${text}": it must begin with one of demo, exec, file, gopro, http, ` +
        "https, push, rpicam, rtp, rtsp, rtsps, udp, v4l2, ws, wss; a file is file:PATH",
    });
  }
  assert.throws(() => parseSource("/dev/video2"), {
    message: /; a camera of Linux's is v4l2:\/dev\/video2$/,
  });
});

Deno.test("a source of many thousand characters is none, and is not repeated", () => {
  assert.throws(() => parseSource("a".repeat(60_000)), {
    name: "SourceError",
    message: "a source has at most 16384 characters, not 60000",
  });
});

Deno.test("the API takes no command, device or file that the configuration does not name", () => {
  const taken = (texts: readonly string[]): boolean[] =>
    texts.map((text) => isForApi(parseSource(text)));
  const addresses = [
    "demo",
    "gopro",
    "push",
    "udp://:5000",
    "rtsp://h/x",
    "https://h/x",
    "ws://h/",
  ];
  assert.ok(taken(addresses).every((may) => may));
  const named = [
    "exec:cat x",
    "file:/a.ts",
    "rtp:/a.sdp",
    "rpicam",
    "https://h/live/x#ca=/etc/passwd",
    "wss://h/live/x#ca=/etc/passwd",
    "gopro://me:secret@10.0.0.7?cohn=/etc/passwd",
  ];
  assert.ok(taken(named).every((may) => !may));
});

Deno.test("what is wrong with a source is told without the secrets in it", () => {
  const wrong = [
    "rtps://me:s3cret@10.0.0.9/stream",
    "camera://h/x?access_token=s3cret",
    "http:/me:s3cret@h/x",
    "rtsp//me:s3cret@h/x",
    "rtsp:/me:s3cret@h/x",
    "gopro:/me:s3cret@h",
    "udp://me:s3cret@h:5000",
    "rtp://me:s3cret@h/x",
    "rpicam://me:s3cret@h",
    "push://me:s3cret@h",
    "exec:curl -u me:s3cret http://h/x | ffmpeg -i -",
    "exec:camera --password s3cret 'x",
    "exec:camera http://me:s3cret@h/x \\",
    "v4l2:/dev/video0?audio=exec:curl -u me:s3cret http://h > x",
    "gopro://me:s3cret@h?bitrate=much",
  ];
  for (const text of wrong) {
    assert.throws(
      () => parseSource(text),
      (error) => error instanceof SourceError && !error.message.includes("s3cret"),
      text,
    );
  }
});
