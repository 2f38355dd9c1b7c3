/**
 * The built web app: files below one folder with ETag, byte ranges, gzip and security headers, and the shell page for
 * every address of the app. Reads the folder once at the start; nothing outside it can be named.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import type { Bytes } from "../../shared/bytes.ts";
import { answerProblem, wrongMethod } from "../api/problems.ts";
import { gzipOf, isCompressible, takesGzip } from "./compressed.ts";
import { isHeld, readRange } from "./conditions.ts";
import { renderShell } from "./shell.ts";

/** The app is small; a folder beyond this is not the app. */
const MAX_APP_BYTES = 32 * 1024 * 1024;

/** The app's one page. */
const SHELL = "index.html";
/** The page that leads to https: it stands alone, and works where the app does not. */
const TRUST = "trust.html";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
  json: "application/json",
  webmanifest: "application/manifest+json",
  txt: "text/plain; charset=utf-8",
  map: "application/json",
  woff2: "font/woff2",
};

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss: https:; " +
    "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; base-uri 'self'; frame-ancestors *; " +
    "object-src 'none'; form-action 'self'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Of what pages of other origins load: scripts without a secret, the same for everyone (Fetch §3.2, §3.7). */
const ANY_ORIGIN: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
};
/** What pages of other origins begin with; the rest of it is below assets. */
const EMBED = "embed.js";

interface AppFile {
  readonly bytes: Bytes;
  readonly type: string;
  readonly etag: string;
  /** Its name carries a hash of its content: it never changes. */
  readonly immutable: boolean;
  /** Pages of other origins may load it. */
  readonly forAll: boolean;
}

/**
 * Loads the app.
 * @param folder where the build put it.
 * @throws {Error} with a sentence when it is not there.
 */
export function loadApp(folder: URL): Map<string, AppFile> {
  const files = new Map<string, AppFile>();
  let total = 0;
  const walk = (directory: URL, prefix: string): void => {
    for (const entry of Deno.readDirSync(directory)) {
      const url = new URL(
        encodeURIComponent(entry.name) + (entry.isDirectory ? "/" : ""),
        directory,
      );
      if (entry.isDirectory) walk(url, `${prefix}${entry.name}/`);
      if (!entry.isFile) continue;
      const bytes = Deno.readFileSync(url);
      total += bytes.length;
      if (total > MAX_APP_BYTES) {
        throw new Error(`the web app in ${folder.pathname} is over 32 MiB`);
      }
      files.set(prefix + entry.name, {
        bytes,
        type: TYPES[entry.name.slice(entry.name.lastIndexOf(".") + 1)] ??
          "application/octet-stream",
        etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
        immutable: prefix === "assets/",
        forAll: prefix === "assets/" || prefix + entry.name === EMBED,
      });
    }
  };
  walk(folder, "");
  if (!files.has(SHELL)) {
    throw new Error(`there is no web app in ${folder.pathname}: build it with \`deno task build\``);
  }
  return files;
}

/** What the app's page is filled in with. */
export interface AppContext {
  /** Path below which the relay is reached; begins and ends with a slash. */
  readonly base: string;
  /** Where the relay is reached over https, as the app's page says it; nothing when it is not. */
  secure?(): string;
  /** Names of all streams. */
  streams(): readonly string[];
}

/** Answers with the trust page; it may ask the https address whether it is there. */
export function trustPage(
  files: ReadonlyMap<string, AppFile>,
  context: AppContext,
): (c: Context) => Response | Promise<Response> {
  const template = new TextDecoder().decode(files.get(TRUST)?.bytes);
  const policy = SECURITY_HEADERS["content-security-policy"] ?? "";
  const headers = {
    ...SECURITY_HEADERS,
    "content-security-policy": policy.replace("connect-src 'self'", "connect-src 'self' https:"),
    "cache-control": "no-cache",
  };
  return (c) => {
    const { base, secure } = context;
    return c.html(
      renderShell(template, { base, secure: secure?.() ?? "", streams: [] }),
      200,
      headers,
    );
  };
}

/** Serves the app's files, and its page for every address of the app. */
export function staticApp(files: ReadonlyMap<string, AppFile>, context: AppContext): Hono {
  const app = new Hono();
  const template = new TextDecoder().decode(files.get(SHELL)?.bytes);
  app.get("*", (c) => {
    const path = decodePath(c.req.path);
    const file = path === undefined || path === SHELL || path === TRUST
      ? undefined
      : files.get(path);
    if (file) return send(c, file);
    const streams = context.streams();
    const { base } = context;
    const secure = context.secure?.() ?? "";
    const headers = { ...SECURITY_HEADERS, "cache-control": "no-cache" };
    if (path === "" || path === SHELL || path === "camera") {
      return c.html(renderShell(template, { base, secure, streams }), 200, headers);
    }
    if (path?.startsWith("live/")) {
      const stream = path.slice("live/".length).replace(/\/$/, "");
      const known = streams.includes(stream);
      const page = renderShell(template, { base, secure, streams, ...(known ? { stream } : {}) });
      return c.html(page, known ? 200 : 404, headers); // the page says the same in its own words
    }
    // A person is told by the app, a program in a line.
    return /\btext\/html\b/.test(c.req.header("accept") ?? "")
      ? c.html(renderShell(template, { base, secure, streams }), 404, headers)
      : c.text(`There is nothing at this address. The cameras are at ${base}`, 404);
  });
  const allow = "GET, HEAD";
  app.all("*", (c) => answerProblem(c, wrongMethod(c.req.method, allow), { allow }));
  return app;
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path.slice(1));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

async function send(c: Context, file: AppFile): Promise<Response> {
  const choice = isCompressible(file);
  const range = c.req.header("range");
  // A part is of the bytes as they are.
  const zipped = choice && range === undefined && takesGzip(c.req.header("accept-encoding"));
  const headers: Record<string, string> = {
    ...SECURITY_HEADERS,
    ...(file.forAll ? ANY_ORIGIN : {}),
    ...(choice ? { vary: "accept-encoding" } : {}),
    "content-type": file.type,
    // Another form is another version (RFC 9110 §8.8.3.3).
    etag: zipped ? file.etag.replace(/"$/, '-gzip"') : file.etag,
    "accept-ranges": "bytes",
    "cache-control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if (isHeld(c.req.header("if-none-match"), headers.etag)) return c.body(null, 304, headers);
  if (zipped) return c.body(await gzipOf(file), 200, { ...headers, "content-encoding": "gzip" });
  return sendPart(c, file, headers);
}

/** The bytes as they are, or the part of them that is asked for. */
function sendPart(c: Context, file: AppFile, headers: Record<string, string>): Response {
  const ifRange = c.req.header("if-range");
  const range = ifRange === undefined || ifRange === file.etag
    ? readRange(c.req.header("range") ?? "", file.bytes.length)
    : undefined; // a part of something else
  if (range === "unsatisfiable") {
    return c.body(null, 416, { ...headers, "content-range": `bytes */${file.bytes.length}` });
  }
  if (!range) return c.body(file.bytes, 200, headers);
  return c.body(file.bytes.subarray(range.first, range.last + 1), 206, {
    ...headers,
    "content-range": `bytes ${range.first}-${range.last}/${file.bytes.length}`,
  });
}
