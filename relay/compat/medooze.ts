/**
 * The Medooze streamer demo's addresses: `POST /connect` takes a browser's camera by WebRTC as the stream `medooze`, and
 * four addresses begin and end its recording. There is one camera, as there: the next takes its place.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { ListenAddress, RunningListener } from "../http/listener.ts";
import { readShortBody } from "../publish/short_body.ts";
import { MAX_SDP_BYTES, readOffer } from "../publish/whip/offer.ts";
import { PAGE } from "./medooze/page.ts";
import { listenFor } from "./listen.ts";
import type { CompatContext } from "./system.ts";
import {
  FOREIGN_PAGE,
  mayChange,
  mayChangeByGet,
  pathOf,
  refuseUpgrade,
  sendText,
} from "./visitors.ts";

/** The stream that the camera becomes. */
const STREAM = "medooze";
/** Both recorders of the demo, and the one of its earlier page. */
const RECORDERS = ["gstreamer", "ffmpeg", "recorder"] as const;

/** Opens the listener. @throws {ListenError} */
export async function startMedooze(
  address: ListenAddress,
  { streams, library, webRtc, answers, log }: CompatContext,
): Promise<RunningListener> {
  async function connect(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sdp = await readShortBody(request, MAX_SDP_BYTES);
    if (sdp === undefined) return sendText(response, 413, "The offer is too long.");
    const accepted = readOffer(sdp);
    if (typeof accepted === "string") return sendText(response, 406, accepted);
    if (webRtc.isFull) return sendText(response, 503, "Too many cameras are connected.");
    const id = crypto.randomUUID();
    const publishing = streams.publish(STREAM, {
      format: "rtp",
      replace: true,
      wantsKeyPicture: () => webRtc.keyPicture(id),
    });
    if (publishing.kind !== "publication") {
      return sendText(response, 409, `The stream ${STREAM} cannot be published here.`);
    }
    const { publication } = publishing;
    const session = { id, name: STREAM, etag: "", ufrag: accepted.ufrag, publication };
    const answer = await webRtc.begin(session, { sdp, accepted, echo: true });
    if ("problem" in answer) return sendText(response, answer.offer ? 406 : 503, answer.problem);
    sendJson(response, { type: "answer", sdp: answer.sdp });
  }

  /** Each answers 200 without a word, also when there is nothing to begin or end. */
  async function record(what: "start" | "stop", response: ServerResponse): Promise<void> {
    if (what === "stop") await library.stop(STREAM);
    else if (library.start(STREAM) === "unknown") {
      log.warn("no recording is begun: no camera has been connected", { stream: STREAM });
    }
    response.writeHead(200);
    response.end();
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method } = request;
    const path = pathOf(request);
    if (method === "GET" && path === "/") return sendPage(response);
    if (!mayChange(request)) return sendText(response, 403, FOREIGN_PAGE);
    if (method === "POST" && path === "/connect") return await connect(request, response);
    for (const recorder of RECORDERS) {
      for (const what of ["start", "stop"] as const) {
        if (method !== "GET" || path !== `/${recorder}-${what}`) continue;
        if (!mayChangeByGet(request)) return sendText(response, 403, FOREIGN_PAGE);
        return await record(what, response);
      }
    }
    sendText(response, 404, "Not found.");
  }

  return await listenFor("medooze", address, {
    answers,
    request: (request, response) =>
      void answer(request, response).catch((error: Error) => {
        log.error(`a request of the demo's page failed: ${error.message}`);
        response.destroy();
      }),
    upgrade: (_, socket) => refuseUpgrade(socket, "404 Not Found", "There is no WebSocket here."),
  });
}

function sendPage(response: ServerResponse): void {
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; " +
      "script-src 'unsafe-inline'; connect-src 'self'; media-src 'self' blob: mediastream:; " +
      "frame-ancestors 'none'",
    "cache-control": "no-store",
  });
  response.end(PAGE);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(value));
}
