/**
 * The house rules that a program can judge. Each takes the files of the repository (path from the top, with
 * forward slashes, to text) and returns what is wrong, a sentence each. Reads no disk.
 *
 * @module
 */

import { ARROWS, explainArrow, explainPlace, rowOf } from "./arrows.ts";
import { findCycles, importsOf } from "./imports.ts";
import { runsAlone } from "../run/test_files.ts";
import { lineAt, onlyCode, withoutComments } from "./text.ts";

/** Path to text. */
export type Files = ReadonlyMap<string, string>;

/** A rule. */
export type Rule = (files: Files) => string[];

/** Import direction, `architecture/arrows.ts`. */
export function arrowsPointOneWay(files: Files): string[] {
  const problems: string[] = [];
  for (const [path, text] of typescript(files)) {
    if (RULES_THEMSELVES.test(path)) continue;
    const misplaced = explainPlace(path);
    if (misplaced !== undefined) problems.push(misplaced);
    for (const { specifier, target } of importsOf(path, text)) {
      const problem = target === undefined
        ? explainPackage(path, specifier)
        : explainArrow(path, target);
      if (problem !== undefined) problems.push(problem);
    }
  }
  return problems;
}

function explainPackage(path: string, specifier: string): string | undefined {
  if (/^(?:https?|jsr|data|file):/.test(specifier)) {
    return `${path} imports ${specifier}: only npm packages and the runtime's own modules are used`;
  }
  const row = rowOf(path);
  if (row === "shared") return `${path} imports ${specifier}: shared imports nobody`;
  if (specifier.startsWith("node:")) return undefined;
  if (row === undefined || ARROWS[row]?.packages === "any") return undefined;
  return `${path} imports the package ${specifier}: ${row} uses none`;
}

/** No two files need each other to load. */
export function noImportCycles(files: Files): string[] {
  const graph = new Map<string, string[]>();
  for (const [path, text] of typescript(files)) {
    graph.set(
      path,
      importsOf(path, text).flatMap(({ kind, target }) =>
        kind === "static" && target !== undefined ? [target] : []
      ),
    );
  }
  return findCycles(graph).map((cycle) => `import cycle: ${cycle.join(" → ")}`);
}

/** Names that only one runtime has. */
const RUNTIME_NAMES =
  /(?<![.\w$])(?:Deno|process|Buffer|require|window|document|navigator|localStorage|sessionStorage|location|HTML\w*Element|MediaSource|SourceBuffer|Worker|indexedDB|requestAnimationFrame)\b(?!\??:)/g;

/** `shared/` runs anywhere. */
export function sharedRunsAnywhere(files: Files): string[] {
  return matches(files, { inside: /^shared\/.*\.ts$/, pattern: RUNTIME_NAMES, of: onlyCode })
    .map(({ place, text }) => `${place}: ${text} is not to be had everywhere`);
}

/** What came to browsers after the oldest that `web/vite.config.ts` builds for: no build makes up for what is called. */
const NEWER_THAN_BROWSERS =
  /\bPromise\.(?:withResolvers|try)\b|\bAbortSignal\.any\b|\bURL\.(?:canParse|parse)\b|\b(?:Object|Map)\.groupBy\b|\bArray\.fromAsync\b|\bIterator\.|\.(?:toSorted|toReversed|toSpliced|toHex|toBase64|setFromBase64)\b|\.(?:union|intersection|symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom)\(|\bSymbol\.(?:asyncD|d)ispose\b/g;

/** The app runs in the oldest browsers it is built for. */
export function webRunsInOldBrowsers(files: Files): string[] {
  const inside = /^(?:web\/src|shared)\/.*\.ts$/;
  return matches(files, { inside, pattern: NEWER_THAN_BROWSERS, of: onlyCode })
    .map(({ place, text }) => `${place}: ${text} is newer than the oldest browsers of the app`);
}

/** What may stand at the top. */
const TOP_LEVEL =
  /^(?:web|relay|shared|tests|deno\.json|package\.json|README\.md|LICENSE|CHANGELOG\.md|deno\.lock|package-lock\.json|\..+)$/;

/** Four folders, and the few files that tools look for at the top. */
export function topLevelIsFixed(files: Files): string[] {
  const names = new Set([...files.keys()].map((path) => path.split("/")[0] ?? path));
  return [...names].filter((name) => !TOP_LEVEL.test(name))
    .map((name) => `${name} does not belong at the top level`);
}

/** A caught error is treated, passed on, or said to be expected; never dropped. */
export function noEmptyCatch(files: Files): string[] {
  const pattern = /\bcatch\s*(?:\([^)]*\)\s*)?\{\s*\}|\.catch\(\s*\(\w*\)\s*=>\s*\{\s*\}\s*\)/g;
  return matches(files, { inside: /\.ts$/, pattern, of: withoutComments })
    .map(({ place }) => `${place}: an error is caught and dropped`);
}

