/**
 * The groups of `deno task test`, in the order they run: cheap ones first. Each says what it needs; whether
 * that is there is tools.ts's to find out.
 *
 * @module
 */

import { runChecks } from "./check.ts";
import { add, type Outcome } from "./outcome.ts";
import { runTests, TEST_LOCK, type TestOptions } from "./test_command.ts";
import { findFiles, groupOf, runsAlone, type TestGroup } from "./test_files.ts";
import type { ToolName } from "./tools.ts";

/** One line of the report. */
export interface Group {
  readonly name: string;
  readonly about: string;
  readonly tools: readonly ToolName[];
  /** Without its tools it still runs, and skips the cases that need them. */
  readonly runsWithoutTools: boolean;
  run(options: { readonly verbose: boolean }): Promise<Outcome>;
}

/** What the machine offers beyond tools. */
export interface Surroundings {
  /** RILL_MEDIA leads to captures; if not, their group does not exist. */
  readonly hasCaptures: boolean;
}

/** How the files of a test group are run. */
interface TestSettings {
  readonly about: string;
  readonly tools: readonly ToolName[];
  /** Files side by side. More than there are cores: most wait, for cameras that send in real time. */
  readonly lanes: number;
}

/** A group that hangs as a whole is ended; a test that does ends by itself long before. */
const GROUP_LIMIT_MS = 1_800_000;
const CORES = navigator.hardwareConcurrency;
/** Relays and browsers side by side: a machine of many cores has not as much memory for each. */
const FEW = Math.min(CORES, 4);

const TEST_SETTINGS = {
  "unit": {
    about: "one file of code each",
    tools: ["ffmpeg", "openssl"],
    lanes: CORES + 2,
  },
  "contract": {
    about: "each interface, over every row of its table",
    tools: [],
    lanes: FEW,
  },
  "integration": {
    about: "the relay as a process, other programs as judges",
    tools: ["ffmpeg", "python", "nginx", "gstreamer", "pulseaudio"],
    lanes: FEW + 1,
  },
  "captures": {
    about: "real cameras' recordings from RILL_MEDIA",
    tools: ["ffmpeg", "python"],
    lanes: CORES,
  },
  "browser/chromium": {
    about: "Chromium",
    tools: ["ffmpeg", "chromium"],
    lanes: FEW,
  },
  "browser/firefox": {
    about: "Firefox",
    tools: ["ffmpeg", "firefox"],
    lanes: FEW,
  },
  "browser/webkit": {
    about: "WebKitGTK",
    tools: ["ffmpeg", "webkit"],
    lanes: FEW,
  },
} as const satisfies Record<TestGroup, TestSettings>;

/** All groups that exist here. */
export async function listGroups(surroundings: Surroundings): Promise<readonly Group[]> {
  return [...(await listChecks()), ...listTests(surroundings)];
}

async function listChecks(): Promise<readonly Group[]> {
  const hasWeb = await exists("web/tsconfig.json");
  const hasPage = await exists("web/index.html");
  return [
    check("format", "as deno fmt writes it", [["fmt", "--check"]]),
    check("lint", "deno lint finds nothing", [["lint", "-q"]]),
    check("types", "relay, shared and tests under Deno's types, web under the DOM's", [
      ["check", "-q", TEST_LOCK, "relay", "shared", "tests"],
      ...(hasWeb ? [await npmCommand("typescript", { program: "tsc", args: ["-p", "web"] })] : []),
    ]),
    ...(hasPage
      ? [
        check("build", "the web app builds", [
          await npmCommand("vite", { program: "vite", args: ["build", "web"] }),
        ]),
      ]
      : []),
  ];
}

function check(name: string, about: string, commands: readonly (readonly string[])[]): Group {
  return {
    name,
    about,
    tools: [],
    runsWithoutTools: false,
    run: (options) => runChecks(commands, options),
  };
}

function listTests({ hasCaptures }: Surroundings): readonly Group[] {
  const files = Map.groupBy(findFiles("tests", "_test.ts"), groupOf);
  const groups: Group[] = [];
  for (const [name, settings] of Object.entries(TEST_SETTINGS)) {
    const members = files.get(name as TestGroup) ?? [];
    if (members.length === 0 || (name === "captures" && !hasCaptures)) continue;
    groups.push({
      name,
      about: `${settings.about}, ${members.length} files`,
      tools: settings.tools,
      runsWithoutTools: name === "unit",
      run: (options) => runFiles(members, { ...settings, ...options, timeoutMs: GROUP_LIMIT_MS }),
    });
  }
  return groups;
}

/** The files of a group: those that bear company, and then the others. */
async function runFiles(
  files: readonly string[],
  { verbose, timeoutMs, lanes }: TestOptions,
): Promise<Outcome> {
  const options = { verbose, timeoutMs };
  const [alone = [], together = []] = [true, false].map((is) =>
    files.filter((file) => runsAlone(file) === is)
  );
  return add(
    await runTests(together, { ...options, lanes }),
    await runTests(alone, { ...options, lanes: 1 }),
  );
}

/** What `deno` is told to run a program of an npm package, in the version that package.json pins. */
async function npmCommand(
  name: string,
  { program, args }: { readonly program: string; readonly args: readonly string[] },
): Promise<readonly string[]> {
  const manifest = JSON.parse(await Deno.readTextFile("package.json")) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const version = manifest.devDependencies[name];
  if (version === undefined) throw new Error(`package.json pins no ${name} in devDependencies.`);
  return ["run", "-A", TEST_LOCK, `npm:${name}@${version}/${program}`, ...args];
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
