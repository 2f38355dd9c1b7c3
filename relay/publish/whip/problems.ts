/**
 * Why a WHIP request is refused, RFC 9725 §4 in the words of RFC 9457.
 *
 * @module
 */

import type { Problem } from "../../../shared/api.ts";

/** The offer makes no sense, or offers nothing that is taken. */
export function unacceptable(detail: string): Problem {
  return {
    type: "/problems/unacceptable-offer",
    title: "This offer cannot be taken",
    status: 422,
    detail,
  };
}

/** The relay itself is at fault. */
export function unanswered(detail: string): Problem {
  return {
    type: "/problems/not-answered",
    title: "The relay could not answer",
    status: 503,
    detail,
  };
}

/** Nothing that the endpoint has, RFC 9725 §4.2. */
export const WRONG_METHOD: Problem = {
  type: "/problems/method-not-allowed",
  title: "Method not allowed",
  status: 405,
  detail:
    "A WHIP client posts its offer here; PATCH and DELETE go to the session that it was given.",
};

/** Nothing that a session has, RFC 9725 §4.2. */
export const WRONG_SESSION_METHOD: Problem = {
  ...WRONG_METHOD,
  detail:
    "A session takes PATCH, with candidates, and DELETE, which ends it; offers are posted without ?session=.",
};

/** `?session=` names none that is alive. */
export const NO_SESSION: Problem = {
  type: "/problems/no-such-session",
  title: "No such session",
  status: 404,
  detail: "This publisher's session is over, or never was.",
};

/** The body is no offer by its header. */
export const WRONG_TYPE: Problem = {
  type: "/problems/wrong-type",
  title: "Wrong type of content",
  status: 415,
  detail: "An offer is sent with Content-Type: application/sdp.",
};

/** The body is no fragment by its header. */
export const WRONG_TRICKLE_TYPE: Problem = {
  ...WRONG_TYPE,
  detail: "Candidates are sent with Content-Type: application/trickle-ice-sdpfrag.",
};

/** A body beyond its limit. */
export const TOO_LONG: Problem = {
  type: "/problems/too-long",
  title: "Too long",
  status: 413,
  detail: "A session description has at most 64 KiB.",
};

/** RFC 9725 §4.3.1: a fragment that cannot be read. */
export const NO_FRAGMENT: Problem = {
  type: "/problems/bad-fragment",
  title: "Not a fragment of a session description",
  status: 400,
  detail:
    "Candidates are sent as RFC 8840 has them: lines such as a=ice-ufrag:…, m=… and a=candidate:….",
};

/** RFC 9725 §4.3.1. */
export const NO_CONDITION: Problem = {
  type: "/problems/no-condition",
  title: "If-Match is missing",
  status: 428,
  detail: "Say which ICE session is meant: If-Match with the ETag of the answer (RFC 9725).",
};

/** RFC 9725 §4.3.1. */
export const OTHER_CONDITION: Problem = {
  type: "/problems/other-session",
  title: "Not the ICE session there is",
  status: 412,
  detail: "If-Match names another ICE session than this one has.",
};

/** RFC 9725 §4.3.3: a server need not restart ICE. */
export const NO_RESTART: Problem = {
  type: "/problems/no-ice-restart",
  title: "ICE is not restarted here",
  status: 422,
  detail: "This relay does not restart ICE: end the session and publish again, with ?replace=1.",
};

/** As many sessions as there may be. */
export const TOO_MANY: Problem = {
  type: "/problems/too-many-publishers",
  title: "Too many publishers",
  status: 503,
  detail: "As many publish to this relay by WebRTC as it takes; end one first.",
};
