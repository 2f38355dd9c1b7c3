/**
 * Takes the environment away from the packages that are loaded after this: one of them lists all of its variables, which
 * a worker without leave to read any must not, and none of them needs one. Imported before them, for that effect alone.
 *
 * @module
 */

import process from "node:process";

Object.defineProperty(process, "env", { value: {} });
