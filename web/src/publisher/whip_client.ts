/**
 * A WHIP client, RFC 9725: offers this device's media to the relay, H.264 before anything else. One session; when it ends
 * another is begun by whoever wants one.
 *
 * @module
 */

import { withLimit } from "../../../shared/time_limit.ts";

/** Candidates of this device are waited for so long; on a network at home they are there at once. */
const GATHER_MS = 2_000;
const GOODBYE_MS = 3_000;
const ASK_WITHIN_MS = 2_000;
/** The relay answers an offer within a second or two; a network that has gone says nothing for minutes. */
const ANSWER_WITHIN_MS = 15_000;
/** A picture that moves, in 720 lines. */
const MAX_BITRATE = 2_500_000;
/** The relay's word for a name that somebody else publishes under. */
const TAKEN = "/problems/taken";

/** The relay says no, and why, as a sentence. Asking again changes nothing. */
export class Refused extends Error {
  override readonly name = "Refused";

  /** Somebody else publishes under that name. */
  readonly isTaken: boolean;

  constructor(message: string, isTaken: boolean) {
    super(message);
    this.isTaken = isTaken;
  }
}

/** The relay does not answer, or not as a relay does. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** Where and what. */
export interface WhipOptions {
  /** Of the stream; absolute. */
  readonly url: string;
  readonly media: MediaStream;
  readonly signal: AbortSignal;
}

/** A session that has begun. */
export interface WhipSession {
  readonly connection: RTCPeerConnection;
  /** Whether the relay says that it knows nothing of the session, or not any more: it was started anew, say. */
  isGone(): Promise<boolean>;
  /** Ends it; the relay is told even when the page is left. Resolves with whether it knows. */
  close(): Promise<boolean>;
}

/** Whether the relay takes sessions from here at all, as far as it says so: one that does not answer is asked by trying. */
export async function mayPublish(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { headers } = await fetch(url, { method: "OPTIONS", signal });
    return headers.get("allow")?.includes("POST") ?? true;
  } catch (error) {
    if (error instanceof TypeError || signal.aborted) return true;
    throw error;
  }
}

/** Begins a session. @throws {Refused} {Unreachable} */
export async function publish({ url, media, signal }: WhipOptions): Promise<WhipSession> {
  const connection = new RTCPeerConnection();
  try {
    for (const track of media.getTracks()) await add(connection, { track, media });
    await connection.setLocalDescription();
    await gathered(connection);
    const offer = connection.localDescription?.sdp ?? "";
    const { answer, location } = await post({ url, offer, signal });
    await connection.setRemoteDescription({ type: "answer", sdp: answer });
    const session = new URL(location, url).href;
    return {
      connection,
      isGone: () => isGone(session, signal),
      close(): Promise<boolean> {
        connection.close();
        return goodbye(session);
      },
    };
  } catch (error) {
    connection.close();
    if (error instanceof DOMException && !signal.aborted) throw unusable(error);
    throw error;
  }
}

/** What the browser itself does not take: its devices', or the relay's answer. */
function unusable({ message }: DOMException): Refused {
  return new Refused(`This browser cannot begin: ${message.replace(/\.$/, "")}.`, false);
}

async function add(
  connection: RTCPeerConnection,
  { track, media }: { readonly track: MediaStreamTrack; readonly media: MediaStream },
): Promise<void> {
  const transceiver = connection.addTransceiver(track, {
    direction: "sendonly",
    streams: [media],
    ...(track.kind === "video" ? { sendEncodings: [{ maxBitrate: MAX_BITRATE }] } : {}),
  });
  if (track.kind !== "video") return;
  track.contentHint = "motion";
  const codecs = preferred(RTCRtpSender.getCapabilities("video")?.codecs ?? []);
  if (codecs.length > 0 && "setCodecPreferences" in transceiver) {
    transceiver.setCodecPreferences(codecs);
  }
  const parameters = transceiver.sender.getParameters();
  // A picture that changes its size begins anew for everybody who watches.
  parameters.degradationPreference = "maintain-resolution";
  await transceiver.sender.setParameters(parameters);
}

/** H.264 and what serves it first, the rest as the browser has it. */
export function preferred<Codec extends { readonly mimeType: string }>(
  codecs: readonly Codec[],
): Codec[] {
  const is = (name: RegExp) => ({ mimeType }: Codec): boolean => name.test(mimeType);
  const h264 = codecs.filter(is(/h264$/i));
  return h264.length > 0 ? [...h264, ...codecs.filter(is(/rtx$/i))] : [...codecs];
}

function gathered(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(patience);
      resolve();
    };
    const look = (): void => {
      if (connection.iceGatheringState === "complete") done();
    };
    const patience = setTimeout(done, GATHER_MS);
    connection.addEventListener("icegatheringstatechange", look);
    look();
  });
}

async function post(
  { url, offer, signal }: {
    readonly url: string;
    readonly offer: string;
    readonly signal: AbortSignal;
  },
): Promise<{ answer: string; location: string }> {
  let response: Response;
  let text: string;
  try {
    const headers = { "content-type": "application/sdp" };
    const limit = withLimit(signal, ANSWER_WITHIN_MS);
    response = await fetch(url, { method: "POST", headers, body: offer, signal: limit });
    text = await response.text();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Unreachable("The relay does not answer.", { cause: error });
  }
  if (response.status === 201) {
    return { answer: text, location: response.headers.get("location") ?? url };
  }
  const { detail = `The relay answered ${response.status}.`, type } = readProblem(text);
  if (response.status >= 500) throw new Unreachable(detail);
  throw new Refused(detail, type === TAKEN);
}

/** Sentence and kind of problem details (RFC 9457), as far as they are there. */
export function readProblem(text: string): { readonly detail?: string; readonly type?: string } {
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem !== "object" || problem === null) return {};
    return {
      ...("detail" in problem && typeof problem.detail === "string"
        ? { detail: problem.detail }
        : {}),
      ...("type" in problem && typeof problem.type === "string" ? { type: problem.type } : {}),
    };
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** Tells the session that no candidate follows (RFC 9725 §4.3.2), which changes nothing; one that is over is not found. */
async function isGone(session: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await fetch(session, {
      method: "PATCH",
      headers: { "content-type": "application/trickle-ice-sdpfrag", "if-match": "*" },
      body: "a=end-of-candidates\r\n",
      signal: withLimit(signal, ASK_WITHIN_MS),
    });
    return status === 404;
  } catch (error) {
    // Neither the relay nor the network says so.
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}

async function goodbye(session: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(GOODBYE_MS);
    await fetch(session, { method: "DELETE", keepalive: true, signal });
    return true;
  } catch (error) {
    // The relay is gone, or the network: it notices by itself.
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}
