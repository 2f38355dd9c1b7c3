/** The built app over HTTP: what is there, what is not, parts, versions, and nothing outside the folder. */

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Hono } from "hono";
import { loadApp, staticApp } from "../../../relay/http/static.ts";

const SCRIPT = "export const answer = 42;\n";
const LONG_SCRIPT = SCRIPT.repeat(200);

/** An app of a page, a script below assets, and a name with a space; beside its folder lies a secret. */
async function withApp(test: (app: Hono) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rill-static-" });
  try {
    await Deno.mkdir(`${folder}/app/assets`, { recursive: true });
    await Deno.writeTextFile(`${folder}/secret.txt`, "secret");
    await Deno.writeTextFile(`${folder}/app/index.html`, "<!doctype html><head></head><p>page</p>");
    await Deno.writeTextFile(`${folder}/app/assets/main-abc123.js`, SCRIPT);
    await Deno.writeTextFile(`${folder}/app/embed.js`, SCRIPT);
    await Deno.writeTextFile(`${folder}/app/assets/long-def456.js`, LONG_SCRIPT);
    await Deno.writeTextFile(`${folder}/app/an icon.svg`, "<svg/>");
    await Deno.symlink(`${folder}/secret.txt`, `${folder}/app/link.txt`);
    const files = loadApp(pathToFileURL(`${folder}/app/`));
    await test(staticApp(files, { base: "/", streams: () => ["cam"] }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const PATH = "/assets/main-abc123.js";

/** Asks for the script, or another path. */
async function get(
  app: Hono,
  headers: Record<string, string> = {},
  path = PATH,
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await app.request(`http://relay${path}`, { headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

Deno.test("a file: type, length, version, how long it may be kept, security headers", () =>
  withApp(async (app) => {
    const { status, text, headers } = await get(app);
    assert.equal(status, 200);
    assert.equal(text, SCRIPT);
    assert.equal(headers.get("content-type"), "text/javascript; charset=utf-8");
    assert.equal(headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'self'/);
    assert.match(headers.get("etag") ?? "", /^"[\w-]{22}"$/);
    const icon = await get(app, {}, "/an%20icon.svg");
    assert.equal(icon.headers.get("cache-control"), "no-cache", "its name has no hash");
    assert.equal(icon.headers.get("content-type"), "image/svg+xml");
  }));

Deno.test("what other pages embed, any page may load; its one name is asked for anew; the rest is the app's", () =>
  withApp(async (app) => {
    for (const path of ["/embed.js", PATH]) {
      const { headers } = await get(app, { origin: "https://elsewhere.example" }, path);
      assert.equal(headers.get("access-control-allow-origin"), "*", path);
      assert.equal(headers.get("cross-origin-resource-policy"), "cross-origin", path);
      assert.equal(headers.get("access-control-allow-credentials"), null, path);
    }
    const { headers } = await get(app, {}, "/embed.js");
    assert.equal(headers.get("cache-control"), "no-cache");
    assert.equal(headers.get("content-type"), "text/javascript; charset=utf-8");
    const again = await get(app, { "if-none-match": headers.get("etag") ?? "" }, "/embed.js");
    assert.equal(again.status, 304);
    assert.equal(again.headers.get("access-control-allow-origin"), "*", "of 304 too");
    for (const path of ["/", "/live/cam", "/an%20icon.svg"]) {
      const own = await get(app, {}, path);
      assert.equal(own.headers.get("access-control-allow-origin"), null, path);
    }
  }));

Deno.test("HEAD is GET without the body", () =>
  withApp(async (app) => {
    const response = await app.request(`http://relay${PATH}`, { method: "HEAD" });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "");
  }));

Deno.test("If-None-Match: 304 without a body for the same version, whatever way it is named", () =>
  withApp(async (app) => {
    const etag = (await get(app)).headers.get("etag") ?? "";
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, `"other",${etag}`, "*"]) {
      const { status, text, headers } = await get(app, { "if-none-match": header });
      assert.deepEqual([status, text], [304, ""], header);
      assert.equal(headers.get("etag"), etag);
    }
    for (const header of ['"other"', etag.slice(1), ""]) {
      assert.equal((await get(app, { "if-none-match": header })).status, 200, header);
    }
  }));

const LENGTH = SCRIPT.length;

const RANGES: readonly (readonly [string, number, string, string?])[] = [
  ["bytes=0-5", 206, "export", `bytes 0-5/${LENGTH}`],
  ["bytes=7-11", 206, "const", `bytes 7-11/${LENGTH}`],
  ["bytes=0-0", 206, "e", `bytes 0-0/${LENGTH}`],
  ["bytes=20-", 206, SCRIPT.slice(20), `bytes 20-${LENGTH - 1}/${LENGTH}`],
  ["bytes=-4", 206, SCRIPT.slice(-4), `bytes ${LENGTH - 4}-${LENGTH - 1}/${LENGTH}`],
  ["bytes=-9999", 206, SCRIPT, `bytes 0-${LENGTH - 1}/${LENGTH}`],
  ["bytes=5-9999", 206, SCRIPT.slice(5), `bytes 5-${LENGTH - 1}/${LENGTH}`],
  ["bytes=9999-", 416, "", `bytes */${LENGTH}`],
  [`bytes=${LENGTH}-`, 416, "", `bytes */${LENGTH}`],
  ["bytes=5-4", 200, SCRIPT],
  ["BYTES=0-5", 206, "export", `bytes 0-5/${LENGTH}`],
  ["bytes=-0", 416, "", `bytes */${LENGTH}`],
  ["bytes=0-1,3-4", 200, SCRIPT],
  ["bytes=-", 200, SCRIPT],
  ["bytes=a-b", 200, SCRIPT],
  ["lines=0-5", 200, SCRIPT],
  [`bytes=0-${"9".repeat(400)}`, 200, SCRIPT],
];

for (const [range, status, text, contentRange] of RANGES) {
  Deno.test(`Range: ${range.slice(0, 30)}`, () =>
    withApp(async (app) => {
      const answer = await get(app, { range });
      assert.deepEqual([answer.status, answer.text], [status, text]);
      assert.equal(answer.headers.get("content-range"), contentRange ?? null);
      assert.equal(answer.headers.get("accept-ranges"), "bytes");
    }));
}

Deno.test("If-Range: a part of this version only, else the whole", () =>
  withApp(async (app) => {
    const etag = (await get(app)).headers.get("etag") ?? "";
    assert.equal((await get(app, { range: "bytes=0-3", "if-range": etag })).status, 206);
    for (const other of ['"other"', `W/${etag}`, "Sat, 21 Nov 2026 07:38:58 GMT"]) {
      assert.equal((await get(app, { range: "bytes=0-3", "if-range": other })).status, 200, other);
    }
  }));

const LONG_PATH = "/assets/long-def456.js";

async function getLong(
  app: Hono,
  headers: Record<string, string>,
): Promise<{ status: number; bytes: Uint8Array; headers: Headers }> {
  const response = await app.request(`http://relay${LONG_PATH}`, { headers });
  return {
    status: response.status,
    bytes: new Uint8Array(await response.arrayBuffer()),
    headers: response.headers,
  };
}

Deno.test("who takes gzip gets it, as a version of its own; caches are told of the choice", () =>
  withApp(async (app) => {
    const plain = await getLong(app, {});
    assert.equal(new TextDecoder().decode(plain.bytes), LONG_SCRIPT);
    assert.equal(plain.headers.get("content-encoding"), null);
    const zipped = await getLong(app, { "accept-encoding": "gzip, deflate, br, zstd" });
    assert.equal(zipped.headers.get("content-encoding"), "gzip");
    assert.ok(zipped.bytes.length < LONG_SCRIPT.length / 10, `${zipped.bytes.length} bytes`);
    assert.equal(new TextDecoder().decode(gunzipSync(zipped.bytes)), LONG_SCRIPT);
    for (const { headers } of [plain, zipped]) {
      assert.equal(headers.get("vary"), "accept-encoding");
      assert.equal(headers.get("content-type"), "text/javascript; charset=utf-8");
      assert.equal(headers.get("access-control-allow-origin"), "*");
    }
    const etag = zipped.headers.get("etag") ?? "";
    assert.notEqual(etag, plain.headers.get("etag"));
    const asked = { "accept-encoding": "gzip", "if-none-match": etag };
    const again = await getLong(app, asked);
    assert.deepEqual([again.status, again.bytes.length], [304, 0]);
    assert.equal(again.headers.get("etag"), etag);
    const { "if-none-match": _, ...fresh } = asked;
    assert.equal((await getLong(app, fresh)).status, 200);
    assert.equal((await getLong(app, { "if-none-match": etag })).status, 200, "another form");
  }));

const CODINGS: readonly (readonly [string, string | null])[] = [
  ["gzip", "gzip"],
  ["GZIP;q=0.5", "gzip"],
  ["br;q=1, *;q=0.1", "gzip"],
  ["gzip;q=0", null],
  ["gzip;q=0, *", null],
  ["br", null],
  ["identity", null],
  ["", null],
];

for (const [header, coding] of CODINGS) {
  Deno.test(`Accept-Encoding: ${header}`, () =>
    withApp(async (app) => {
      const { headers } = await getLong(app, { "accept-encoding": header });
      assert.equal(headers.get("content-encoding"), coding);
    }));
}

Deno.test("a part is of the file as it is, also for who takes gzip; a short file goes as it is", () =>
  withApp(async (app) => {
    const { status, bytes, headers } = await getLong(app, {
      "accept-encoding": "gzip",
      "range": "bytes=0-5",
    });
    assert.deepEqual([status, new TextDecoder().decode(bytes)], [206, "export"]);
    assert.equal(headers.get("content-encoding"), null);
    const short = await get(app, { "accept-encoding": "gzip" });
    assert.deepEqual([short.text, short.headers.get("vary")], [SCRIPT, null]);
  }));

const OUTSIDE = [
  "/../secret.txt",
  "/..%2fsecret.txt",
  "/%2e%2e/secret.txt",
  "/%2e%2e%2fsecret.txt",
  "/assets/..%2f..%2fsecret.txt",
  "/assets/%2e%2e/%2e%2e/secret.txt",
  "/..%5csecret.txt",
  "/%252e%252e%252fsecret.txt",
  "//secret.txt",
  "/assets//../../secret.txt",
  "/secret.txt%00.js",
  "/link.txt",
  "/etc/passwd",
  "/file:///etc/passwd",
];

for (const path of OUTSIDE) {
  Deno.test(`nothing outside the folder: ${path}`, () =>
    withApp(async (app) => {
      const { status, text } = await get(app, {}, path);
      assert.equal(status, 404);
      assert.ok(!text.includes("secret"));
    }));
}

Deno.test("an address that is no text is answered, not thrown", () =>
  withApp(async (app) => {
    for (const path of ["/%ff", "/%", "/%zz"]) {
      assert.equal((await get(app, {}, path)).status, 404, path);
    }
  }));

Deno.test("the page answers for the app's addresses, and says when a stream is unknown", () =>
  withApp(async (app) => {
    for (const [path, expected] of [["/", 200], ["/live/cam", 200], ["/live/none", 404]] as const) {
      const { status, text, headers } = await get(app, {}, path);
      assert.equal(status, expected, path);
      assert.match(text, /page/);
      assert.equal(headers.get("cache-control"), "no-cache");
    }
    const person = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
    const { status, text, headers } = await get(app, person, "/elsewhere/at all");
    assert.equal(status, 404);
    assert.match(text, /page/, "the app, which leads back to the cameras");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'self'/);
    const program = await get(app, { accept: "*/*" }, "/elsewhere");
    assert.equal(program.status, 404);
    assert.match(program.text, /nothing at this address\. The cameras are at \/$/);
  }));

Deno.test("a folder without a page is not an app, and the reason is said", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rill-static-" });
  try {
    assert.throws(() => loadApp(pathToFileURL(`${folder}/`)), /there is no web app in .*build it/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
