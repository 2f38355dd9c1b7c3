/**
 * Addresses and the views they mean, at the root of a host and below a path.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  isStreamName,
  liveHref,
  parseRoute,
  type Route,
  routeTitle,
} from "../../../web/src/ui/router.ts";

const ROOT = "https://relay.example/";
const BELOW = "https://relay.example/cams/";

function live(
  name: string,
  options: Partial<Extract<Route, { kind: "live" }>["options"]> = {},
): Route {
  return { kind: "live", name, options: { controls: true, ...options } };
}

const ROWS: readonly (readonly [string, string, Route])[] = [
  ["", ROOT, { kind: "cameras" }],
  ["index.html", ROOT, { kind: "cameras" }],
  ["?a=b#c", ROOT, { kind: "cameras" }],
  ["live/porch", ROOT, live("porch")],
  ["live/porch/", ROOT, live("porch")],
  ["live/garden/gate", ROOT, live("garden/gate")],
  ["live/garden%2Fgate", ROOT, live("garden/gate")],
  ["live/porch?muted=1", ROOT, live("porch", { muted: true })],
  ["live/porch?muted", ROOT, live("porch", { muted: true })],
  ["live/porch?muted=false", ROOT, live("porch", { muted: false })],
  ["live/porch?controls=0", ROOT, live("porch", { controls: false })],
  ["live/porch?controls=OFF", ROOT, live("porch", { controls: false })],
  ["live/porch?transport=websocket", ROOT, live("porch", { transport: "websocket" })],
  ["live/porch?transport=", ROOT, live("porch")],
  ["live/", ROOT, { kind: "unknown", path: "/live/" }],
  ["live/-porch", ROOT, { kind: "unknown", path: "/live/-porch" }],
  ["live/a//b", ROOT, { kind: "unknown", path: "/live/a//b" }],
  ["live/%E0%A4%A", ROOT, { kind: "unknown", path: "/live/%E0%A4%A" }],
  ["camera", ROOT, { kind: "camera" }],
  ["camera/", ROOT, { kind: "camera" }],
  ["camera/other", ROOT, { kind: "unknown", path: "/camera/other" }],
  ["library", ROOT, { kind: "unknown", path: "/library" }],
  ["cams/", BELOW, { kind: "cameras" }],
  ["cams/live/porch", BELOW, live("porch")],
  ["live/porch", BELOW, { kind: "unknown", path: "/live/porch" }],
  ["s/token/live/porch", "https://relay.example/s/token/", live("porch")],
];

for (const [path, base, expected] of ROWS) {
  Deno.test(`/${path} under ${base} is ${expected.kind}`, () => {
    assert.deepEqual(parseRoute(new URL(path, ROOT).href, base), expected);
  });
}

Deno.test("a stream's address leads back to the stream", () => {
  for (const name of ["porch", "garden/gate", "a.b_c-d/9"]) {
    assert.deepEqual(parseRoute(new URL(liveHref(name), BELOW).href, BELOW), live(name));
  }
});

Deno.test("names follow the contract and are bounded", () => {
  for (const name of ["a", "A9._-", "a/b/c", "x".repeat(64)]) assert.ok(isStreamName(name), name);
  for (const name of ["", "/a", "a/", "a b", ".a", "ä", "x".repeat(65), "a/".repeat(300) + "a"]) {
    assert.ok(!isStreamName(name), name);
  }
});

Deno.test("every view has a title of its own", () => {
  assert.equal(routeTitle({ kind: "cameras" }), "Cameras · Rill");
  assert.equal(routeTitle(live("garden/gate")), "garden/gate · Rill");
  assert.equal(routeTitle({ kind: "unknown", path: "/x" }), "Not found · Rill");
});
