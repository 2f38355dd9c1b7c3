/** Which addresses WebRTC may send to, by who may publish and from where. */

import assert from "node:assert/strict";
import { readCommandLine } from "../../relay/config.ts";
import { permissionFlags, relayPermissions } from "../../relay/permissions.ts";
import { webRtcReach } from "../../relay/webrtc_reach.ts";

function reach(args: readonly string[], own: readonly string[]): string[] {
  const request = readCommandLine([...args, "demo"], () => undefined);
  assert.ok(request.kind === "run");
  return webRtcReach(request.config, own);
}

Deno.test("where nobody may publish, WebRTC reaches nobody", () => {
  assert.deepEqual(reach([], ["203.0.113.5"]), []);
  assert.deepEqual(reach(["--open", "view"], ["203.0.113.5"]), []);
});

Deno.test("at home it reaches private networks and no further", () => {
  const own = ["127.0.0.1", "192.168.1.7", "10.0.0.3", "172.31.0.1", "100.100.1.1"];
  const names = reach(["--open", "publish", "--webrtc-port", "3478"], own);
  assert.ok(names.includes("0.0.0.0:3478"));
  assert.ok(names.includes("0.0.0.0:0"), "another, should something that hangs keep that one");
  assert.ok(names.includes("192.168.0.0/16"));
  assert.ok(!names.includes("0.0.0.0/0"));
});

for (const address of ["203.0.113.5", "172.32.0.1", "192.169.0.1", "11.0.0.1", "100.128.0.1"]) {
  Deno.test(`with an address that is public (${address}), or one for the outside, it reaches anybody`, () => {
    assert.ok(reach(["--open", "all"], [address]).includes("0.0.0.0/0"));
    const named = reach(["--open", "all", "--url", "https://gate.example.org"], ["10.0.0.1"]);
    assert.ok(named.includes("0.0.0.0/0"));
    assert.ok(named.includes("gate.example.org"));
  });
}

Deno.test("the launcher gives what is needed", () => {
  const request = readCommandLine(["--open", "publish", "demo"], () => undefined);
  assert.ok(request.kind === "run");
  assert.match(
    permissionFlags(relayPermissions(request.config)).join(" "),
    /--allow-net=\S*0\.0\.0\.0:0/,
  );
});
