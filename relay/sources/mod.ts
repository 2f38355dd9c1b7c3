/**
 * The table of sources: the scheme a source's text begins with picks its driver. To add a camera, write
 * its file and add its line.
 *
 * @module
 */

import { withoutLogin } from "../../shared/credentials.ts";
import { isHostName } from "../../shared/host_name.ts";
import { demo } from "./demo.ts";
import { exec } from "./exec.ts";
import { file } from "./file.ts";
import { http, https, ws, wss } from "./pull/pull.ts";
import { push } from "./push.ts";
import { rpicam } from "./rpicam.ts";
import { rtp } from "./rtp.ts";
import { rtsp, rtsps } from "./rtsp.ts";
import { udp } from "./udp.ts";
import { gopro } from "./gopro/gopro.ts";
import { v4l2 } from "./v4l2/v4l2.ts";
import {
  type Equipment,
  type Scheme,
  type Source,
  SourceError,
  type SourceSpec,
} from "./source.ts";

/** Longer is no source: a command line has fewer. */
const MAX_TEXT_CHARS = 16 * 1024;

/** One line a scheme. */
export const SCHEMES = {
  demo,
  exec,
  file,
  gopro,
  http,
  https,
  push,
  rpicam,
  rtp,
  rtsp,
  rtsps,
  udp,
  v4l2,
  ws,
  wss,
} as const satisfies Record<string, Scheme>;

/** A scheme that exists. */
export type SchemeName = keyof typeof SCHEMES;

/**
 * Reads a source as written on the command line or in the configuration.
 * @param folder where paths in it are meant from, absolute; the folder that the relay was started in if not given.
 * @throws {SourceError} when no scheme knows it, or its scheme cannot read the rest.
 */
export function parseSource(text: string, folder?: string): SourceSpec {
  if (text.length > MAX_TEXT_CHARS) {
    throw new SourceError(`a source has at most ${MAX_TEXT_CHARS} characters, not ${text.length}`);
  }
  const name = /^([a-z][a-z0-9+.-]*)(?=[:?]|$)/i.exec(text)?.[1]?.toLowerCase() ?? "";
  const spec = row(name, text).parse(text, folder);
  for (const place of spec.permissions.net ?? []) {
    const host = place.replace(/:\d+$/, "").replace(/\/\d+$/, ""); // a network's, perhaps
    if (isHostName(host)) continue;
    throw new SourceError(`no machine can be called ${host}: correct it in ${spec.label}`);
  }
  return spec;
}

/**
 * Adds what the configuration says beside a source.
 * @throws {SourceError} when its scheme takes none of it, or not this.
 */
export function equipSource(spec: SourceSpec, equipment: Equipment): SourceSpec {
  const { onDemand = false, ...rest } = equipment;
  if (onDemand && spec.waits) {
    throw new SourceError(
      "a stream that waits for its publisher cannot sleep: leave on_demand out",
    );
  }
  const sleeper = onDemand ? { ...spec, onDemand } : spec;
  const [asked] = Object.keys(rest);
  if (asked === undefined) return sleeper;
  const scheme = row(spec.scheme, spec.label);
  if (!scheme.equip) throw new SourceError(`a source ${spec.scheme} takes no ${asked}`);
  return scheme.equip(sleeper, rest);
}

/** Opens what {@link parseSource} made; runs where the camera is served, inside its worker. */
export function openSource(spec: SourceSpec): Source {
  return row(spec.scheme, spec.label).open(spec);
}

/** Whether the API may take it although the configuration does not have it. */
export function isForApi({ scheme, label, namesFile }: SourceSpec): boolean {
  return row(scheme, label).byApi === true && namesFile !== true;
}

function row(name: string, text: string): Scheme {
  if (isSchemeName(name)) return SCHEMES[name];
  const known = Object.keys(SCHEMES).sort().join(", ");
  throw new SourceError(
    `unknown source "${withoutLogin(text)}": it must begin with one of ${known}; ${
      text.startsWith("/dev/") ? `a camera of Linux's is v4l2:${text}` : "a file is file:PATH"
    }`,
  );
}

function isSchemeName(name: string): name is SchemeName {
  return Object.hasOwn(SCHEMES, name);
}
