/** Sentences without folders: what is a path's goes, what is an address's or a device's stays. */

import assert from "node:assert/strict";
import { withoutFolders } from "../../shared/folders.ts";

const TEXTS: readonly (readonly [text: string, expected: string])[] = [
  ["no such file: /srv/ann/cameras/porch.ts", "no such file: porch.ts"],
  ["file:/srv/ann/porch.ts?loop", "file:porch.ts?loop"],
  ["file:../ann/porch.ts", "file:porch.ts"],
  ["file:porch.ts?pace=fast", "file:porch.ts?pace=fast"],
  ["rtp:sessions/door.sdp#audio=aac", "rtp:door.sdp#audio=aac"],
  ["cannot read /srv/a b/my clip.ts: denied", "cannot read my clip.ts: denied"],
  ["leave to read /etc/one, leave to read /etc/two", "leave to read one, leave to read two"],
  ["exec:/opt/cam/run --out /var/x/y --q='/a/b c/d'", "exec:run --out y --q='d'"],
  ["sudo /opt/rill/install.sh --devices", "sudo install.sh --devices"],
  ["v4l2:/dev/video0?size=1280x720", "v4l2:/dev/video0?size=1280x720"],
  [
    "no such device: /dev/v4l/by-id/usb-cam is not there",
    "no such device: /dev/v4l/by-id/usb-cam is not there",
  ],
  ["http://other:8000/live/gopro", "http://other:8000/live/gopro"],
  ["rtsp://10.0.0.1/stream1: timed out", "rtsp://10.0.0.1/stream1: timed out"],
  ["ws://[::1]/live/a/ws", "ws://[::1]/live/a/ws"],
  ["udp://:5000: taken", "udp://:5000: taken"],
  ["rtp://127.0.0.1:5004", "rtp://127.0.0.1:5004"],
  ["an I/O error, and/or 1/2 of it", "an I/O error, and/or 1/2 of it"],
];

for (const [text, expected] of TEXTS) {
  Deno.test(`without folders: ${text}`, () => assert.equal(withoutFolders(text), expected));
}
