/**
 * The licences of what an archive holds of others, as one text. Reads the packages' folders.
 *
 * @module
 */

import { dirname, join } from "node:path";

/** An npm package, as its folder tells. */
export interface PackedPackage {
  /** `name@version`. */
  readonly id: string;
  readonly licence: string;
  /** The licence's text, if the package has it. */
  readonly text: string | undefined;
}

const LICENCE_FILE = /^(?:licen[cs]e|copying)(?:[-.].*)?$/i;

/** Reads the packages in `folders`, one of each name and version, sorted. */
export function readPackages(folders: readonly string[]): readonly PackedPackage[] {
  const found = new Map<string, PackedPackage>();
  for (const folder of folders) {
    const { name, version, license } = manifestOf(folder);
    const files = [...Deno.readDirSync(folder)].filter(({ name, isFile }) =>
      isFile && LICENCE_FILE.test(name)
    ).map(({ name }) => name).sort();
    const [file] = files;
    found.set(`${name}@${version}`, {
      id: `${name}@${version}`,
      licence: typeof license === "string" ? license : "see its text",
      text: file === undefined ? undefined : Deno.readTextFileSync(join(folder, file)).trim(),
    });
  }
  return [...found.values()].sort((a, b) => a.id < b.id ? -1 : 1);
}

/** The folder of package `name`, installed at `root`, and those of all it depends on. */
export function withDependencies(root: string, name: string): readonly string[] {
  const found = new Set<string>();
  const add = (from: string, wanted: string): void => {
    const folder = Deno.realPathSync(join(from, wanted));
    if (found.has(folder)) return;
    found.add(folder);
    // Deno puts what a package depends on beside it.
    const beside = wanted.startsWith("@") ? dirname(dirname(folder)) : dirname(folder);
    for (const each of Object.keys(manifestOf(folder).dependencies ?? {})) {
      if (!each.startsWith("@types/")) add(beside, each); // declarations are in no bundle
    }
  };
  add(join(root, "node_modules"), name);
  return [...found];
}

/**
 * What the archive says of them; a text that several share is there once.
 * @param deno version of Deno, which is under the MIT licence too.
 * @param mit our own licence's text.
 */
export function licenceText(
  packages: readonly PackedPackage[],
  { deno, mit }: { readonly deno: string; readonly mit: string },
): string {
  const texts = Map.groupBy(packages, ({ text }) => text ?? "");
  const parts = [...texts].map(([text, users]) =>
    [
      users.map(({ id, licence }) => `${id} (${licence})`).join("\n"),
      ...(text === "" ? [] : [text]),
    ].join("\n\n")
  );
  return [
    "Rill is under the licence in the file LICENSE. Its archive also holds the following.",
    `deno ${deno} (MIT)\n\n${
      mit.trim().replace(/^Copyright .*$/m, "Copyright 2018-2026 the Deno authors")
    }`,
    ...parts,
  ].join(`\n\n${"-".repeat(80)}\n\n`) + "\n";
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(Deno.readTextFileSync(join(folder, "package.json"))) as Manifest;
}
