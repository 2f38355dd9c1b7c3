/**
 * What went wrong with a GoPro, in sentences: what happened, where, what to do.
 *
 * @module
 */

import { SourceError } from "../source.ts";
import type { Answer } from "./camera_http.ts";

/** Why nothing can be asked of the camera at `host`. */
export function unanswered(host: string, answer: Answer): SourceError {
  const why = answer.kind === "failed" ? answer.why : "closed";
  switch (why) {
    case "refused":
      return new SourceError(
        `the GoPro at ${host} refuses the connection: switch on its app control ` +
          "(Connections, GoPro App)",
      );
    case "timeout":
      return new SourceError(
        `the GoPro at ${host} does not answer: is it on, and is this machine on the camera's Wi-Fi?`,
      );
    case "unreachable":
      return new SourceError(
        `there is no way to the GoPro at ${host}: is this machine on the camera's Wi-Fi?`,
      );
    case "untrusted":
      return new SourceError(
        `what answers at ${host} does not have the certificate of that GoPro: fetch the camera's ` +
          "certificate again and name its file in ?cohn=",
      );
    case "incompatible":
      return new SourceError(
        `the GoPro at ${host} and this machine have no version of TLS in common: update the camera`,
      );
    case "closed":
      return new SourceError(
        `the GoPro at ${host} closes the connection without an answer: turn it off and on again`,
      );
  }
}

/** What a user does once with a camera of the gpControl kind. */
export const HOW_TO_PAIR =
  "on the camera choose Connections (or Setup, Wireless), connect a new device, GoPro App; then start with " +
  "gopro?pair=DIGITS for the digits that it shows, or gopro?pair where it shows none";

/** A camera of before 2014 answers so to a wrong password, and while it is off behind its Wi-Fi. */
const FORBIDDEN = 403;
const GONE = 410;

/** It is not connected, or has no such thing. */
export function notTakingCommands(host: string): SourceError {
  return new SourceError(`the GoPro at ${host} cannot be told anything now: it is not connected`);
}

/** It was told, and did not do it. */
export function notDone(host: string, answer: Answer): SourceError {
  if (answer.kind === "failed") return unanswered(host, answer);
  const how = answer.kind === "answered" ? ` (${answer.status})` : "";
  return new SourceError(
    `the GoPro at ${host} did not do it${how}: it may be busy, or have no card; look at the camera`,
  );
}

/** What was tried when a preview did not start. */
export interface FailedStart {
  readonly host: string;
  readonly udpPort: number;
  /** To each way of starting, in order. */
  readonly answers: readonly Answer[];
  /** It said that it is a GoPro of a generation known here. */
  readonly recognised: boolean;
  /** Datagrams came, but none that could be read. */
  readonly foreign: boolean;
  /** It can be paired, and may not have been. */
  readonly pairs: boolean;
}

/** Why the preview does not start although the camera answers. */
export function notStarted(start: FailedStart): SourceError {
  const { host, udpPort, answers, recognised, foreign, pairs } = start;
  if (foreign) {
    return new SourceError(
      `the GoPro at ${host} sends datagrams that hold no MPEG-TS: this model's preview is not known here`,
    );
  }
  const failed = answers.find((answer) => answer.kind === "failed");
  if (failed !== undefined) return unanswered(host, failed);
  const statuses = answers.map((answer) => answer.kind === "answered" ? answer.status : 0);
  const refusals = [...new Set(statuses.filter((status) => status > 0))].join(" and ");
  if (!recognised || refusals === "") {
    // Away from the camera's Wi-Fi, a router or a portal may answer in its place.
    const how = refusals === "" ? "" : ` (${refusals})`;
    return new SourceError(
      `what answers at ${host} does not speak as a GoPro known here${how}: ` +
        "is this machine on the camera's Wi-Fi?",
    );
  }
  if (statuses.some((status) => status >= 200 && status < 300)) {
    return new SourceError(
      `the GoPro at ${host} says its preview runs, but nothing comes to UDP port ${udpPort}: ` +
        "does a firewall of this machine keep it out?",
    );
  }
  if (statuses.includes(FORBIDDEN)) {
    if (pairs) {
      return new SourceError(
        `the GoPro at ${host} does not know this machine (403), it is to be paired once: ${HOW_TO_PAIR}`,
      );
    }
    return new SourceError(
      `the GoPro at ${host} does not take the password of its Wi-Fi (403): turn it off and on again`,
    );
  }
  if (statuses.includes(GONE)) {
    return new SourceError(
      `the GoPro at ${host} cannot start its preview (410): it is off behind its Wi-Fi; switch it on`,
    );
  }
  return new SourceError(
    `the GoPro at ${host} answered ${refusals} to every request to start its preview: ` +
      "leave its menus and playback, or turn it off and on again",
  );
}
