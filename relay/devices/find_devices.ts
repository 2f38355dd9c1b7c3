/**
 * The cameras and microphones of this machine, asked of the programs that know: with their formats and controls, and as
 * what they are written in a configuration. Opens none.
 *
 * @module
 */

import type { DeviceList, FoundCamera } from "../../shared/api.ts";
import { SourceError } from "../sources/source.ts";
import { parseControls } from "../sources/v4l2/control_list.ts";
import { ctl, V4L2_CTL } from "../sources/v4l2/ctl.ts";
import { parseFormats } from "../sources/v4l2/format_list.ts";
import { namesFor, readStableNames } from "./stable_names.ts";
import { isCamera, parseMicrophones, parseRpicamCameras, parseV4l2Devices } from "./device_list.ts";

/** The programs that are asked; those that are not here know of nothing. */
export const LISTING_PROGRAMS = [V4L2_CTL, "rpicam-hello", "libcamera-hello", "arecord"] as const;
const LIMIT_MS = 8_000;
/** Any camera's, where there is but one. */
const FIRST_NODE = "/dev/video0";

/**
 * Asks all of them. Never rejects: what could not be asked stands in the notes.
 * @param root what stands before `/dev`, for tests.
 */
export async function findDevices(root = "", limitMs = LIMIT_MS): Promise<DeviceList> {
  const notes: string[] = [];
  /** @param older what the program was called before. */
  const ask = async (
    program: string,
    args: readonly string[],
    older?: string,
  ): Promise<string> => {
    const answer = await outputOf(program, { args, limitMs });
    if (typeof answer === "string") return answer;
    const other = older === undefined ? answer : await outputOf(older, { args, limitMs });
    if (typeof other === "string") return other;
    notes.push(answer.note);
    return "";
  };
  const stable = readStableNames(root);
  const cameras: FoundCamera[] = [];
  const listed = parseV4l2Devices(await ask(V4L2_CTL, ["--list-devices"]));
  // What nobody lets this user open is in no list: asked by itself, it says so.
  const known = new Set(listed.flatMap(({ nodes }) => nodes));
  const hidden = [...stable.byId.keys()].filter((node) => !known.has(node));
  if (hidden.length + known.size + notes.length === 0) hidden.push(FIRST_NODE);
  const names = namesFor(listed, stable);
  for (const { name, nodes } of [...listed, { name: "", nodes: hidden }]) {
    for (const node of nodes) {
      const found = await askCamera(
        { name, node, source: `v4l2:${names.get(node) ?? node}` },
        notes,
      );
      if (found) cameras.push(found);
    }
  }
  for (
    const { number, name } of parseRpicamCameras(
      await ask("rpicam-hello", ["--list-cameras"], "libcamera-hello"),
    )
  ) {
    const source = number === 0 ? "rpicam" : `rpicam:${number}`;
    cameras.push({ source, name, modes: [], controls: [] });
  }
  return { cameras, microphones: parseMicrophones(await ask("arecord", ["-l"])), notes };
}

/** One node; `undefined` for those that give no pictures Rill takes. */
async function askCamera(
  { name, node, source }: { readonly name: string; readonly node: string; readonly source: string },
  notes: string[],
): Promise<FoundCamera | undefined> {
  try {
    if (!isCamera({ name, info: await ctl(node, ["--info"]) })) return undefined;
    const modes = parseFormats(await ctl(node, ["--list-formats-ext"]));
    if (modes.length === 0) return undefined;
    return {
      source,
      name,
      modes: modes.map(({ format, width, height, rates }) => ({ format, width, height, rates })),
      controls: parseControls(await ctl(node, ["--list-ctrls-menus"])),
    };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (!/gives no pictures|^no such device/.test(error.message)) {
      notes.push(`${node}: ${error.message}`);
    }
    return undefined;
  }
}

async function outputOf(
  program: string,
  { args, limitMs }: { readonly args: readonly string[]; readonly limitMs: number },
): Promise<string | { readonly note: string }> {
  try {
    const signal = AbortSignal.timeout(limitMs);
    const { stdout } = await new Deno.Command(program, {
      args: [...args],
      env: { LC_ALL: "C" }, // arecord's list is in its user's language
      stdin: "null",
      signal,
    }).output();
    if (signal.aborted) {
      return { note: `${program} did not answer within ${Math.round(limitMs / 1000)} s` };
    }
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { note: `${program} is not installed` };
    if (error instanceof Deno.errors.NotCapable) {
      return { note: `the relay was started without leave to run ${program}` };
    }
    throw error;
  }
}
