/**
 * The house rules, applied to the repository; and each rule shown to find what it forbids and to let pass
 * what it does not.
 *
 * @module
 */

import assert from "node:assert/strict";
import { locksAgree, testPackagesStayInTests, versionsAreExact } from "./architecture/packages.ts";
import { readRepository } from "./architecture/repository.ts";
import {
  arrowsPointOneWay,
  environmentIsChangedAlone,
  exportsAreDocumented,
  type Files,
  filesOpenWithDocblock,
  namesAreSnakeCase,
  noDefaultExports,
  noDoubleAssertions,
  noEmptyCatch,
  noImportCycles,
  noMachinePaths,
  noRegistryHosts,
  noTestIsSwitchedOff,
  nothingLeftForLater,
  type Rule,
  sharedRunsAnywhere,
  topLevelIsFixed,
  webRunsInOldBrowsers,
} from "./architecture/rules.ts";

/** A path of the kind that must not stand in the repository, so not even here. */
function machinePath(...parts: readonly string[]): string {
  return `/${parts.join("/")}`;
}

/** A rule with files that break it, one problem each, and files that do not. */
interface Case {
  readonly rule: Rule;
  readonly bad: readonly (readonly [Readonly<Record<string, string>>, RegExp])[];
  readonly good: readonly Readonly<Record<string, string>>[];
}

const LOCK = (...names: string[]): string =>
  JSON.stringify({ npm: Object.fromEntries(names.map((name) => [name, {}])) });

