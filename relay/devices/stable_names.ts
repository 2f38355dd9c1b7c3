/**
 * What cameras are called however they are numbered: udev's names, by what a camera is, or by where it is plugged in. Opens
 * none.
 *
 * @module
 */

import type { NamedNodes } from "./device_list.ts";

/** The folder of all of them. */
export const STABLE_NAMES = "/dev/v4l";

/** Names by node. */
export interface StableNames {
  readonly byId: ReadonlyMap<string, string>;
  readonly byPath: ReadonlyMap<string, string>;
}

/** Reads them. @param root what stands before `/dev`, for tests. */
export function readStableNames(root: string): StableNames {
  return {
    byId: linksIn(`${STABLE_NAMES}/by-id`, root),
    byPath: linksIn(`${STABLE_NAMES}/by-path`, root),
  };
}

/**
 * What each node of these devices is to be called. Cameras of one make that have no number of their own share one name by
 * what they are, which is the last one's that was plugged in: those are called by where they are.
 */
export function namesFor(
  devices: readonly NamedNodes[],
  { byId, byPath }: StableNames,
): ReadonlyMap<string, string> {
  const groups = Map.groupBy(devices, ({ name }) => name.replace(/ \([^()]*\)$/, "")); // without its place
  const names = new Map<string, string>();
  for (const alike of groups.values()) {
    const isShared = alike.length > 1 &&
      alike.some(({ nodes }) => !nodes.some((node) => byId.has(node)));
    const [first, second] = isShared ? [byPath, byId] : [byId, byPath];
    for (const node of alike.flatMap(({ nodes }) => nodes)) {
      names.set(node, first.get(node) ?? second.get(node) ?? node);
    }
  }
  return names;
}

function linksIn(folder: string, root: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const path of namesIn(folder, root)) {
    const node = targetOf(`${root}${path}`)?.slice(root.length);
    if (node !== undefined && !names.has(node)) names.set(node, path);
  }
  return names;
}

function namesIn(folder: string, root: string): string[] {
  try {
    return [...Deno.readDirSync(`${root}${folder}`)].map(({ name }) => `${folder}/${name}`).sort();
  } catch (error) {
    if (isAway(error)) return []; // no camera on USB, or no leave to look
    throw error;
  }
}

function targetOf(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (isAway(error)) return undefined; // it is being unplugged
    throw error;
  }
}

function isAway(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable;
}
