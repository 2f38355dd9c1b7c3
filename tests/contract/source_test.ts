/** The source contract, over every row of the scheme table: a row without a fixture does not compile. */
import { join } from "node:path";
import { type SchemeName, SCHEMES } from "../../relay/sources/mod.ts";
import { concatBytes } from "../../shared/bytes.ts";
import { EndlessServer } from "../support/endless_server.ts";
import { GoProCamera } from "../support/gopro_camera.ts";
import { goProGroups, tsPackets } from "../support/gopro_datagrams.ts";
import { hero4 } from "../support/gopro_firmware.ts";
import { V4l2StandIn } from "../support/v4l2_stand_in.ts";
import { putRpicamOnPath } from "../support/rpicam_stand_in.ts";
import { putOnPath } from "../support/search_path.ts";
import { RtpEncoder } from "../support/rtp_encoder.ts";
import { RtspCamera } from "../support/rtsp_camera.ts";
import { freePort, freeUdpPort, UdpSender } from "../support/ports.ts";
import {
  permissionContract,
  type Place,
  sourceContract,
  type SourceFixture,
} from "./source_contract.ts";

function place(text: string, release: () => void | Promise<void> = () => undefined): Place {
  return { text, [Symbol.asyncDispose]: async () => await release() };
}

async function filePlace(bytes: Uint8Array, options: string): Promise<Place> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "clip.ts");
  await Deno.writeFile(path, bytes);
  return place(`file:${path}${options}`, () => Deno.remove(folder, { recursive: true }));
}

/** A server whose streams never end. */
async function streamPlace(scheme: "http" | "https" | "ws" | "wss"): Promise<Place> {
  const server = await EndlessServer.start({ tls: scheme.endsWith("s") && scheme !== "ws" });
  return place(server.source(scheme), () => server[Symbol.asyncDispose]());
}

/** A source whose camera is a program that stands in for the real one. */
async function rpicamPlace(text: string): Promise<Place> {
  const program = await putRpicamOnPath();
  return place(text, async () => await program[Symbol.asyncDispose]());
}

/** The same, of `v4l2-ctl`. */
async function v4l2Place(text: string): Promise<Place> {
  const standIn = await V4l2StandIn.make();
  const path = putOnPath(standIn.folder);
  return place(text, async () => {
    path[Symbol.dispose]();
    await standIn[Symbol.asyncDispose]();
  });
}

