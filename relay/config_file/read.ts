/**
 * A configuration file's text → settings and streams with the lines they stand on (contract §3), or a sentence that
 * names line, key and remedy. Touches no file itself, and gives no meaning to the values.
 *
 * @module
 */

import { isAbsolute, join } from "node:path";
import { type Document, isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { z } from "zod";
import { COMPAT_KEYS, VW_API_KEY } from "../compat/keys.ts";
import { readPlan, type RecordPlan } from "../library/plan.ts";
import { expandVariables, VariableError } from "./expand.ts";
import { DESTINATION_KEYS, FILE, type FileContent, RECORD_KEYS, STREAM_KEYS } from "./schema.ts";
import { nearest } from "./nearest.ts";
import { Place } from "./place.ts";

/** Longer is no configuration. */
const MAX_CHARS = 1024 * 1024;

/** A setting of the file, as the command line's twin would have it. */
export interface FileSetting {
  /** Where it stands, for sentences: `rill.yaml line 3, listen`. */
  readonly key: string;
  readonly text: string;
}

/** What a file says. */
export interface ConfigFile {
  /** As it was named. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** By the option's name, or `compat.` and a key of that. */
  readonly settings: Readonly<Record<string, FileSetting>>;
  readonly streams: readonly FileStream[];
  readonly destinations: readonly FileDestination[];
  /** Names of the variables that stand in it. */
  readonly variables: readonly string[];
}

/** A stream of the file. */
export interface FileStream {
  readonly name: string;
  readonly source: string;
  /** Of the file, absolute: where paths in the source are meant from. */
  readonly folder: string;
  /** What is said beside the source. */
  readonly equipment: {
    readonly audio?: string;
    readonly controls?: Readonly<Record<string, number | boolean | string>>;
    readonly onDemand?: boolean;
  };
  /** Recorded always, and what is kept of it. */
  readonly record?: RecordPlan;
  /** Where it stands, for sentences. */
  readonly key: string;
}

/** A destination of the file. */
export interface FileDestination {
  readonly id: string;
  readonly stream?: string | undefined;
  readonly url: string;
  readonly token?: string | undefined;
  readonly format?: string | undefined;
  /** Where it stands, for sentences. */
  readonly key: string;
}

/** The file cannot be used; `message` is a sentence, or several, each on a line of its own. */
export class ConfigFileError extends Error {
  override readonly name = "ConfigFileError";
}

/** What stands around a file. */
export interface Surroundings {
  /** As it was named on the command line. */
  readonly name: string;
  /** Absolute; paths in it are meant from its folder. */
  readonly path: string;
  env(name: string): string | undefined;
}

/**
 * Reads a file's text.
 * @throws {ConfigFileError}
 */
export function readConfigFile(text: string, around: Surroundings): ConfigFile {
  const { name, path } = around;
  if (text.length > MAX_CHARS) {
    throw new ConfigFileError(`${name} has more than a million characters: is it the right file?`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = new Place(name, { document, lines });
  const [broken] = document.errors;
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new ConfigFileError(`${name} line ${line}: this is not YAML: ${inWords(broken.message)}`);
  }
  const variables = expand(document, { around, place });
  const value: unknown = toPlain(document, place) ?? {};
  const folder = join(path, "..");
  const { data, error } = FILE.safeParse(value);
  if (error) throw new ConfigFileError(explain(error, { place, value }).join("\n"));
  return {
    name,
    path,
    settings: settingsOf(data, { place, folder }),
    streams: Object.entries(data.streams ?? {}).map(([stream, written]) => ({
      name: stream,
      source: written.source,
      folder,
      equipment: {
        ...(written.audio === undefined ? {} : { audio: written.audio }),
        ...(written.controls === undefined ? {} : { controls: written.controls }),
        ...(written.on_demand ? { onDemand: true } : {}),
      },
      ...(written.record === undefined ? {} : { record: readPlan(written.record) }),
      key: place.key(["streams", stream]),
    })),
    destinations: Object.entries(data.destinations ?? {}).map(([id, written]) => ({
      ...written,
      id,
      key: place.key(["destinations", id]),
    })),
    variables,
  };
}

interface Within {
  readonly place: Place;
  readonly value: unknown;
}

/** Every `${VAR}` in a text value is exchanged, in the document itself; returns the variables' names. */
function expand(
  document: Document,
  { around, place }: { readonly around: Surroundings; readonly place: Place },
): string[] {
  const variables = new Set<string>();
  visit(document, {
    Scalar: (key, node, ancestors) => {
      if (key === "key" || typeof node.value !== "string") return;
      try {
        node.value = expandVariables(node.value, (name) => {
          variables.add(name);
          return around.env(name);
        });
      } catch (error) {
        if (!(error instanceof VariableError)) throw error;
        const path = ancestors.flatMap((above) =>
          typeof above === "object" && "key" in above && isScalar(above.key)
            ? [String(above.key.value)]
            : []
        );
        throw new ConfigFileError(`${place.key(path)}: ${error.message}`);
      }
    },
  });
  return [...variables];
}

/** Aliases of aliases may grow without bound: the package counts them. */
function toPlain(document: Document, place: Place): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    refuseUnknownAlias(document, place);
    throw new ConfigFileError(
      `${place.where([])}: too many aliases of aliases; write the values out`,
    );
  }
}

