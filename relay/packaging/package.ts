/**
 * `deno task package`: an archive for each platform that needs nothing but itself, and their checksums. The same
 * sources make the same bytes.
 *
 *     deno task package [--to FOLDER] [PLATFORM …]
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildAppIfStale } from "../build_app.ts";
import { enterStartFolder } from "../start_folder.ts";
import { VERSION } from "../version.ts";
import { collect, type Contents } from "./contents.ts";
import { fetchDeno } from "./deno_program.ts";
import { LINUX, type Platform, PLATFORMS } from "./platforms.ts";
import { tar, type TarEntry } from "./tar.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");
/** Git ignores it. */
const DEFAULT_FOLDER = "relay/packaging/dist";
/** Of every file in an archive: 2026-01-01. A build's own time would make two of the same sources differ. */
const TIME = 1_767_225_600;
const USAGE_EXIT = 2;

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

const USAGE =
  `Makes an archive for each platform that needs nothing but itself, and their checksums.

deno task package [--to FOLDER] [PLATFORM …]

PLATFORM is one of ${PLATFORMS.map(({ name }) => name).join(", ")}; those of Linux if none is named.
  --to FOLDER            where they go; ${DEFAULT_FOLDER} if not said
  -h, --help             this text
`;

/** What the arguments ask for; a sentence when they make no sense. */
type Wish =
  | { readonly kind: "make"; readonly folder: string; readonly platforms: readonly Platform[] }
  | { readonly kind: "help" }
  | { readonly kind: "nonsense"; readonly sentence: string };

function readArguments(): Wish {
  try {
    const { values, positionals } = parseArgs({
      args: Deno.args,
      options: { to: { type: "string" }, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
    if (values.help) return { kind: "help" };
    const unknown = positionals.filter((name) => !PLATFORMS.some((each) => each.name === name));
    if (unknown.length > 0) {
      const known = PLATFORMS.map(({ name }) => name).join(", ");
      const sentence = `no archive can be made for ${unknown.join(", ")}; there are ${known}`;
      return { kind: "nonsense", sentence };
    }
    const named = PLATFORMS.filter(({ name }) => positionals.includes(name));
    return {
      kind: "make",
      folder: values.to === undefined ? join(ROOT, DEFAULT_FOLDER) : resolve(values.to),
      platforms: named.length > 0 ? named : LINUX,
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [first = error.message] = error.message.split(/\.\s|\n/);
    const sentence = `${first[0]?.toLowerCase()}${first.slice(1)}; --help says what there is`;
    return { kind: "nonsense", sentence };
  }
}

/** Writes one archive. @returns its SHA-256, its size and that of what it unpacks to, in bytes. */
async function write(
  file: string,
  top: string,
  entries: readonly TarEntry[],
): Promise<{ readonly hash: string; readonly packed: number; readonly unpacked: number }> {
  const inside = entries.map((each) => ({ ...each, path: `${top}/${each.path}` }));
  const hash = createHash("sha256");
  let packed = 0;
  let unpacked = 0;
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(bytes, controller): void {
      unpacked += bytes.byteLength;
      controller.enqueue(bytes);
    },
  });
  const note = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(bytes, controller): void {
      packed += bytes.byteLength;
      hash.update(bytes);
      controller.enqueue(bytes);
    },
  });
  const partial = `${file}.partial`;
  const output = await Deno.create(partial);
  await ReadableStream.from(tar(inside, TIME)).pipeThrough(count)
    .pipeThrough(new CompressionStream("gzip")).pipeThrough(note).pipeTo(output.writable);
  await Deno.rename(partial, file);
  return { hash: hash.digest("hex"), packed, unpacked };
}

async function pack(
  { entries, packages }: Contents,
  { folder, platforms }: { readonly folder: string; readonly platforms: readonly Platform[] },
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const sums: string[] = [];
  for (const platform of platforms) {
    const deno: TarEntry = {
      path: "deno",
      executable: true,
      content: { file: await fetchDeno(platform) },
    };
    const top = `rill-${VERSION}-${platform.name}`;
    const name = `${top}.tar.gz`;
    const { hash, packed, unpacked } = await write(join(folder, name), top, [...entries, deno]);
    sums.push(`${hash}  ${name}\n`);
    say(
      `${name}: ${megabytes(packed)} MB, ${megabytes(unpacked)} MB unpacked, ` +
        `${entries.length + 1} files: Deno, Rill and ${packages} npm packages in it`,
    );
  }
  await Deno.writeTextFile(join(folder, "SHA256SUMS"), sums.join(""));
  say(`They and SHA256SUMS are in ${folder}`);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

enterStartFolder();
const wish = readArguments();
switch (wish.kind) {
  case "help":
    Deno.stdout.writeSync(new TextEncoder().encode(USAGE));
    break;
  case "nonsense":
    say(`rill: ${wish.sentence}`);
    Deno.exit(USAGE_EXIT);
    break;
  case "make":
    await buildAppIfStale(say);
    await pack(await collect(ROOT), wish);
}