/** Nothing is left for later. */
export function nothingLeftForLater(files: Files): string[] {
  const pattern = /\b(?:TODO|FIXME|XXX|HACK)\b|\bnot (?:yet )?implemented\b/gi;
  return matches(files, { inside: SOURCES, pattern })
    .map(({ place, text }) => `${place}: "${text}": finish it, or open an issue`);
}

/** Nothing names one machine's folders. */
export function noMachinePaths(files: Files): string[] {
  const pattern = /(?<![\w.~})\]/-])\/(?:work|tmp|root|home|Users|workspace|mnt)\/[\w.-]*/g;
  return matches(files, { inside: SOURCES, pattern })
    .map(({ place, text }) => `${place}: ${text} is a path of one machine`);
}

/** Packages come from wherever npm is set up to fetch them. */
export function noRegistryHosts(files: Files): string[] {
  const pattern =
    /\b(?:registry\.(?:npmjs|yarnpkg)\.\w+|npm\.jsr\.io|jsr\.io|deno\.land|esm\.sh|unpkg\.com|cdn\.jsdelivr\.net|cdn\.skypack\.dev)\b/g;
  return matches(files, { inside: /./, pattern })
    .map(({ place, text }) => `${place}: ${text} is a registry's host`);
}

/** Exports have names, one each everywhere. Tools' own configuration files are excepted. */
export function noDefaultExports(files: Files): string[] {
  const pattern = /^export default\b|^export \{[^}]*\bas default\b/gm;
  return matches(files, { inside: /(?<!\.config)\.ts$/, pattern, of: onlyCode })
    .map(({ place }) => `${place}: a default export`);
}

/** No type is asserted past the compiler. */
export function noDoubleAssertions(files: Files): string[] {
  return matches(files, {
    inside: /\.ts$/,
    pattern: /\bas unknown as\b|\bas never as\b/g,
    of: onlyCode,
  })
    .map(({ place }) => `${place}: a double assertion hides a wrong type`);
}

/** A docblock, after what must come first where it is needed. */
const OPENING = /^(?:#![^\n]*\n)?(?:\/\/\/ <reference [^\n]*\n)*\/\*\*/;

/** Every file opens by saying what it is. */
export function filesOpenWithDocblock(files: Files): string[] {
  return typescript(files).filter(([, text]) => !OPENING.test(text))
    .map(([path]) => `${path} does not open with a docblock`);
}

/** Exported declarations of the product are documented; those without a blank line between share a docblock. */
export function exportsAreDocumented(files: Files): string[] {
  const problems: string[] = [];
  for (const [path, text] of typescript(files)) {
    if (path.startsWith("tests/")) continue;
    const lines = text.split("\n");
    lines.forEach((line, index) => {
      if (
        !/^export (?:async |abstract |declare )*(?:function|class|interface|type|const|let|enum)\b\*? \w/
          .test(line)
      ) return;
      const above = lines[index - 1] ?? "";
      if (/\*\/$|^export |^[})\]]/.test(above)) return;
      if (isOverload(lines, index)) return;
      problems.push(`${path}:${index + 1}: ${line.replace(/\s*[{=(<].*$/, "")} has no docblock`);
    });
  }
  return problems;
}

