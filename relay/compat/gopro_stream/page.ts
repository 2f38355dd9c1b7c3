/**
 * The page of the gopro-stream listener: one video, fed through Media Source Extensions from the WebSocket beside it.
 *
 * @module
 */

/** What is at `/`. */
export const GOPRO_STREAM_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GoPro live</title>
<style>
body { margin: 0; background: #111; color: #eee; font: 1rem/1.5 system-ui, sans-serif; }
video { display: block; width: 100%; max-height: 90vh; background: #000; }
p { margin: .5rem 1rem; min-height: 1.5em; }
</style>
</head>
<body>
<video autoplay muted playsinline controls></video>
<p role="status">Connecting …</p>
<script src="player.js"></script>
</body>
</html>
`;

/**
 * What plays: the codecs come in a text message before the media; a new generation, which has another init segment,
 * begins a new `MediaSource`.
 */
export const GOPRO_STREAM_SCRIPT = `"use strict";
const video = document.querySelector("video");
const status = document.querySelector("p");
const MAX_QUEUED = 256, KEPT_S = 30, BEHIND_S = 3, AGAIN_MS = 2000;
let queue = [], buffer;

function say(text) { status.textContent = text; }

function begin(mime) {
  const Source = self.ManagedMediaSource ?? self.MediaSource;
  queue = [];
  buffer = undefined;
  if (!Source || !Source.isTypeSupported(mime)) return say("This browser does not play " + mime + ".");
  const source = new Source();
  video.disableRemotePlayback = true;
  video.src = URL.createObjectURL(source);
  source.addEventListener("sourceopen", () => {
    URL.revokeObjectURL(video.src);
    buffer = source.addSourceBuffer(mime);
    buffer.addEventListener("updateend", next);
    next();
  }, { once: true });
  say("");
}

function next() {
  if (!buffer || buffer.updating) return;
  const { buffered } = video;
  if (buffered.length > 0) {
    const end = buffered.end(buffered.length - 1), start = buffered.start(0);
    if (video.currentTime < buffered.start(buffered.length - 1) || end - video.currentTime > BEHIND_S) {
      video.currentTime = Math.max(buffered.start(buffered.length - 1), end - 0.5);
    }
    if (video.currentTime - start > KEPT_S) return buffer.remove(0, video.currentTime - KEPT_S / 2);
  }
  const bytes = queue.shift();
  if (!bytes) return;
  try {
    buffer.appendBuffer(bytes);
  } catch (error) {
    say("This browser could not take the picture: " + error.message);
  }
}

function connect() {
  const socket = new WebSocket(location.href.replace(/^http/, "ws"));
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") {
      if (queue.length < MAX_QUEUED) queue.push(data);
      return next();
    }
    const message = JSON.parse(data);
    if (message.type === "stream") begin(message.mime);
    if (message.type === "offline") say(message.reason);
  };
  socket.onclose = ({ reason }) => {
    say(reason || "The connection broke off; trying again …");
    setTimeout(connect, AGAIN_MS);
  };
}

connect();
`;
