/**
 * Makes JavaScript of the relay: its entries and workers with all they import, npm packages included, in one folder,
 * and the list of files that they read beside it. Writes nothing.
 *
 * @module
 */

import { builtinModules } from "node:module";
import { dirname, join, relative, resolve } from "node:path/posix";
import { build, type Plugin, type Rolldown } from "vite";

/** The folder of all chunks: one, so that an address relative to a chunk does not depend on which it is. */
const FOLDER = "relay";

/** What came of it. */
export interface Bundle {
  /** Path from the top to text. */
  readonly files: ReadonlyMap<string, string>;
  /** Paths from the top, files and (with a slash at the end) folders, that the code reads beside itself. */
  readonly assets: readonly string[];
  /** Folders of the npm packages that are in it. */
  readonly packages: readonly string[];
}

/** `new URL("./x", import.meta.url)`, the one way in which the relay's code says where a file is. */
const ADDRESS = /\bnew URL\(\s*"(\.{1,2}\/[^"]*)",\s*import\.meta\.url,?\s*\)/g;

/**
 * Bundles.
 * @param root of the repository, absolute.
 * @param entries their paths from there; each becomes `relay/NAME.js`.
 * @throws {Error} when something cannot be resolved, or refers to itself in another way than by {@link ADDRESS}.
 */
export async function bundle(root: string, entries: readonly string[]): Promise<Bundle> {
  const assets = new Set<string>();
  const output = await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "error",
    plugins: [builtIns, addresses(root, assets)],
    ssr: { noExternal: true },
    build: {
      ssr: true,
      write: false,
      target: "esnext",
      minify: false, // what a user's log quotes can be looked up
      rolldownOptions: {
        input: Object.fromEntries(entries.map((path) => [entryName(path), join(root, path)])),
        output: {
          strictExecutionOrder: true, // packages that must load before others share chunks with neither
          entryFileNames: `${FOLDER}/[name].js`,
          chunkFileNames: `${FOLDER}/[name]-[hash].js`,
        },
      },
    },
  });
  const chunks = chunksOf(output);
  return {
    files: new Map(chunks.map(({ fileName, code }) => [fileName, code])),
    assets: [...assets].sort(),
    packages: [...new Set(chunks.flatMap(({ moduleIds }) => moduleIds.flatMap(packageOf)))].sort(),
  };
}

/** `relay/ingest/worker.ts` is `ingest_worker`. */
function entryName(path: string): string {
  return relative(FOLDER, path).replace(/\.ts$/, "").replaceAll("/", "_");
}

/** In an archive there are no tasks: what the relay tells people to write is the launcher's. */
const COMMANDS = [["deno task relay", "rill"], ["deno task record", "rill record"]] as const;

/** The runtime's own modules, under the name that Deno knows them by outside of npm packages. */
const builtIns: Plugin = {
  name: "rill-built-ins",
  enforce: "pre",
  resolveId(id): { readonly id: string; readonly external: true } | undefined {
    const name = id.replace(/^node:/, "");
    return builtinModules.includes(name) ? { id: `node:${name}`, external: true } : undefined;
  },
};

/** Makes entries of the modules whose addresses the code takes (workers), assets of everything else. */
function addresses(root: string, assets: Set<string>): Plugin {
  return {
    name: "rill-addresses",
    enforce: "pre",
    transform(code, id): string | undefined {
      if (!id.startsWith(`${root}/${FOLDER}/`)) return undefined;
      const from = dirname(relative(root, id));
      const changed = code.replace(ADDRESS, (_, written: string) => {
        const path = join(from, written);
        if (path.endsWith(".ts")) {
          const name = entryName(path);
          this.emitFile({
            type: "chunk",
            id: resolve(root, path),
            fileName: `${FOLDER}/${name}.js`,
          });
          return `new URL("./${name}.js", import.meta.url)`;
        }
        if (path !== "./") assets.add(path);
        const slash = path.endsWith("/") ? "/" : "";
        return `new URL("./${relative(FOLDER, path)}${slash}", import.meta.url)`;
      });
      if (/\bimport\.meta\b/.test(code.replace(ADDRESS, ""))) {
        throw new Error(`${id} says where it is in a way that does not survive bundling.`);
      }
      return COMMANDS.reduce((text, [task, command]) => text.replaceAll(task, command), changed);
    },
  };
}

function chunksOf(output: Awaited<ReturnType<typeof build>>): Rolldown.OutputChunk[] {
  const outputs = Array.isArray(output) ? output : [output];
  return outputs.flatMap((each) => "output" in each ? each.output : [])
    .filter((file) => file.type === "chunk");
}

/** The folder of the package that a module is in. */
function packageOf(id: string): readonly string[] {
  const match = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id);
  return match?.[1] === undefined ? [] : [match[1]];
}
