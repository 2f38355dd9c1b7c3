/**
 * The programs that groups of tests need: how each is found, and how apt installs it where it may.
 *
 * @module
 */

import {
  CHROMIUM_NAMES,
  findGstreamerPlugin,
  findMiniBrowser,
  findProgram,
  FIREFOX_NAMES,
  GSTREAMER_PLUGINS,
  WEBKIT_DRIVER_NAMES,
  WEBKIT_PLUGINS,
} from "../support/programs.ts";
import { execute } from "./execute.ts";
import { print } from "./report.ts";

/** Something a group needs beyond Deno. */
export interface Tool {
  readonly name: string;
  /** Debian's names. */
  readonly packages: readonly string[];
  /** Whether all of it is there. */
  isThere(): boolean;
}

/** Longest that one run of apt-get may take. */
const APT_LIMIT_MS = 300_000;

function onPath(...names: readonly string[]): boolean {
  return findProgram(names) !== undefined;
}

/** Every tool that a group may name. */
export const TOOLS = {
  ffmpeg: {
    name: "ffmpeg",
    packages: ["ffmpeg"],
    isThere: () => onPath("ffmpeg") && onPath("ffprobe"),
  },
  nginx: {
    name: "nginx",
    packages: ["nginx-light"],
    isThere: () => onPath("nginx"),
  },
  gstreamer: {
    name: "GStreamer",
    packages: [
      "gstreamer1.0-tools",
      "gstreamer1.0-plugins-base",
      "gstreamer1.0-plugins-good",
      "gstreamer1.0-plugins-bad",
      "gstreamer1.0-libav",
    ],
    isThere: () =>
      onPath("gst-launch-1.0") &&
      GSTREAMER_PLUGINS.every((plugin) => findGstreamerPlugin(plugin) !== undefined),
  },
  pulseaudio: {
    name: "PulseAudio",
    packages: ["pulseaudio"],
    isThere: () => onPath("pulseaudio"),
  },
  openssl: { name: "OpenSSL", packages: ["openssl"], isThere: () => onPath("openssl") },
  python: { name: "python3", packages: ["python3"], isThere: () => onPath("python3") },
  chromium: {
    name: "Chromium",
    packages: ["chromium", "libnss3-tools"],
    isThere: () => onPath(...CHROMIUM_NAMES) && onPath("certutil"),
  },
  firefox: {
    name: "Firefox",
    packages: ["firefox-esr", "libnss3-tools"],
    isThere: () => onPath(...FIREFOX_NAMES) && onPath("certutil"),
  },
  webkit: {
    name: "WebKitGTK",
    packages: [
      "webkit2gtk-driver",
      "xvfb",
      "xauth",
      "gstreamer1.0-libav",
      "gstreamer1.0-plugins-good",
      "gstreamer1.0-plugins-bad",
    ],
    isThere: () =>
      onPath(...WEBKIT_DRIVER_NAMES) && onPath("Xvfb") && findMiniBrowser() !== undefined &&
      WEBKIT_PLUGINS.every((plugin) => findGstreamerPlugin(plugin) !== undefined),
  },
} as const satisfies Record<string, Tool>;

/** Name of a row of {@link TOOLS}. */
export type ToolName = keyof typeof TOOLS;

/** Answers already given: a tool is looked for, and apt asked, once a run. */
const answers = new Map<Tool, readonly string[]>();
let listsAreFresh = false;

/** Makes sure that `tool` is there. Returns why it is not, as sentences; none when it is. */
export async function provide(tool: Tool): Promise<readonly string[]> {
  const known = answers.get(tool);
  if (known !== undefined) return known;
  const reasons = tool.isThere() ? [] : await install(tool);
  answers.set(tool, reasons);
  return reasons;
}

async function install(tool: Tool): Promise<readonly string[]> {
  const packages = tool.packages.join(" ");
  const apt = findProgram(["apt-get"]);
  if (apt === undefined) {
    return [`${tool.name} is not installed, and there is no apt-get to install it with.`];
  }
  if (Deno.uid() !== 0) {
    return [
      `${tool.name} is not installed, and only root may: apt-get install ${packages}`,
    ];
  }
  print(`  installing ${tool.name} through apt-get: ${packages}`);
  if (!listsAreFresh) {
    listsAreFresh = true;
    // A failure shows when the package is not found; old lists may still be good enough.
    await execute(apt, ["update", "-q"], { timeoutMs: APT_LIMIT_MS });
  }
  const { ok, output } = await execute(
    apt,
    ["install", "-y", "-q", "--no-install-recommends", ...tool.packages],
    { timeoutMs: APT_LIMIT_MS, env: { DEBIAN_FRONTEND: "noninteractive" } },
  );
  if (tool.isThere()) return [];
  const why = ok
    ? "its packages do not hold what was looked for"
    : output.trimEnd().split("\n").findLast((line) => line.startsWith("E:")) ?? "no reason given";
  return [`${tool.name} is not installed, and apt-get could not install it: ${why}`];
}
