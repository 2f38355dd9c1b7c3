/**
 * The table of GoPro dialects, in the order a camera is asked. To add a generation, write its file and
 * add its line.
 *
 * @module
 */

import type { Get } from "./camera_http.ts";
import type { Camera, Dialect, PreviewOptions } from "./dialect.ts";
import { gpcontrol } from "./gpcontrol.ts";
import { hero3 } from "./hero3.ts";
import { open } from "./open.ts";

/** One line a generation, newest first: each answers what those after it ask, but not the other way. */
export const DIALECTS = {
  open,
  gpcontrol,
  hero3,
} as const satisfies Record<string, Dialect>;

/** A dialect that exists. */
export type DialectName = keyof typeof DIALECTS;

/** Names, in the table's order. */
export const DIALECT_NAMES: readonly DialectName[] = Object.keys(DIALECTS).filter(isDialectName);

function isDialectName(name: string): name is DialectName {
  return Object.hasOwn(DIALECTS, name);
}

/** A camera that can be spoken to. */
export interface Recognised {
  readonly name: DialectName;
  readonly camera: Camera;
  /** It said that it is of this dialect; else it is only the likeliest. */
  readonly certain: boolean;
}

/**
 * Asks the camera for each of `names` until one says yes; else the first that answered at all is taken,
 * since old firmware answers badly and does as it is told. `undefined` when nothing answered.
 * @param getOf asks on the port of a dialect.
 */
export async function recognise(
  names: readonly DialectName[],
  getOf: (dialect: Dialect) => Get,
  options: PreviewOptions,
): Promise<Recognised | undefined> {
  let possible: Recognised | undefined;
  for (const name of names) {
    const dialect = DIALECTS[name];
    const found = await dialect.identify(getOf(dialect), options);
    if (found.kind === "no") continue;
    if (found.kind === "yes") return { name, camera: found.camera, certain: true };
    possible ??= { name, camera: found.camera, certain: false };
  }
  return possible;
}
