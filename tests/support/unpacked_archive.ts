/**
 * The archive that `deno task package` makes for this machine, unpacked in a folder. Starts nothing of it.
 *
 * @module
 */

import { join } from "node:path";
import { VERSION } from "../../relay/version.ts";
import { run } from "./run.ts";

const ARCHITECTURES = { x86_64: "amd64", aarch64: "arm64" } as const;

/** Of this machine, as archives are named. */
export const THIS_PLATFORM = `linux-${ARCHITECTURES[Deno.build.arch]}`;

/** An archive and what was in it. */
export interface UnpackedArchive {
  /** The archive's path, and that of the folder it unpacked to. */
  readonly archive: string;
  readonly top: string;
  /** The launcher in it. */
  readonly rill: string;
}

/** Makes the archive in `folder`, with its checksum beside it. @returns its path. */
export async function packInto(folder: string): Promise<string> {
  await run(Deno.execPath(), ["task", "--quiet", "package", "--to", folder, THIS_PLATFORM]);
  return join(folder, `rill-${VERSION}-${THIS_PLATFORM}.tar.gz`);
}

/** Makes and unpacks it in `folder`. */
export async function unpackInto(folder: string): Promise<UnpackedArchive> {
  const archive = await packInto(folder);
  await run("tar", ["-xzf", archive, "-C", folder]);
  const top = archive.replace(/\.tar\.gz$/, "");
  return { archive, top, rill: join(top, "rill") };
}
