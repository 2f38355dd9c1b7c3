/** Who may do what without a key. */
import assert from "node:assert/strict";
import { allowed, isFromElsewhere, notAllowed } from "../../../relay/access/guard.ts";

Deno.test("watching is open; publishing and changing are what --open says", () => {
  assert.deepEqual(
    [undefined, "view", "publish", "all"].map((open) =>
      (["view", "publish", "admin"] as const).map((right) =>
        allowed(open as Parameters<typeof allowed>[0], right)
      )
    ),
    [[true, false, false], [true, false, false], [true, true, false], [true, true, true]],
  );
  assert.match(notAllowed("admin").detail, /start it with --open all/);
  assert.match(notAllowed("publish").detail, /start it with --open publish/);
});

Deno.test("a page of another site is told apart; programs send no Origin", () => {
  const from = (headers: Record<string, string>): boolean => isFromElsewhere(new Headers(headers));
  assert.equal(from({ host: "relay:8000" }), false);
  assert.equal(from({ host: "relay:8000", origin: "http://relay:8000" }), false);
  assert.equal(from({ host: "relay:8000", origin: "http://relay:9000" }), true);
  assert.equal(from({ host: "relay:8000", origin: "https://evil.example" }), true);
  assert.equal(from({ host: "relay:8000", origin: "null" }), true);
  assert.equal(from({ host: "relay:8000", "sec-fetch-site": "cross-site" }), true);
});

Deno.test("a page of the address that --url says is the relay's own, whatever name its proxy asks under", () => {
  const outside = "https://gate.example.org";
  const from = (headers: Record<string, string>): boolean =>
    isFromElsewhere(new Headers(headers), { outside });
  assert.equal(from({ host: "127.0.0.1:8000", origin: outside }), false);
  assert.equal(from({ host: "127.0.0.1:8000", origin: "http://127.0.0.1:8000" }), false);
  for (
    const origin of ["http://gate.example.org", `${outside}:8443`, "https://example.org", "null"]
  ) {
    assert.equal(from({ host: "127.0.0.1:8000", origin }), true, origin);
  }
});
