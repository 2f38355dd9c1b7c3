/**
 * The table of GoPro dialects, in the order a camera is asked. To add a generation, write its file and
 * add its line.
 *
 * @module
 */

import type { Get } from "./camera_http.ts";
import type { CameraIdentity, Dialect } from "./dialect.ts";
import { gpcontrol } from "./gpcontrol.ts";

/** One line a generation. */
export const DIALECTS = {
  gpcontrol,
} as const satisfies Record<string, Dialect>;

/** A dialect that exists. */
export type DialectName = keyof typeof DIALECTS;

/** Names, in the table's order. */
export const DIALECT_NAMES: readonly DialectName[] = Object.keys(DIALECTS).filter(isDialectName);

function isDialectName(name: string): name is DialectName {
  return Object.hasOwn(DIALECTS, name);
}

/** The dialect a camera speaks, and what it said of itself. */
export interface Recognised {
  readonly dialect: Dialect;
  readonly identity: CameraIdentity | undefined;
}

/**
 * Asks the camera for each of `names` until one says yes; else the first that answered at all is taken,
 * since old firmware answers badly and does as it is told. `undefined` when nothing answered.
 */
export async function recognise(
  names: readonly DialectName[],
  get: Get,
): Promise<Recognised | undefined> {
  let possible: Dialect | undefined;
  for (const name of names) {
    const dialect = DIALECTS[name];
    const found = await dialect.identify(get);
    if (found.kind === "yes") return { dialect, identity: found.identity };
    if (found.kind === "perhaps") possible ??= dialect;
  }
  return possible === undefined ? undefined : { dialect: possible, identity: undefined };
}
