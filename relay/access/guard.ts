/**
 * Who may do what: the one place that says yes or no (contract §8). Until there are keys, what needs none is what
 * `--open` names; watching is open, whatever it names.
 *
 * @module
 */

import type { Problem } from "../../shared/api.ts";

/** What a request may need. */
export type Right = "view" | "publish" | "admin";

/** What was opened: `--open`. */
export type Open = "view" | "publish" | "all" | undefined;

/** Whether a request without a key has a right. */
export function allowed(open: Open, right: Right): boolean {
  switch (right) {
    case "view":
      return true;
    case "publish":
      return open === "publish" || open === "all";
    case "admin":
      return open === "all";
  }
}

/** Where this relay's own pages come from. */
export interface OwnOrigin {
  /** That was asked, where HTTP/2 has it in no header but in `:authority` (RFC 9113 §8.3.1). */
  readonly host?: string | null;
  /** Origin of `--url`: a proxy may ask under another name than the browser did. */
  readonly outside?: string | undefined;
}

/** Whether a browser sends this for a page of another site, which may not change anything here. */
export function isFromElsewhere(
  headers: Headers,
  { host = headers.get("host"), outside }: OwnOrigin = {},
): boolean {
  const origin = headers.get("origin");
  if (origin === null) return headers.get("sec-fetch-site") === "cross-site";
  if (!URL.canParse(origin)) return true;
  const from = new URL(origin);
  return from.host !== host && from.origin !== outside;
}

/** What somebody without the right is told. */
export function notAllowed(right: Right): Problem {
  const open = right === "admin" ? "all" : right;
  return {
    type: "/problems/not-allowed",
    title: "Not allowed",
    status: 403,
    detail: `This needs the right to ${right}, and this relay gives it to nobody: start it with ` +
      `--open ${open}, on a network that you trust.`,
  };
}

/** What the log says where somebody relies on keys. @param where it is asked for: `rill.yaml line 3, access.view`. */
export function noKeysYet(where: string): string {
  return `${where}: this version has no keys, so whoever reaches the relay CAN WATCH all the same: ` +
    "keep it on a network that you trust, or bind it to one address with listen";
}

/** What a page of another site is told. */
export const FROM_ELSEWHERE: Problem = {
  type: "/problems/from-elsewhere",
  title: "Not from here",
  status: 403,
  detail: "A page of another site may not change anything on this relay.",
};