const CASES: Readonly<Record<string, Case>> = {
  "imports obey the table of arrows": {
    rule: arrowsPointOneWay,
    bad: [
      [{ "shared/a.ts": 'import { b } from "../relay/bytes/b.ts";' }, /shared may import nothing/],
      [{ "shared/a.ts": 'import { b } from "node:path";' }, /shared imports nobody/],
      [{ "relay/sources/a.ts": 'import type { B } from "../hub/b.ts";' }, /may import shared, /],
      [{ "relay/fmp4/a.ts": 'import {\n  b,\n} from "../codecs/b.ts";' }, /relay\/fmp4 may/],
      [{ "relay/hub/a.ts": 'export * from "../bytes/b.ts";' }, /relay\/hub may import shared$/],
      [{ "relay/hub/a.ts": 'const b = await import("../app.ts");' }, /relay\/hub may/],
      [{ "relay/hub/a.ts": 'new Worker(new URL("../ingest/worker.ts", import.meta.url));' }, /may/],
      [
        { "relay/deliveries/a.ts": 'import { b } from "../streams/b.ts";' },
        /relay\/deliveries may/,
      ],
      [{ "relay/codecs/a.ts": 'import { b } from "hono";' }, /the package hono/],
      [{ "web/src/ui/a.ts": 'import { b } from "../../../relay/app.ts";' }, /web\/src\/ui may/],
      [{ "web/src/player/a.ts": 'import { b } from "../ui/b.ts";' }, /web\/src\/player may/],
      [{ "relay/app.ts": 'import { b } from "https://example.org/b.ts";' }, /only npm packages/],
      [{ "relay/helpers/a.ts": "" }, /no row in the table/],
      [{ "tools/a.ts": "" }, /no folder of the table/],
    ],
    good: [
      { "relay/ingest/a.ts": 'import { b } from "../codecs/mod.ts";\nimport "./c.ts";' },
      { "relay/sources/gopro/a.ts": 'import { b } from "../source.ts";' },
      { "relay/hub/a.ts": '// import { b } from "../app.ts";\nconst s = "import";' },
      { "relay/app.ts": 'import { Hono } from "hono";\nimport { h } from "./hub/hub.ts";' },
      { "relay/version.ts": 'import manifest from "../deno.json" with { type: "json" };' },
      { "web/src/main.ts": 'import { p } from "./player/player.ts";' },
      { "tests/a_test.ts": 'import { b } from "../web/src/ui/b.ts";' },
    ],
  },
  "no files need each other to load": {
    rule: noImportCycles,
    bad: [
      [
        {
          "shared/a.ts": 'import { b } from "./b.ts";',
          "shared/b.ts": 'import { type X, c } from "./mp4/c.ts";',
          "shared/mp4/c.ts": 'export { a } from "../a.ts";',
        },
        /^import cycle: shared\/a\.ts → shared\/b\.ts → shared\/mp4\/c\.ts → shared\/a\.ts$/,
      ],
      [{ "shared/a.ts": 'import "./a.ts";' }, /shared\/a\.ts → shared\/a\.ts/],
    ],
    good: [
      {
        "shared/a.ts": 'import { b } from "./b.ts";',
        "shared/b.ts": 'import type { A } from "./a.ts";\nexport type { B } from "./a.ts";',
      },
      {
        "shared/a.ts": 'import { b } from "./b.ts";\nimport { c } from "./c.ts";',
        "shared/b.ts": 'import { c } from "./c.ts";',
        "shared/c.ts": "",
      },
    ],
  },
  "shared/ runs anywhere": {
    rule: sharedRunsAnywhere,
    bad: [
      [{ "shared/a.ts": "const t = Deno.version;" }, /shared\/a\.ts:1: Deno/],
      [{ "shared/a.ts": "\nif (document) {}" }, /shared\/a\.ts:2: document/],
      [{ "shared/a.ts": "function f(v: HTMLVideoElement): void {}" }, /HTMLVideoElement/],
    ],
    good: [
      { "shared/a.ts": '/** Not Deno, not window. */\nconst s = "document";' },
      { "shared/a.ts": "const x = { location: 1 }; x.location; a.process();" },
      { "relay/a.ts": "Deno.exit();" },
    ],
  },
  "the app runs in old browsers": {
    rule: webRunsInOldBrowsers,
    bad: [
      [
        { "web/src/a.ts": "const a = Promise.withResolvers();" },
        /web\/src\/a\.ts:1: Promise\.with/,
      ],
      [{ "shared/a.ts": "\nif (URL.canParse(a)) b();" }, /shared\/a\.ts:2: URL\.canParse/],
      [{ "web/src/a.ts": "const a = AbortSignal.any([b, c]);" }, /AbortSignal\.any/],
      [{ "web/src/a.ts": "const a = [2, 1].toSorted();" }, /\.toSorted/],
    ],
    good: [
      { "web/src/a.ts": "/** Not AbortSignal.any. */\nconst a = AbortSignal.timeout(1);" },
      { "relay/a.ts": "const a = Promise.withResolvers();" },
    ],
  },
  "the top level is fixed": {
    rule: topLevelIsFixed,
    bad: [[{ "notes.md": "" }, /^notes\.md/], [{ "tools/a.ts": "", "tools/b.ts": "" }, /^tools /]],
    good: [{ "README.md": "", ".ci/run": "", "web/a.ts": "", "deno.lock": "", ".gitignore": "" }],
  },
  "no error is caught and dropped": {
    rule: noEmptyCatch,
    bad: [
      [{ "relay/a.ts": "try { a(); } catch {}" }, /relay\/a\.ts:1/],
      [{ "web/a.ts": "try {\n  a();\n} catch (error) {\n  // never mind\n}" }, /web\/a\.ts:3/],
      [{ "tests/a.ts": "a().catch(() => {});" }, /tests\/a\.ts:1/],
    ],
    good: [{ "relay/a.ts": "try { a(); } catch (error) { if (!known(error)) throw error; }" }],
  },
  "nothing is left for later": {
    rule: nothingLeftForLater,
    bad: [
      [{ "relay/a.ts": "// TODO: more" }, /relay\/a\.ts:1: "TODO"/],
      [{ "README.md": "\n\nfixme" }, /README\.md:3/],
      [{ "web/a.html": "<p>Not yet implemented" }, /Not yet implemented/],
    ],
    good: [{ "relay/a.ts": "const mastodon = 1; // hackneyed" }],
  },
  "no path of one machine": {
    rule: noMachinePaths,
    bad: [
      [{ "tests/a.ts": `const p = "${machinePath("work", "media")}/a.ts";` }, /media is a path/],
      [{ "README.md": `see ${machinePath("home", "ada")}` }, /home\/ada/],
      [{ ".ci/run": `cd ${machinePath("root", "rill")}` }, /root\/rill/],
    ],
    good: [{
      "README.md": `https://example.org/home/x and ~${
        machinePath("work", "x")
      } and ./tmp/x and media/tmp/x`,
      "deno.lock": "/tmp/x",
    }],
  },
  "no registry's host": {
    rule: noRegistryHosts,
    bad: [
      [{ "package-lock.json": '"https://registry.npmjs.org/lit"' }, /registry\.npmjs\.org/],
      [{ "relay/a.ts": 'import "https://deno.land/x/a.ts";' }, /deno\.land/],
    ],
    good: [{ "README.md": "npm and docs.deno.com" }],
  },
  "no default exports": {
    rule: noDefaultExports,
    bad: [
      [{ "relay/a.ts": "export default 1;" }, /relay\/a\.ts:1/],
      [{ "relay/a.ts": "export { a as default };" }, /relay\/a\.ts:1/],
    ],
    good: [{ "web/vite.config.ts": "export default {};" }, { "relay/a.ts": '"export default"' }],
  },
  "no double assertions": {
    rule: noDoubleAssertions,
    bad: [[{ "web/a.ts": "const a = b as unknown as C;" }, /web\/a\.ts:1/]],
    good: [{ "web/a.ts": "const a = b as C; // never as unknown as C" }],
  },
  "every file opens with a docblock": {
    rule: filesOpenWithDocblock,
    bad: [[{ "relay/a.ts": "// a\n/** b */" }, /relay\/a\.ts does not/]],
    good: [{
      "relay/a.ts": "/** What it is. */\n",
      "web/src/a.ts": '/// <reference lib="dom" />\n/** A. */',
      "relay/b.ts": "#!/usr/bin/env deno\n/** b */",
    }],
  },
  "exports are documented": {
    rule: exportsAreDocumented,
    bad: [
      [{ "relay/a.ts": "export function f<T>(a: T): void {}" }, /a\.ts:1: export function f has/],
      [{ "relay/a.ts": "export function* g(): void {}" }, /a\.ts:1: export function\* g has/],
      [{ "relay/a.ts": 'import "./b.ts";\nexport const A = 1;' }, /a\.ts:2: export const A has/],
      [
        { "shared/a.ts": "/** A. */\n\nexport interface A {}" },
        /shared\/a\.ts:3: export interface A/,
      ],
    ],
    good: [
      { "relay/a.ts": "/** Both. */\nexport const A = 1;\nexport const B = 2;" },
      { "relay/a.ts": "/** F. */\nexport function f(a: 1): 1;\nexport function f(a: 2): 2;" },
      { "relay/a.ts": 'import "./b.ts";\n\nexport type { A } from "./a.ts";' },
      { "tests/a.ts": "export const A = 1;" },
    ],
  },
  "files are named in snake_case": {
    rule: namesAreSnakeCase,
    bad: [[{ "relay/hubRing.ts": "" }, /hubRing/], [
      { "web/src/rill-player.ts": "" },
      /rill-player/,
    ]],
    good: [{ "relay/hub/group_ring.ts": "", "web/vite.config.ts": "", "web/src/w.worker.ts": "" }],
  },
  "what a test changes of the process's environment no other sees": {
    rule: environmentIsChangedAlone,
    bad: [
      [{ "tests/a_test.ts": 'Deno.env.set("PATH", a);' }, /Deno\.env\.set\(…\) is for/],
      [{ "tests/support/a.ts": "Deno.chdir(a);" }, /Deno\.chdir\(…\) is for/],
      [
        {
          "tests/a_test.ts": 'import { b } from "./support/b.ts";',
          "tests/support/b.ts": 'import { putOnPath } from "./search_path.ts";',
          "tests/support/search_path.ts": "",
        },
        /tests\/a_test\.ts uses tests\/support\/search_path\.ts, and so runs alone/,
      ],
    ],
    good: [{
      "tests/relay/sources/rpicam_test.ts":
        'import { putOnPath } from "../../support/search_path.ts";',
      "tests/support/search_path.ts": 'Deno.env.set("PATH", a);',
    }],
  },
  "no test is switched off": {
    rule: noTestIsSwitchedOff,
    bad: [
      [{ "tests/a_test.ts": "Deno.test.only(() => {});" }, /Deno\.test\.only/],
      [{ "tests/a_test.ts": "Deno.test({ ignore: true, fn });" }, /ignore: true/],
    ],
    good: [{ "tests/a_test.ts": "Deno.test({ ignore: !hasFfprobe(), fn });" }],
  },
  "packages for tests stay in tests": {
    rule: testPackagesStayInTests,
    bad: [
      [
        {
          "tests/support/a.ts": 'import { b } from "npm:b@1.2.3";',
          "deno.lock": LOCK("b@1.2.3"),
          "tests/deno.lock": LOCK("b@1.2.3"),
        },
        /^deno\.lock lists b,/,
      ],
      [{ "tests/support/a.ts": 'import { b } from "npm:@s/b@1.2.3/x";' }, /does not list @s\/b/],
      [
        { "tests/support/a.ts": 'import "npm:b@^1.2.3";', "tests/deno.lock": LOCK("b@1.2.3") },
        /no exact version/,
      ],
      [
        { "relay/a.ts": 'import "npm:b@1.2.3";', "tests/deno.lock": LOCK("b@1.2.3") },
        /outside tests\/support/,
      ],
      [
        {
          "tests/support/a.ts": 'import "npm:b@1.2.3";',
          "tests/support/b.ts": 'import "npm:b@1.2.3";',
          "tests/deno.lock": LOCK("b@1.2.3"),
        },
        /is named in tests\/support\/a\.ts and tests\/support\/b\.ts/,
      ],
    ],
    good: [{
      "tests/support/a.ts": 'import { b } from "npm:@s/b@1.2.3";',
      "deno.lock": LOCK("c@1.0.0"),
      "tests/deno.lock": LOCK("c@1.0.0", "@s/b@1.2.3"),
    }, {
      // A package of the relay's own brings it along.
      "tests/support/a.ts": 'import { b } from "npm:@s/b@1.2.3";',
      "deno.lock": JSON.stringify({
        npm: { "c@1.0.0": { dependencies: ["@s/b"] }, "@s/b@1.2.3": {} },
      }),
      "tests/deno.lock": LOCK("c@1.0.0", "@s/b@1.2.3"),
    }],
  },
  "the two lock files agree": {
    rule: locksAgree,
    bad: [
      [
        { "deno.lock": LOCK("c@1.0.0"), "tests/deno.lock": LOCK() },
        /^c@1\.0\.0 is in deno\.lock, not/,
      ],
    ],
    good: [{ "deno.lock": LOCK("c@1.0.0"), "tests/deno.lock": LOCK("c@1.0.0", "b@1.2.3") }],
  },
  "versions are exact": {
    rule: versionsAreExact,
    bad: [
      [{ "package.json": '{"dependencies":{"lit":"^3.0.0"}}' }, /lit is \^3\.0\.0/],
      [{ "deno.json": '{"imports":{"hono":"npm:hono@4"}}' }, /hono is npm:hono@4/],
      [{ "deno.json": '{"imports":{"@std/path":"jsr:@std/path@1.0.0"}}' }, /jsr:/],
    ],
    good: [{
      "package.json": '{"devDependencies":{"vite":"8.3.8"}}',
      "deno.json": '{"imports":{"@hono/node-server":"npm:@hono/node-server@2.1.8"}}',
    }],
  },
};

function files(record: Readonly<Record<string, string>>): Files {
  return new Map(Object.entries(record));
}

for (const [name, { rule, bad, good }] of Object.entries(CASES)) {
  Deno.test(`the rule "${name}" finds what it forbids, and nothing else`, () => {
    for (const [broken, message] of bad) {
      const problems = rule(files(broken));
      assert.equal(problems.length, 1, `${JSON.stringify(broken)}: ${problems.join("; ")}`);
      assert.match(problems[0] ?? "", message);
    }
    for (const fine of good) assert.deepEqual(rule(files(fine)), []);
  });
}

const repository = await readRepository();

Deno.test("the repository is read", () => {
  assert.ok(repository.size > 20, `${repository.size} files`);
  assert.ok(repository.has("deno.json") && repository.has("shared/media.ts"));
});

for (const [name, { rule }] of Object.entries(CASES)) {
  Deno.test(`in this repository: ${name}`, () => {
    assert.deepEqual(rule(repository), []);
  });
}
