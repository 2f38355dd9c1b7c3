/**
 * What `/whip/{name}` says of itself in the API's document.
 *
 * @module
 */

import type { RouteDescription } from "../../api/route.ts";

const PATH = "/whip/{name}";
const SDP = { type: "application/sdp" } as const;
const SESSION = { session: "Of the answer's Location." };

/** RFC 9725. */
export const ROUTES: readonly RouteDescription[] = [
  {
    method: "POST",
    path: PATH,
    right: "publish",
    summary: "Begins to publish by WebRTC (WHIP, RFC 9725): an SDP offer with H.264 and Opus.",
    query: { replace: "1: take the place of whoever publishes it now." },
    body: SDP,
    answers: { 201: { description: "The SDP answer; Location is the session.", content: SDP } },
    problems: [400, 409, 413, 415, 422, 503],
  },
  {
    method: "PATCH",
    path: PATH,
    right: "publish",
    summary: "Takes more ICE candidates of a session; If-Match says of which.",
    query: SESSION,
    body: { type: "application/trickle-ice-sdpfrag" },
    answers: { 204: { description: "Taken." } },
    problems: [400, 404, 412, 413, 415, 422, 428],
  },
  {
    method: "DELETE",
    path: PATH,
    right: "publish",
    summary: "Ends a session.",
    query: SESSION,
    answers: { 200: { description: "It is over." } },
    problems: [404],
  },
];
