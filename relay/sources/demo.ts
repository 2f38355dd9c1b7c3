/**
 * `demo`: the clip that comes with Rill, looped on one continuous clock, so that there is a picture with
 * sound before any camera. The clip is made by `demo_clip/make.ts`; here it is a file like any other.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { type FileSpec, openFile } from "./file.ts";
import { splitSource } from "./options.ts";
import { type Scheme, SourceError } from "./source.ts";

function parse(text: string): FileSpec {
  const { body } = splitSource(text, []);
  if (body !== "") throw new SourceError(`${text}: write demo alone, nothing follows it`);
  const path = fileURLToPath(new URL("./demo_clip.mpegts", import.meta.url));
  return {
    scheme: "demo",
    label: text,
    finite: false,
    permissions: { read: [path] },
    path,
    loop: true,
    pace: "realtime",
  };
}

/** The row of the scheme table. */
export const demo: Scheme<FileSpec> = { byApi: true, parse, open: openFile };
