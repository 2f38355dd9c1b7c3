/**
 * The page of the Medooze listener: the camera goes to the relay and comes back beside it, and is recorded on the relay's
 * side. One text, without anything from elsewhere.
 *
 * @module
 */

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
  video { width: 100%; max-height: 60vh; border-radius: 12px; background: #0b1214; }
  fieldset { margin: 1rem 0 0; border: 1px solid #8888; border-radius: 12px; }
  button { min-height: 44px; padding: 0 1.2rem; font: inherit; }
  p { min-height: 1.5em; }
`;

const SCRIPT = `
  const video = document.querySelector("video");
  const state = document.querySelector("p");
  const say = (text) => { state.textContent = text; };

  async function connect() {
    if (!navigator.mediaDevices) {
      throw new Error("Browsers give a camera to https and localhost alone.");
    }
    const camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    video.srcObject = camera;
    const connection = new RTCPeerConnection();
    for (const track of camera.getTracks()) {
      connection.addTransceiver(track, { direction: "sendrecv", streams: [camera] });
    }
    connection.ontrack = ({ streams: [returned] }) => {
      if (returned) video.srcObject = returned;
    };
    connection.onconnectionstatechange = () => say("Connection: " + connection.connectionState);
    await connection.setLocalDescription();
    const answer = await fetch("connect", {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: connection.localDescription.sdp,
    });
    if (!answer.ok) throw new Error(await answer.text());
    await connection.setRemoteDescription(await answer.json());
  }

  for (const button of document.querySelectorAll("button")) {
    button.onclick = async () => {
      const answer = await fetch(button.dataset.do);
      say(answer.ok ? button.dataset.said : await answer.text());
    };
  }
  connect().catch((error) => say(error.message));
`;

function recorder(name: string, path: string): string {
  return `<fieldset>
    <legend>${name}</legend>
    <button data-do="${path}-start" data-said="Recording.">Record</button>
    <button data-do="${path}-stop" data-said="The recording is in recordings/medooze.">Stop</button>
  </fieldset>`;
}

/** The page. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Rill: camera to recording</title>
  <style>${STYLE}</style>
</head>
<body>
  <video autoplay muted playsinline></video>
  ${recorder("Record as with GStreamer", "gstreamer")}
  ${recorder("Record as with FFmpeg", "ffmpeg")}
  <p role="status"></p>
  <script>${SCRIPT}</script>
</body>
</html>
`;
