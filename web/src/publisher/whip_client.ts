/**
 * A WHIP client, RFC 9725: offers this device's media to the relay, H.264 before anything else. One session; when it ends
 * another is begun by whoever wants one.
 *
 * @module
 */

/** Candidates of this device are waited for so long; on a network at home they are there at once. */
const GATHER_MS = 2_000;
/** A picture that moves, in 720 lines. */
const MAX_BITRATE = 2_500_000;

/** The relay says no, and why, as a sentence. Asking again changes nothing. */
export class Refused extends Error {
  override readonly name = "Refused";
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
  /** Ends it; the relay is told even when the page is left. */
  close(): void;
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
    return {
      connection,
      close(): void {
        connection.close();
        void goodbye(new URL(location, url).href);
      },
    };
  } catch (error) {
    connection.close();
    throw error;
  }
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
  const { promise, resolve } = Promise.withResolvers<void>();
  const patience = setTimeout(resolve, GATHER_MS);
  const look = (): void => {
    if (connection.iceGatheringState === "complete") resolve();
  };
  connection.addEventListener("icegatheringstatechange", look);
  look();
  return promise.finally(() => clearTimeout(patience));
}

async function post(
  { url, offer, signal }: {
    readonly url: string;
    readonly offer: string;
    readonly signal: AbortSignal;
  },
): Promise<{ answer: string; location: string }> {
  let response: Response;
  try {
    const headers = { "content-type": "application/sdp" };
    response = await fetch(url, { method: "POST", headers, body: offer, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Unreachable("The relay does not answer.", { cause: error });
  }
  const text = await response.text();
  if (response.status === 201) {
    return { answer: text, location: response.headers.get("location") ?? url };
  }
  const reason = detailOf(text) ?? `The relay answered ${response.status}.`;
  if (response.status >= 500) throw new Unreachable(reason);
  throw new Refused(reason);
}

/** The sentence of problem details (RFC 9457); `undefined` where there is none. */
export function detailOf(text: string): string | undefined {
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem !== "object" || problem === null || !("detail" in problem)) return undefined;
    return typeof problem.detail === "string" ? problem.detail : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function goodbye(session: string): Promise<void> {
  try {
    await fetch(session, { method: "DELETE", keepalive: true });
  } catch (error) {
    // The relay is gone as well: then it knows.
    if (!(error instanceof TypeError)) throw error;
  }
}
