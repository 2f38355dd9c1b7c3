/** Which proxy an address is reached through, as the environment has it. */

import assert from "node:assert/strict";
import { proxyFor } from "../../../relay/forwarding/proxy.ts";
import { reachOf } from "../../../relay/forwarding/reach.ts";

const SETTINGS = { https: "http://p:3128", http: "q:8080", none: "" };

function through(url: string, none = ""): string | undefined {
  const proxy = proxyFor(new URL(url), { ...SETTINGS, none });
  return proxy && `${proxy.hostname}:${proxy.port}`;
}

Deno.test("each scheme has its proxy, but for datagrams", () => {
  assert.deepEqual(
    ["wss://h/x", "https://h/x", "ws://h/x", "http://h/x", "rtp://10.0.0.1:9"].map((url) =>
      through(url)
    ),
    ["p:3128", "p:3128", "q:8080", "q:8080", undefined],
  );
  assert.equal(proxyFor(new URL("wss://h"), {}), undefined);
  assert.equal(proxyFor(new URL("wss://h"), { https: "" }), undefined);
  assert.equal(proxyFor(new URL("ws://h"), { http: "http://[::1]:9" })?.hostname, "::1");
});

Deno.test("exceptions: names, suffixes, addresses, networks, ports, all", () => {
  const cases: [string, string, boolean][] = [
    ["ws://relay.example.org", "example.org", true],
    ["ws://relay.example.org", ".example.org", true],
    ["ws://relay.example.org", "*.example.org", true],
    ["ws://badexample.org", "example.org", false],
    ["ws://10.0.0.2:80", "localhost, 10.0.0.2", true],
    ["ws://h:81", "h:81", true],
    ["ws://h:82", "h:81", false],
    ["ws://h", "*", true],
    ["ws://h", " , ", false],
    ["wss://h", "h:443", true],
    ["ws://h", "other h", true],
    ["ws://[::1]:81", "::1", true],
    ["ws://[2001:db8::5]", "2001:DB8:0:0::5", true],
    ["ws://[2001:db8::5]:81", "[2001:db8::5]:81", true],
    ["ws://[2001:db8::5]:82", "[2001:db8::5]:81", false],
    ["ws://[2001:db8::5]", "2001:db8::/32", true],
    ["ws://[2001:db9::5]", "2001:db8::/32", false],
    ["ws://192.168.7.2", "10.0.0.0/8,192.168.0.0/16", true],
    ["ws://192.169.7.2", "10.0.0.0/8,192.168.0.0/16", false],
    ["ws://192.168.7.2", "192.168.0.0/33, ::/0", false],
    ["ws://10.0.0.2", "0.0.2", false],
  ];
  for (const [url, none, direct] of cases) {
    assert.equal(through(url, none) === undefined, direct, `${url} without ${none}`);
  }
});

Deno.test("what is no HTTP proxy is refused in words", () => {
  assert.throws(
    () => proxyFor(new URL("wss://h"), { https: "socks5://p:1" }),
    /HTTPS_PROXY names no/,
  );
});

Deno.test("leave is needed for the place and its proxy; a variable that names no proxy keeps no relay from starting", () => {
  const of = (https: string): string[] => reachOf("wss://h/publish/cam", { https });
  assert.deepEqual(of(""), ["h:443"]);
  assert.deepEqual(of("http://ann:100%@p:3128"), ["h:443", "p:3128"]);
  assert.deepEqual(of("http://[::1]:9"), ["h:443", "[::1]:9"]);
  assert.deepEqual(of("socks5://p:1080"), ["h:443"]);
});
