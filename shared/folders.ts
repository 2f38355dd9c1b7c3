/**
 * Sentences for people who watch: without the folders of the relay's machine, which are nobody's business but its owner's.
 * Pure.
 *
 * @module
 */

/** A part of a path; it may have spaces within. */
const PART = String.raw`[^\s/:;,"'()]+(?: +[^\s/:;,"'()]+)*\/`;
/**
 * The folders of an absolute path, or of any path behind the schemes that name files; not those of an address, nor devices,
 * whose names say what to plug in.
 */
const FOLDERS = new RegExp(
  String.raw`(?<![\w\-.~/\]])\/(?!\/|dev\/)(?:${PART})*|(?<=\b(?:file|rtp):)(?!\/\/)(?:${PART})+`,
  "g",
);

/** Any text with the names of its files alone: `no such file: /srv/ann/porch.ts` is `no such file: porch.ts`. */
export function withoutFolders(text: string): string {
  return text.replace(FOLDERS, "");
}
