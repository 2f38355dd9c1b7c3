/** What a browser needs in order to install the app: a manifest and icons, wherever the relay puts the app. */

import assert from "node:assert/strict";
import { RelayProcess } from "../support/relay_process.ts";

interface Manifest {
  readonly name: string;
  readonly start_url: string;
  readonly scope: string;
  readonly display: string;
  readonly icons: readonly {
    readonly src: string;
    readonly type: string;
    readonly purpose: string;
  }[];
}

/** Where `page` says that its `rel` is, for whoever asked for it at `at`. */
function linked(page: string, { rel, at }: { readonly rel: string; readonly at: string }): URL {
  const base = /<base href="([^"]*)">/.exec(page)?.[1] ?? "";
  const href = new RegExp(`<link rel="${rel}" href="([^"]*)">`).exec(page)?.[1];
  assert.ok(href !== undefined, `the page has no ${rel}`);
  return new URL(href, new URL(base, at));
}

async function take(address: URL, type: string): Promise<Response> {
  const answer = await fetch(address);
  assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, type], address.href);
  return answer;
}

for (const [path, ...args] of [["/"], ["/rill/", "--url", "http://127.0.0.1/rill/"]] as const) {
  Deno.test(`the app below ${path} can be installed, and opens at its cameras`, async () => {
    await using relay = await RelayProcess.start({ args });
    const root = relay.url + path;
    const at = `${root}live/demo`;
    const page = await (await fetch(at)).text();
    const address = linked(page, { rel: "manifest", at });
    const manifest = await (await take(address, "application/manifest+json")).json() as Manifest;
    assert.equal(manifest.name, "Rill");
    assert.equal(manifest.display, "standalone");
    assert.equal(new URL(manifest.start_url, address).href, root);
    assert.equal(new URL(manifest.scope, address).href, root);
    assert.deepEqual(manifest.icons.map(({ purpose }) => purpose), ["any", "maskable"]);
    for (const { src, type } of manifest.icons) {
      await (await take(new URL(src, address), type)).body?.cancel();
    }
    // iPhones take no SVG.
    const touch = linked(page, { rel: "apple-touch-icon", at });
    await (await take(touch, "image/png")).body?.cancel();
  });
}
