/**
 * Rules about npm packages: what the import map, package.json, the sources and the two lock files say of
 * each other. Reads no disk.
 *
 * @module
 */

import { importsOf } from "./imports.ts";
import type { Files } from "./rules.ts";

/** Packages that only tests use are named inside `tests/support/`, each in one file, with their version. */
export function testPackagesStayInTests(files: Files): string[] {
  const problems: string[] = [];
  const users = new Map<string, string[]>();
  for (const [path, text] of files) {
    if (!path.endsWith(".ts")) continue;
    for (const { specifier } of importsOf(path, text)) {
      if (!specifier.startsWith("npm:")) continue;
      users.set(specifier, [...(users.get(specifier) ?? []), path]);
    }
  }
  for (const [specifier, paths] of users) {
    if (!/^npm:(?:@[^/]+\/)?[^@/]+@\d+\.\d+\.\d+(?:\/|$)/.test(specifier)) {
      problems.push(`${paths.join(", ")}: ${specifier} states no exact version`);
    }
    if (paths.length > 1) problems.push(`${specifier} is named in ${paths.join(" and ")}`);
    for (const path of paths) {
      if (path.startsWith("tests/support/")) continue;
      problems.push(`${path}: ${specifier} is named outside tests/support; use the import map`);
    }
    const name = nameOf(specifier);
    if (ownNames(files.get("deno.lock")).has(name)) {
      problems.push(
        `deno.lock lists ${name}, which only tests use: a relay's first start would download it; ` +
          "restore deno.lock and run tests through deno task test, or with --lock=tests/deno.lock",
      );
    }
    if (!lockedNames(files.get("tests/deno.lock")).has(name)) {
      problems.push(`tests/deno.lock does not list ${name}; run deno task test and commit it`);
    }
  }
  return problems;
}

/** What the relay runs with in tests is what it runs with elsewhere. */
export function locksAgree(files: Files): string[] {
  const tests = lockedPackages(files.get("tests/deno.lock"));
  return lockedPackages(files.get("deno.lock")).filter((name) => !tests.includes(name))
    .map((name) =>
      `${name} is in deno.lock, not in tests/deno.lock; run deno task test and commit it`
    );
}

/** Every version is exact, so that a clone installs tomorrow what it installs today. */
export function versionsAreExact(files: Files): string[] {
  const problems: string[] = [];
  const manifest = parse(files.get("package.json"));
  for (const key of ["dependencies", "devDependencies"]) {
    for (const [name, version] of Object.entries(record(manifest[key]))) {
      if (/^\d+\.\d+\.\d+$/.test(String(version))) continue;
      problems.push(`package.json: ${name} is ${String(version)}, no exact version`);
    }
  }
  for (const [name, target] of Object.entries(record(parse(files.get("deno.json")).imports))) {
    if (/^(?:npm:(?:@[^/]+\/)?[^@/]+@\d+\.\d+\.\d+(?:\/.*)?|\.\/.*)$/.test(String(target))) {
      continue;
    }
    problems.push(`deno.json: ${name} is ${String(target)}, no exact npm version`);
  }
  return problems;
}

function nameOf(specifier: string): string {
  return /^npm:((?:@[^/]+\/)?[^@/]+)/.exec(specifier)?.[1] ?? specifier;
}

function lockedNames(lock: string | undefined): ReadonlySet<string> {
  return new Set(lockedPackages(lock).map((key) => key.slice(0, key.indexOf("@", 1))));
}

/** Those that no other package brings along. */
function ownNames(lock: string | undefined): ReadonlySet<string> {
  const brought = Object.values(record(parse(lock).npm)).flatMap((entry) => {
    const { dependencies } = record(entry);
    return Array.isArray(dependencies) ? dependencies.map(String) : [];
  }).map((key) => key.replace(/(?<=.)@.*/, ""));
  return new Set(lockedNames(lock).difference(new Set(brought)));
}

/** `name@version` of each. */
function lockedPackages(lock: string | undefined): readonly string[] {
  return Object.keys(record(parse(lock).npm));
}

function parse(json: string | undefined): Readonly<Record<string, unknown>> {
  return record(JSON.parse(json ?? "{}"));
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}