/** A password may begin with the sign of an alias: what follows it is not repeated. */
function refuseUnknownAlias(document: Document, place: Place): void {
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document)) return;
      throw new ConfigFileError(
        `${
          place.at(alias.range?.[0] ?? 0)
        }: a value that begins with * is an alias in YAML, and nothing has this ` +
          "name: put it in quotes",
      );
    },
  });
}

function settingsOf(
  data: FileContent,
  { place, folder }: { readonly place: Place; readonly folder: string },
): Record<string, FileSetting> {
  const { tls, access, data: dataFolder } = data;
  const absolute = (path: string): string => isAbsolute(path) ? path : join(folder, path);
  const texts: Readonly<Record<string, readonly [key: string, text: string | undefined]>> = {
    "listen": ["listen", data.listen],
    "listen-tls": ["listen_tls", data.listen_tls],
    "tls": [
      "tls",
      typeof tls === "object" ? `${absolute(tls.cert)},${absolute(tls.key)}` : tls,
    ],
    "url": ["url", data.url],
    "data": ["data", dataFolder === undefined ? undefined : absolute(dataFolder)],
    "view": ["access.view", access?.view],
    "open": ["access", access?.publish === "open" ? "publish" : undefined],
    "log": ["log", data.log],
    "log-format": ["log_format", data.log_format],
  };
  const settings: Record<string, FileSetting> = {};
  for (const [option, [key, text]] of Object.entries(texts)) {
    if (text !== undefined) settings[option] = { key: place.key(key.split(".")), text };
  }
  for (const [key, text] of Object.entries(data.compat ?? {})) {
    if (text !== undefined) settings[`compat.${key}`] = { key: place.key(["compat", key]), text };
  }
  return settings;
}

/** One sentence for each fault. */
function explain(error: z.ZodError, within: Within): string[] {
  return error.issues.flatMap((issue) => {
    const { place, value } = within;
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => {
        const path = [...issue.path, key];
        const known = keysAt(issue.path);
        const near = nearest(key, known);
        const hint = near === undefined ? "it takes" : `did you mean ${near}? It takes`;
        const above = issue.path.length === 0 ? "" : ` in ${issue.path.join(".")}`;
        return `${place.where(path)}: there is no key ${key}${above}; ${hint} ${known.join(", ")}`;
      });
    }
    const found = valueAt(value, issue.path);
    const key = issue.path.length === 0 ? place.where([]) : place.key(issue.path);
    return [`${key}: expected ${issue.message}, not ${describe(found)}`];
  });
}

/** The keys that the schema has at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(FILE.shape);
  if (path[0] === "streams") return path[2] === "record" ? RECORD_KEYS : STREAM_KEYS;
  if (path[0] === "destinations") return DESTINATION_KEYS;
  if (path[0] === "compat") return [...COMPAT_KEYS, VW_API_KEY];
  return path[0] === "access" ? ["view", "publish"] : [];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return at;
    at = Reflect.get(at, key);
  }
  return at;
}

/** A value in few words: it may be long, and may be secret. */
function describe(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "keys and values";
  return typeof value === "string" ? "this text" : `the ${typeof value} ${String(value)}`;
}

/** The package's own words, one line of them. */
function inWords(message: string): string {
  const [line = message] = message.split("\n");
  return `${line.charAt(0).toLowerCase()}${line.slice(1).replace(/[.\s:]+$/, "")}`;
}
