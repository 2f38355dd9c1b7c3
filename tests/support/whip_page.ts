/**
 * What a page says to publish by WHIP, bare: no app, nothing but the browser's own WebRTC. Scripts for pages of the relay's
 * own origin.
 *
 * @module
 */

/** What is published. */
export interface BarePublisher {
  readonly name: string;
  /** The browser's (made-up) camera and microphone, or a picture that shows the time it was drawn at. */
  readonly what: "camera" | "clock";
  /** Candidates are sent after the offer, by PATCH. */
  readonly trickle?: boolean;
  /** H.264 alone, as the relay takes it. */
  readonly codec?: string;
  /** What the candidates of the answer are to be replaced by: `ADDRESS PORT`. */
  readonly by?: string;
  /** A tone goes with the clock; its page needs leave to start sound. */
  readonly tone?: boolean;
}

/** The clock's picture: so many columns of black and white, a Gray code of milliseconds modulo 2^16. */
export const CLOCK_BITS = 16;

/** The clock stands still for a while: its publisher sends no picture, as one whose camera is in the dark. */
export function pauseScript(milliseconds: number): string {
  return `void (window.pausedUntil = performance.now() + ${milliseconds})`;
}

/** Publishes; evaluates to the answer's status, and the problem if there is one. */
export function publishScript(
  { name, what, trickle = false, codec = "H264", tone = false, by }: BarePublisher,
): string {
  return `(async () => {
    const media = ${what === "camera" ? CAMERA : CLOCK};
    ${tone ? TONE : ""}
    const connection = window.connection = new RTCPeerConnection();
    for (const track of media.getTracks()) {
      const transceiver = connection.addTransceiver(track, { direction: "sendonly", streams: [media] });
      if (track.kind !== "video") continue;
      const codecs = RTCRtpSender.getCapabilities("video").codecs;
      const wanted = codecs.filter(({ mimeType }) => mimeType === "video/${codec}" || /rtx/.test(mimeType));
      transceiver.setCodecPreferences(wanted);
    }
    const late = [];
    let send = (candidate) => late.push(candidate);
    connection.onicecandidate = ({ candidate }) => send(candidate);
    await connection.setLocalDescription();
    if (!${trickle}) {
      await new Promise((resolve) => {
        if (connection.iceGatheringState === "complete") return resolve();
        connection.onicegatheringstatechange = () =>
          connection.iceGatheringState === "complete" && resolve();
      });
    }
    const response = await fetch("/whip/${name}", {
      method: "POST",
      headers: { "content-type": "application/sdp" },
      body: connection.localDescription.sdp,
    });
    const text = await response.text();
    if (response.status !== 201) return { status: response.status, text };
    window.session = response.headers.get("location");
    const sdp = ${
    by === undefined ? "text" : `text.replace(/(?<= udp \\d+ )\\S+ \\d+(?= typ)/g, "${by}")`
  };
    await connection.setRemoteDescription({ type: "answer", sdp });
    const [ufrag] = /a=ice-ufrag:.*/.exec(connection.localDescription.sdp);
    const [password] = /a=ice-pwd:.*/.exec(connection.localDescription.sdp);
    send = async (candidate) => {
      const end = candidate === null ? "a=end-of-candidates" : "a=" + candidate.candidate;
      const patched = await fetch(window.session, {
        method: "PATCH",
        headers: {
          "content-type": "application/trickle-ice-sdpfrag",
          "if-match": response.headers.get("etag"),
        },
        body: [ufrag, password, "m=audio 9 RTP/AVP 0", "a=mid:0", end, ""].join("\\r\\n"),
      });
      if (patched.status !== 204) throw new Error("trickled: " + patched.status);
    };
    if (${trickle}) for (const candidate of late) await send(candidate);
    return { status: response.status, text: "" };
  })()`;
}

const CAMERA = `await navigator.mediaDevices.getUserMedia({
  video: { width: 1280, height: 720, frameRate: 30 },
  audio: true,
})`;

