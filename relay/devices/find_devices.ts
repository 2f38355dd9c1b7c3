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
import { parseMicrophones, parseRpicamCameras, parseV4l2Devices } from "./device_list.ts";

/** The programs that are asked; those that are not here know of nothing. */
export const LISTING_PROGRAMS = [V4L2_CTL, "rpicam-hello", "arecord"] as const;
/** Names of cameras that stay the same wherever they are plugged in. */
export const STABLE_NAMES = "/dev/v4l/by-id";
const LIMIT_MS = 8_000;

/**
 * Asks all of them. Never rejects: what could not be asked stands in the notes.
 * @param root what stands before `/dev`, for tests.
 */
export async function findDevices(root = ""): Promise<DeviceList> {
  const notes: string[] = [];
  const ask = async (program: string, args: readonly string[]): Promise<string> => {
    const answer = await outputOf(program, args);
    if (typeof answer === "string") return answer;
    notes.push(answer.note);
    return "";
  };
  const stable = stableNames(root);
  const cameras: FoundCamera[] = [];
  for (const { name, nodes } of parseV4l2Devices(await ask(V4L2_CTL, ["--list-devices"]))) {
    for (const node of nodes) {
      const found = await askCamera(
        { name, node, source: `v4l2:${stable.get(node) ?? node}` },
        notes,
      );
      if (found) cameras.push(found);
    }
  }
  for (
    const { number, name } of parseRpicamCameras(await ask("rpicam-hello", ["--list-cameras"]))
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
    const modes = parseFormats(await ctl(node, ["--list-formats-ext"]));
    if (modes.length === 0) return undefined;
    return {
      source,
      name,
      modes,
      controls: parseControls(await ctl(node, ["--list-ctrls-menus"])),
    };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (!/gives no pictures/.test(error.message)) notes.push(`${node}: ${error.message}`);
    return undefined;
  }
}

async function outputOf(
  program: string,
  args: readonly string[],
): Promise<string | { readonly note: string }> {
  try {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const { stdout } = await new Deno.Command(program, { args: [...args], stdin: "null", signal })
      .output();
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { note: `${program} is not installed` };
    if (error instanceof Deno.errors.NotCapable) {
      return { note: `the relay was started without leave to run ${program}` };
    }
    throw error;
  }
}

/** By node. */
function stableNames(root: string): Map<string, string> {
  const names = new Map<string, string>();
  try {
    for (const { name } of Deno.readDirSync(`${root}${STABLE_NAMES}`)) {
      const path = `${STABLE_NAMES}/${name}`;
      names.set(Deno.realPathSync(`${root}${path}`).slice(root.length), path);
    }
  } catch (error) {
    // No camera on USB, or no leave to look: nodes have their numbers then.
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable)) {
      throw error;
    }
  }
  return names;
}
