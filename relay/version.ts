/**
 * The product's version, as deno.json states it.
 *
 * @module
 */

import manifest from "../deno.json" with { type: "json" };

/** Semantic version. */
export const VERSION: string = manifest.version;