/** Whether the declaration above is another signature of the same function. */
function isOverload(lines: readonly string[], index: number): boolean {
  const name = /^export (?:async )?function (\w+)/.exec(lines[index] ?? "")?.[1];
  if (name === undefined) return false;
  return lines.slice(0, index).some((line) =>
    new RegExp(`^export (?:async )?function ${name}\\b`).test(line)
  );
}

/** Files are named alike. */
export function namesAreSnakeCase(files: Files): string[] {
  return typescript(files)
    .filter(([path]) => !/^(?:\w+\/)*[a-z0-9_]+(?:\.(?:worker|config|d))?\.ts$/.test(path))
    .map(([path]) => `${path} is not named in snake_case`);
}

/** No test is switched off for good, and none switches off the others. */
export function noTestIsSwitchedOff(files: Files): string[] {
  const pattern =
    /\bignore: true\b|\bDeno\.test\.(?:only|ignore)\b|\bonly: true\b|\.step\(\{[^}]*ignore: true/g;
  return matches(files, { inside: /^tests\/.*\.ts$/, pattern, of: onlyCode })
    .map(({ place, text }) => `${place}: ${text}`);
}

/** The only file of the tests that changes the environment of the process it runs in. */
const SEARCH_PATH = "tests/support/search_path.ts";

/** Test files run side by side in one process: its environment and folder are changed by those alone that run alone. */
export function environmentIsChangedAlone(files: Files): string[] {
  const pattern = /\bDeno\.(?:env\.(?:set|delete)|chdir|umask)\(/g;
  const elsewhere = /^tests\/(?!run\.ts$|support\/search_path\.ts$).*\.ts$/;
  const problems = matches(files, { inside: elsewhere, pattern, of: onlyCode })
    .map(({ place, text }) => `${place}: ${text}…) is for ${SEARCH_PATH} alone`);
  const changes = (path: string, seen = new Set<string>()): boolean => {
    if (path === SEARCH_PATH) return true;
    if (seen.has(path)) return false;
    seen.add(path);
    return importsOf(path, files.get(path) ?? "").some(({ target }) =>
      target !== undefined && changes(target, seen)
    );
  };
  for (const [path] of typescript(files)) {
    if (!path.endsWith("_test.ts") || RULES_THEMSELVES.test(path) || runsAlone(path)) continue;
    if (changes(path)) {
      problems.push(`${path} uses ${SEARCH_PATH}, and so runs alone: tests/run/test_files.ts`);
    }
  }
  return problems;
}

/** Text that people wrote; lock files and pictures are not. */
const SOURCES = /\.(?:ts|js|mjs|json|md|html|css|svg|yaml|yml|txt|webmanifest)$|^\.ci\/|^LICENSE$/;

function typescript(files: Files): [string, string][] {
  return [...files].filter(([path]) => path.endsWith(".ts"));
}

interface Search {
  readonly inside: RegExp;
  readonly pattern: RegExp;
  /** What of the text counts; all of it by default. */
  readonly of?: (text: string) => string;
}

/** These files quote what they forbid. */
const RULES_THEMSELVES = /^tests\/architecture(?:\/|_test\.ts$)/;

function matches(
  files: Files,
  { inside, pattern, of }: Search,
): { readonly place: string; readonly text: string }[] {
  const found: { place: string; text: string }[] = [];
  for (const [path, text] of files) {
    if (!inside.test(path) || RULES_THEMSELVES.test(path)) continue;
    const searched = path.endsWith(".ts") && of !== undefined ? of(text) : text;
    for (const match of searched.matchAll(pattern)) {
      found.push({ place: `${path}:${lineAt(searched, match.index)}`, text: match[0] });
    }
  }
  return found;
}
