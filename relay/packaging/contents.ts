/**
 * What an archive holds: the bundled relay, the built app, the launcher, the units, the licences, and last Deno's
 * program for its platform. Reads the repository, writes nothing.
 *
 * @module
 */

import { join } from "node:path";
import manifest from "../../deno.json" with { type: "json" };
import type { Bytes } from "../../shared/bytes.ts";
import { MEMORY_VARIABLES, runtimeFlags } from "../runtime_settings.ts";
import { VERSION } from "../version.ts";
import { bundle } from "./bundle.ts";
import { licenceText, readPackages, withDependencies } from "./licences.ts";
import { DENO_VERSION } from "./platforms.ts";
import type { TarEntry } from "./tar.ts";

/** What is started: the relay, the recorder, and what finds the permissions and devices that the relay needs. */
const ENTRIES = [
  "relay/main.ts",
  "relay/record.ts",
  "relay/packaging/print_permissions.ts",
  "relay/packaging/print_devices.ts",
];

/** Beside the launcher in an archive, as here; those that are run. */
const FILES = "relay/packaging/files/";
const PROGRAMS = ["rill", "install.sh", "uninstall.sh"];

/** What is the same on every platform. */
export interface Contents {
  readonly entries: readonly TarEntry[];
  /** How many npm packages are in it, in the relay or in the app. */
  readonly packages: number;
}

/** Collects it, from the repository at `root`, whose app is built. @throws {Error} when something is missing. */
export async function collect(root: string): Promise<Contents> {
  const { files, assets, packages } = await bundle(root, ENTRIES);
  const packed = readPackages([...packages, ...withDependencies(root, "lit")]);
  const read = (path: string): Bytes => Deno.readFileSync(join(root, path));
  const entries: TarEntry[] = [
    ...[...files].map(([path, text]) => entry(path, text)),
    ...assets.flatMap((path) => filesIn(root, path)).map((path) => entry(path, read(path))),
    ...filesIn(root, FILES).map((path) =>
      entry(path.slice(FILES.length), fill(new TextDecoder().decode(read(path))))
    ),
    entry("LICENSE", read("LICENSE")),
    entry("README.md", read("relay/packaging/README.md")),
    entry("deno.json", denoJson()),
    entry(
      "licences_of_others.txt",
      licenceText(packed, { deno: DENO_VERSION, mit: new TextDecoder().decode(read("LICENSE")) }),
    ),
    entry("version", `${VERSION}\n`),
  ];
  const byPath = new Map(entries.map((each) => [each.path, each]));
  return {
    entries: [...byPath.values()].sort((a, b) => a.path < b.path ? -1 : 1),
    packages: packed.length,
  };
}

function entry(path: string, content: string | Bytes): TarEntry {
  return {
    path,
    executable: PROGRAMS.includes(path),
    content: typeof content === "string" ? new TextEncoder().encode(content) : content,
  };
}

/** `deno task record` and `rill record` have the same permissions, `deno task relay` and `rill` the same settings. */
function fill(text: string): string {
  const permissions = manifest.tasks.record.match(/--allow-\S+/g) ?? [];
  const variables = Object.entries(MEMORY_VARIABLES).map(([name, value]) =>
    `${name}="\${${name}-${value}}"`
  );
  return text.replaceAll("@RECORD_PERMISSIONS@", permissions.join(" "))
    .replaceAll("@MEMORY_VARIABLES@", variables.join(" "))
    .replaceAll("@RUNTIME_FLAGS@", runtimeFlags(v8OfPackedDeno()).join(" "));
}

/** Known of the Deno that runs this alone. */
function v8OfPackedDeno(): string | undefined {
  return Deno.version.deno === DENO_VERSION ? Deno.version.v8 : undefined;
}

/** What of deno.json the packed Deno needs: nothing is fetched, compiled or looked for. */
function denoJson(): string {
  const { unstable } = manifest;
  // A workspace of its own: Deno would look for one in every folder above.
  const alone = { unstable, nodeModulesDir: "none", workspace: [] };
  return `${JSON.stringify(alone, undefined, 2)}\n`;
}

/** A file, or all files below a folder (a path that ends with a slash), sorted. */
function filesIn(root: string, path: string): string[] {
  if (!path.endsWith("/")) return [path];
  return [...Deno.readDirSync(join(root, path))].sort((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(({ name, isDirectory }) => filesIn(root, `${path}${name}${isDirectory ? "/" : ""}`));
}
