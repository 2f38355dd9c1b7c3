/**
 * A page checked against the Web Content Accessibility Guidelines, as far as a program can, by axe-core. The one file that
 * names that package, which is for tests only and so stands in no import map.
 *
 * @module
 */

import axe from "npm:axe-core@4.14.1";
import type { Page } from "./browsers/browser.ts";

/** What is checked: WCAG 2.2 to level AA, and what its makers hold for good practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What is wrong with what the page shows now, one line each; all shadow trees are looked into. */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(`void (globalThis.axe ?? (() => { ${axe.source} })())`);
  return await page.evaluate<string[]>(`axe.run(document, {
    runOnly: ${JSON.stringify(RULES)},
    resultTypes: ["violations"],
  }).then(({ violations }) => violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) =>
      id + " (" + help + "): " + target.flat().join(" > ") + ": " + failureSummary.replaceAll(/\\s+/g, " "))))`);
}
