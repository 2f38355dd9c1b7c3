/**
 * Which test file belongs to which group, and which run beside no other: from a file's place and name.
 *
 * @module
 */

/** The groups that are made of test files. */
export const TEST_GROUPS = [
  "unit",
  "contract",
  "integration",
  "captures",
  "browser/chromium",
  "browser/firefox",
  "browser/webkit",
] as const;

/** Name of such a group. */
export type TestGroup = typeof TEST_GROUPS[number];

/** First match counts; what matches nothing is a unit test. */
const PLACES: readonly (readonly [RegExp, TestGroup])[] = [
  [/^tests\/e2e\/.*chromium_test\.ts$/, "browser/chromium"],
  [/^tests\/e2e\/.*firefox_test\.ts$/, "browser/firefox"],
  [/^tests\/e2e\/.*webkit_test\.ts$/, "browser/webkit"],
  [/^tests\/(?:e2e|integration|oracle)\//, "integration"],
  [/^tests\/contract\//, "contract"],
  [/^tests\/captures\//, "captures"],
];

/** The group of the test file at `path`, which begins with `tests/`. */
export function groupOf(path: string): TestGroup {
  return PLACES.find(([pattern]) => pattern.test(path))?.[1] ?? "unit";
}

/** They look for a picture that stands still, or at how soon each comes. */
const WATCHING = /\/(?:play_\w+|v4l2_recorded)_test\.ts$/;
/** They change the environment of the process, which is that of all files beside them. */
const CHANGING =
  /\/(?:contract\/source|devices\/find_devices|sources\/(?:old_ffmpeg|rpicam)|streams\/stubborn_program)_test\.ts$/;

/** Nothing may run beside it. */
export function runsAlone(path: string): boolean {
  return WATCHING.test(path) || CHANGING.test(path);
}

/** Every file under `folder` whose name ends in `ending`, sorted, with forward slashes. */
export function findFiles(folder: string, ending: string): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...findFiles(path, ending));
    else if (entry.isFile && entry.name.endsWith(ending)) found.push(path);
  }
  return found.sort();
}