const FIXTURES: Readonly<Record<SchemeName, SourceFixture>> = {
  demo: {
    working: () => Promise.resolve(place("demo")),
    refused: ["demo:x", "demo?loop"],
  },
  exec: {
    working: () => Promise.resolve(place("exec:yes this is no camera")),
    broken: () => Promise.resolve(place("exec:no-such-program-anywhere --now")),
    refused: ["exec:", "exec:   ", "exec:cat 'a", "exec:cat a | b", "exec:cat a\\"],
  },
  file: {
    working: () => filePlace(tsPackets(700, 1), "?loop&pace=fast"),
    broken: () => Promise.resolve(place("file:/nowhere/to/be/found.ts")),
    refused: ["file:", "file:a?pace=slow", "file:a?speed=2", "file:a?loop=maybe"],
  },
  gopro: {
    working: () => {
      const capture = concatBytes(goProGroups(20, 33));
      const camera = GoProCamera.on({ firmware: hero4, capture, streamPort: freeUdpPort() });
      return Promise.resolve(place(camera.source, () => camera.goAway()));
    },
    broken: async () => {
      const capture = concatBytes(goProGroups(1, 3));
      const camera = GoProCamera.on({ firmware: hero4, capture, streamPort: freeUdpPort() });
      await camera.goAway();
      return place(camera.source);
    },
    refused: ["gopro:10.5.5.9", "gopro://h:0", "gopro?udp=x", "gopro?dialect=none", "gopro?x=1"],
  },
  http: {
    working: () => streamPlace("http"),
    broken: () => Promise.resolve(place(`http://127.0.0.1:${freePort()}/live/x`)),
    refused: ["http:", "http://", "http:host", "http:///x", "http://h/x#ca=a.pem", "http://h/#y=1"],
  },
  https: {
    working: () => streamPlace("https"),
    broken: async () => {
      const { text, ...standing } = await streamPlace("https");
      return { ...standing, text: text.replace(/#.*/, "") }; // an authority that nobody vouches for
    },
    refused: ["https:", "https://", "https://h/x#ca="],
  },
  push: {
    working: () => Promise.resolve(place("push")),
    fed: tsPackets(7, 1).slice(),
    refused: ["push:x", "push://host", "push?replace=1"],
  },
  rpicam: {
    working: () => rpicamPlace("rpicam"),
    broken: () => rpicamPlace("rpicam:7"),
    refused: [
      "rpicam:x",
      "rpicam://host",
      "rpicam?size=big",
      "rpicam?fps=0",
      "rpicam?bitrate=1G",
      "rpicam?rotation=90",
      "rpicam?x=1",
    ],
  },
  rtp: {
    working: async () => {
      const encoder = await RtpEncoder.start();
      return place(`rtp:${encoder.sdpFile}`, () => encoder[Symbol.asyncDispose]());
    },
    broken: () => Promise.resolve(place("rtp:/nowhere/to/be/found.sdp")),
    refused: ["rtp:", "rtp://127.0.0.1:5000", "rtp:a.sdp#audio=mp3", "rtp:a.sdp#x=1"],
  },
  rtsp: {
    working: async () => {
      const camera = await RtspCamera.start();
      return place(`rtsp://${camera.host}/live`, () => camera[Symbol.asyncDispose]());
    },
    broken: () => Promise.resolve(place(`rtsp://127.0.0.1:${freePort()}/live`)),
    refused: ["rtsp:", "rtsp://", "rtsp:host/x", "rtsp://h/x#transport=http", "rtsp://h/x#y=1"],
  },
  rtsps: {
    working: async () => {
      const camera = await RtspCamera.start({ tls: true });
      return place(`rtsps://${camera.host}/live`, () => camera[Symbol.asyncDispose]());
    },
    broken: () => Promise.resolve(place(`rtsps://127.0.0.1:${freePort()}/live`)),
    refused: ["rtsps:", "rtsps://", "rtsps://h/x#transport=http"],
  },
  udp: {
    working: () => {
      const port = freeUdpPort();
      const sender = new UdpSender(port);
      const timer = setInterval(() => void sender.send(tsPackets(7, 1)), 2);
      return Promise.resolve(place(`udp://127.0.0.1:${port}`, () => {
        clearInterval(timer);
        sender[Symbol.dispose]();
      }));
    },
    broken: () => {
      const port = freeUdpPort();
      const taken = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
      return Promise.resolve(place(`udp://127.0.0.1:${port}`, () => taken.close()));
    },
    refused: ["udp:", "udp://", "udp://host", "udp://:0", "udp://:5000?group=1.2.3.4"],
  },
  v4l2: {
    working: () => v4l2Place("v4l2:/dev/video0"),
    broken: () => v4l2Place("v4l2:/dev/video9"),
    refused: [
      "v4l2:",
      "v4l2:camera",
      "v4l2:/dev/../etc/passwd",
      "v4l2:/dev/video0?size=big",
      "v4l2:/dev/video0?fps=0",
      "v4l2:/dev/video0?format=theora",
      "v4l2:/dev/video0?encoder=nvenc",
      "v4l2:/dev/video0?audio=here",
      "v4l2:/dev/video0?x=1",
    ],
  },
  ws: {
    working: () => streamPlace("ws"),
    broken: () => Promise.resolve(place(`ws://127.0.0.1:${freePort()}/x`)),
    refused: ["ws:", "ws://", "ws://h/x#ca=a.pem"],
  },
  wss: {
    working: () => streamPlace("wss"),
    broken: () => Promise.resolve(place(`wss://127.0.0.1:${freePort()}/x`)),
    refused: ["wss:", "wss://"],
  },
};

const ROWS = Object.keys(SCHEMES).filter((key): key is SchemeName => key in FIXTURES).map((
  name,
) => ({ name, scheme: SCHEMES[name], fixture: FIXTURES[name] }));
for (const row of ROWS) sourceContract(row);
permissionContract(ROWS);
