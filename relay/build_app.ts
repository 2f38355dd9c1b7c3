/**
 * Builds the web app when its sources are newer than what was built, with Vite run by this same Deno. A release
 * ships it built; then nothing is done.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

const ROOT = new URL("../", import.meta.url);
const BUILT = new URL("web/dist/index.html", ROOT);
/** What the app is built from. */
const SOURCES = ["web/", "shared/", "package.json"];

/**
 * Builds the app if need be.
 * @throws {Error} with the builder's last words when it fails.
 */
export async function buildAppIfStale(say: (line: string) => void): Promise<void> {
  const built = modified(BUILT);
  const newest = Math.max(...SOURCES.map((path) => newestIn(new URL(path, ROOT))));
  if (built !== undefined && built >= newest) return;
  say("Building the web app …");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "npm:vite", "build", "web", "--logLevel", "warn"],
    cwd: fileURLToPath(ROOT),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (code === 0) return;
  const words = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  throw new Error(`The web app could not be built:\n${words.trim()}`);
}

function modified(url: URL): number | undefined {
  try {
    return Deno.statSync(url).mtime?.getTime();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Newest change in a file or below a folder, what is built or installed left out. */
function newestIn(url: URL): number {
  if (!url.href.endsWith("/")) return modified(url) ?? 0;
  let newest = 0;
  for (const entry of Deno.readDirSync(url)) {
    if (entry.name === "dist" || entry.name === "node_modules") continue;
    const child = new URL(encodeURIComponent(entry.name) + (entry.isDirectory ? "/" : ""), url);
    newest = Math.max(newest, newestIn(child));
  }
  return newest;
}