const CLOCK = `(() => {
  const canvas = document.createElement("canvas");
  canvas.width = 1280;
  canvas.height = 720;
  const paper = canvas.getContext("2d");
  const width = canvas.width / ${CLOCK_BITS};
  let turn = 0;
  setInterval(() => {
    if (performance.now() < (window.pausedUntil ?? 0)) return;
    const now = Math.floor(performance.timeOrigin + performance.now()) % 65536;
    const gray = now ^ (now >> 1);
    for (let bit = 0; bit < ${CLOCK_BITS}; bit++) {
      paper.fillStyle = (gray >> bit) & 1 ? "white" : "black";
      paper.fillRect(bit * width, 0, width, 360);
    }
    paper.fillStyle = "hsl(" + (turn += 3) + " 80% 50%)";
    paper.fillRect(0, 360, 1280, 360);
  }, 1000 / 30);
  return canvas.captureStream(30);
})()`;

const TONE = `
    const sound = new AudioContext();
    const tone = sound.createOscillator();
    const ear = sound.createMediaStreamDestination();
    tone.connect(ear);
    tone.start();
    media.addTrack(ear.stream.getAudioTracks()[0]);
`;

/**
 * The clock goes from one connection to another within its page, H.264, and nothing between: what a browser itself takes.
 * Evaluates to nothing, once pictures are there; `window.direct` is their `<video>`.
 */
export const DIRECT_SCRIPT = `(async () => {
  const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
  window.connections = [from, to];
  from.onicecandidate = ({ candidate }) => to.addIceCandidate(candidate);
  to.onicecandidate = ({ candidate }) => from.addIceCandidate(candidate);
  const video = window.direct = document.createElement("video");
  video.muted = true;
  document.body.prepend(video);
  to.ontrack = ({ streams }) => video.srcObject = streams[0];
  const media = ${CLOCK};
  const transceiver = from.addTransceiver(media.getVideoTracks()[0], { direction: "sendonly", streams: [media] });
  const { codecs } = RTCRtpSender.getCapabilities("video");
  transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => /h264|rtx/i.test(mimeType)));
  await from.setLocalDescription();
  await to.setRemoteDescription(from.localDescription);
  await to.setLocalDescription();
  await from.setRemoteDescription(to.localDescription);
  await video.play();
})()`;

/**
 * Reads the clock in whatever \`<video>\` the expression finds, for so many pictures; evaluates to how old each was in
 * milliseconds, when the page had it or, \`shown\`, when the browser says that it stands on the screen.
 */
export function readClockScript(
  video: string,
  { count, when = "had" }: { readonly count: number; readonly when?: "had" | "shown" },
): string {
  return `new Promise((resolve) => {
    const video = ${video};
    const ages = [];
    const canvas = new OffscreenCanvas(${CLOCK_BITS}, 1);
    const paper = canvas.getContext("2d", { willReadFrequently: true });
    const shown = (called, { expectedDisplayTime }) => {
      const at = ${when === "had" ? "performance.now()" : "expectedDisplayTime"};
      const now = Math.floor(performance.timeOrigin + at) % 65536;
      const { videoWidth: width, videoHeight: height } = video;
      let gray = 0;
      for (let bit = 0; bit < ${CLOCK_BITS}; bit++) {
        const column = width / ${CLOCK_BITS};
        paper.drawImage(video, (bit + 0.4) * column, height / 8, column / 5, height / 8, bit, 0, 1, 1);
      }
      const { data } = paper.getImageData(0, 0, ${CLOCK_BITS}, 1);
      for (let bit = 0; bit < ${CLOCK_BITS}; bit++) if (data[4 * bit] > 127) gray |= 1 << bit;
      let drawn = gray;
      for (let shift = 1; shift < ${CLOCK_BITS}; shift <<= 1) drawn ^= drawn >> shift;
      ages.push((now - drawn + 65536) % 65536);
      if (ages.length >= ${count}) resolve(ages);
      else video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  })`;
}
