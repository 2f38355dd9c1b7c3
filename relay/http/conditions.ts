/**
 * What a request wants of a thing that it may have already, or wants in part: RFC 9110 §13.1, §14. Pure.
 *
 * @module
 */

/** Bytes of a file, the last one included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Whether If-None-Match names this version: weakly, because proxies that compress make a tag a weak one. */
export function isHeld(header: string | null | undefined, etag: string | undefined): boolean {
  return header?.split(",").some((each) => {
    const tag = each.trim();
    return tag === "*" || tag.replace(/^W\//, "") === etag;
  }) ?? false;
}

/** Whether If-Match, where it is sent, names this version: whoever goes on with a file that has changed is told (§13.1.1). */
export function isMet(header: string | null, etag: string): boolean {
  return header === null || header.split(",").some((each) => ["*", etag].includes(each.trim()));
}

/**
 * One range of a file of `size` bytes, RFC 9110 §14.1.2; `undefined` where the header is to be ignored: another unit,
 * several ranges, no sense.
 */
export function readRange(header: string, size: number): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header.trim());
  const [, from = "", to = ""] = match ?? [];
  if (from === "") {
    if (to === "") return undefined;
    const length = Number(to);
    if (length === 0 || size === 0) return "unsatisfiable";
    return { first: Math.max(0, size - length), last: size - 1 };
  }
  const first = Number(from);
  if (to !== "" && Number(to) < first) return undefined;
  if (first >= size) return "unsatisfiable";
  return { first, last: to === "" ? size - 1 : Math.min(size - 1, Number(to)) };
}
