/**
 * The shapes of the API's bodies as schemas, for its document and to read what clients send. Each is held to the type in
 * `shared/api.ts` by the type checker. Loaded when first needed: a relay that nobody asks does without the package.
 *
 * @module
 */

import { z } from "zod";
import type {
  CameraControl,
  CameraStatus,
  ControlList,
  ControlValue,
  DestinationInfo,
  DestinationList,
  DestinationRequest,
  DeviceList,
  Health,
  Problem,
  RestartNeeded,
  SandboxReport,
  Stats,
  StreamCounters,
  StreamInfo,
  StreamList,
  StreamRequest,
  StreamState,
  StreamStats,
  WebTransportOffer,
} from "../../shared/api.ts";
import type { TrackDescription } from "../../shared/control.ts";
import type { RecordingInfo, RecordingList, RecordingState } from "../../shared/recordings.ts";

const count = z.int().min(0);
const words = z.array(z.string()).readonly();

const streamState: z.ZodType<StreamState> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("starting") }),
  z.object({ kind: z.literal("live") }),
  z.object({
    kind: z.literal("offline"),
    reason: z.string().describe("A sentence."),
    retryAt: z.iso.datetime().exactOptional(),
  }),
  z.object({ kind: z.literal("ended") }),
  z.object({ kind: z.literal("asleep") }).describe("Nobody watches; it wakes for whoever does."),
]).describe("What the stream is doing.");

const trackDescription: z.ZodType<TrackDescription> = z.object({
  id: z.int(),
  kind: z.enum(["video", "audio"]),
  codec: z.string().describe("RFC 6381, for example avc1.4d401f."),
  width: z.int().exactOptional(),
  height: z.int().exactOptional(),
  sampleRate: z.int().exactOptional(),
  channels: z.int().exactOptional(),
});

const COUNTERS = {
  bytesIn: count.describe("Bytes the source brought."),
  datagramsLost: count,
  resyncBytes: count.describe("Bytes passed over while looking for a packet boundary."),
  continuityGaps: count,
  packetsLost: count,
  duplicatePackets: count,
  transportErrors: count,
  scrambledPackets: count,
  sectionErrors: count,
  pesErrors: count,
  damagedAccessUnits: count.describe("Thrown away because part of them was lost."),
  heldAccessUnits: count.describe("Held back after damage until the next key picture."),
  lateTailBytes: count,
  unreadable: count,
  clockRestarts: count,
  generations: count,
  videoSamples: count,
  audioSamples: count,
  silentSamples: count.describe("Samples of silence in the place of sound that is missing."),
  restarts: count.describe("Times the source was started again."),
  freezes: count.describe(
    "Times that pictures ceased for some seconds although the source sent on.",
  ),
} satisfies Record<keyof StreamCounters, z.ZodType<number>>;
const streamCounters: z.ZodType<StreamCounters> = z.object(COUNTERS)
  .describe("Losses and repairs since the relay started, by cause.");

const cameraStatus: z.ZodType<CameraStatus> = z.object({
  model: z.string().exactOptional(),
  firmware: z.string().exactOptional(),
  battery: z.number().exactOptional().describe("Percent."),
  charging: z.boolean().exactOptional(),
  recording: z.boolean().exactOptional(),
  card: z.string().exactOptional().describe("The card's state in words; absent when it is well."),
  busy: z.boolean().exactOptional(),
  hot: z.boolean().exactOptional(),
  shutter: z.boolean().exactOptional()
    .describe("Its own recording, on its card, can be begun and ended from here."),
});

const INFO = {
  name: z.string(),
  source: z.string().describe("As written, without credentials."),
  state: streamState,
  mime: z.string().exactOptional().describe("Absent until the first init segment."),
  generation: count,
  tracks: z.array(trackDescription).readonly(),
  viewers: count,
  bitrate: z.number().describe("Bits a second over the last seconds."),
  fps: z.number().describe("Pictures a second over the last seconds."),
  uptimeMs: count.describe("Since the picture last began to flow; 0 when it does not."),
  counters: streamCounters,
  warnings: words.describe("What is amiss while the stream goes on; gone when it is over."),
  camera: cameraStatus.exactOptional().describe("What the camera says of itself."),
};
const streamInfo: z.ZodType<StreamInfo> = z.object(INFO);
const streamList: z.ZodType<StreamList> = z.object({
  streams: z.array(streamInfo).readonly(),
  publish: z.boolean().describe("Whether who asks may publish."),
});

const streamStats: z.ZodType<StreamStats> = z.object({
  ...INFO,
  outlets: z.record(z.string(), z.object({ viewers: count, bytes: count }))
    .describe("Who takes it, by transport."),
  skips: count.describe("Times a slow viewer was moved on to a later key picture."),
  skippedFragments: count,
  evicted: count.describe("Viewers let go because they took nothing for too long."),
});

const stats: z.ZodType<Stats> = z.object({
  version: z.string(),
  startedAt: z.iso.datetime(),
  uptimeMs: count,
  memory: z.object({ residentBytes: count, heapBytes: count }),
  streams: z.array(streamStats).readonly(),
  restart: words.describe("What takes a new start to be in force."),
  configuration: z.object({
    file: z.string(),
    problem: z.string().exactOptional().describe("Why the newest file is not in force."),
  }).exactOptional(),
});

const health: z.ZodType<Health> = z.object({
  status: z.enum(["ok", "degraded"]),
  version: z.string(),
  uptimeMs: count,
  streams: z.record(
    z.string(),
    z.enum(["starting", "live", "offline", "ended", "asleep", "waiting"]),
  ),
  configuration: z.string().exactOptional()
    .describe("Why the newest configuration file is not in force."),
});

const leave = z.union([z.literal(true), words]).describe("true: everything.");
const SANDBOX = { net: leave, read: leave, write: leave, run: leave, env: leave, sys: leave };
const sandbox: z.ZodType<SandboxReport> = z.object({
  ...SANDBOX,
  streams: z.record(z.string(), z.object({ net: leave, read: leave, run: leave }))
    .describe("What reads each stream's source may touch, of that."),
});

const problem: z.ZodType<Problem> = z.object({
  type: z.string().describe("Stable, relative to the relay's /problems/."),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What happened, what to do."),
  field: z.string().exactOptional().describe("The field of the request that is wrong."),
}).describe("Problem details, RFC 9457.");

const streamRequest: z.ZodType<StreamRequest> = z.strictObject({
  source: z.string({ error: "a source in words, for example udp://:5000 or push" })
    .describe("As in the configuration, for example udp://:5000 or push."),
}, { error: 'JSON like {"source":"udp://:5000"}' });

const destinationInfo: z.ZodType<DestinationInfo> = z.object({
  id: z.string(),
  stream: z.string(),
  url: z.string().describe("Without credentials."),
  format: z.enum(["fmp4", "ts", "rtp"]),
  state: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("waiting") }),
    z.object({ kind: z.literal("connecting") }),
    z.object({ kind: z.literal("sending"), since: z.iso.datetime() }),
    z.object({
      kind: z.literal("offline"),
      reason: z.string().describe("A sentence."),
      retryAt: z.iso.datetime().exactOptional(),
    }),
  ]),
  bytes: count.describe("Of media, handed to the network."),
  skipped: z.object({ fragments: count, ms: count }).describe("Left out: the way was too slow."),
  connections: count.describe("Times it was connected."),
});
const destinationList: z.ZodType<DestinationList> = z.object({
  destinations: z.array(destinationInfo).readonly(),
});
const destinationRequest: z.ZodType<DestinationRequest> = z.strictObject({
  id: z.string({ error: "an id" }),
  stream: z.string({ error: "a stream's name" }).exactOptional(),
  url: z.string({ error: "an address such as wss://relay.example.org/publish/cam" }),
  token: z.string({ error: "a token" }).exactOptional(),
  format: z.enum(["fmp4", "ts"], { error: "fmp4 or ts" }).exactOptional(),
}, { error: 'JSON like {"id":"cloud","url":"wss://relay.example.org/publish/cam"}' });

const cameraControl: z.ZodType<CameraControl> = z.object({
  name: z.string(),
  kind: z.enum(["integer", "boolean", "menu", "button"]),
  value: z.int().exactOptional().describe("As it is now; absent for a button."),
  min: z.int().exactOptional(),
  max: z.int().exactOptional(),
  step: z.int().exactOptional(),
  default: z.int().exactOptional(),
  options: z.array(z.object({ value: z.int(), label: z.string() })).readonly().exactOptional(),
  inactive: z.boolean().exactOptional().describe("It cannot be set now: another one decides."),
});
const deviceList: z.ZodType<DeviceList> = z.object({
  cameras: z.array(z.object({
    source: z.string().describe("As it is written in the configuration."),
    name: z.string(),
    modes: z.array(z.object({
      format: z.enum(["h264", "mjpeg", "yuyv", "uyvy", "nv12", "yuv420"]),
      width: z.int(),
      height: z.int(),
      rates: z.array(z.number()).readonly().describe("Pictures a second, highest first."),
    })).readonly(),
    controls: z.array(cameraControl).readonly(),
  })).readonly(),
  microphones: z.array(z.object({ source: z.string(), name: z.string() })).readonly(),
  notes: words.describe("What could not be asked."),
});
const controlList: z.ZodType<ControlList> = z.object({
  controls: z.array(cameraControl).readonly(),
  allowed: z.boolean().describe("Whether who asks may set them."),
});
const controlValues: z.ZodType<Record<string, ControlValue>> = z.record(
  z.string(),
  z.union([z.number(), z.boolean(), z.string()], { error: "a number, true, false or a label" }),
  { error: 'JSON like {"brightness":140,"h264_profile":"High"}' },
);

const restartNeeded: z.ZodType<RestartNeeded> = z.object({
  restart: z.literal(true),
  needs: words.describe("What the relay was not started with leave for."),
});

const webTransportOffer: z.ZodType<WebTransportOffer> = z.object({
  url: z.string().describe("Carries a ticket for one session, good for half a minute."),
  certificateHashes: z.array(
    z.object({ algorithm: z.literal("sha-256"), value: z.base64() }),
  ).readonly(),
});

const recordingState: z.ZodType<RecordingState> = z.object({
  recording: z.object({
    startedAt: z.iso.datetime(),
    seconds: z.number().describe("Of media that was taken."),
    bytes: count,
    left: count.describe("Batches left out because the disk was too slow."),
    waiting: z.string().exactOptional().describe("Why nothing comes now."),
  }).exactOptional().describe("Absent when none is under way."),
  ended: z.object({
    recordings: words,
    problem: z.string().exactOptional().describe("What went wrong."),
  }).exactOptional().describe("How the last one ended."),
  allowed: z.boolean().exactOptional().describe("Whether who asks may begin and end it."),
});

const recordingInfo: z.ZodType<RecordingInfo> = z.object({
  id: z.string(),
  stream: z.string(),
  startedAt: z.iso.datetime(),
  state: z.enum(["recording", "finishing", "done"]),
  bytes: count,
  seconds: z.number().exactOptional().describe("Of media; absent while it is recorded."),
  tracks: z.array(trackDescription).readonly(),
  note: z.string().exactOptional().describe("Where it does not play."),
});
const recordingList: z.ZodType<RecordingList> = z.object({
  recordings: z.array(recordingInfo).readonly(),
});

/** All of them, by the name that the document gives them. */
export const SCHEMAS = {
  ControlList: controlList,
  DeviceList: deviceList,
  ControlValues: controlValues,
  DestinationInfo: destinationInfo,
  DestinationList: destinationList,
  DestinationRequest: destinationRequest,
  Health: health,
  Object: z.record(z.string(), z.unknown()).describe("A JSON object."),
  Problem: problem,
  Published: z.object({ stream: z.string(), bytes: count }),
  RecordingInfo: recordingInfo,
  RecordingList: recordingList,
  RecordingState: recordingState,
  RestartNeeded: restartNeeded,
  Sandbox: sandbox,
  Shutter: z.strictObject(
    { on: z.boolean({ error: "true or false" }) },
    { error: '{"on": true} or {"on": false}' },
  ),
  Stats: stats,
  StreamInfo: streamInfo,
  StreamList: streamList,
  StreamRequest: streamRequest,
  WebTransportOffer: webTransportOffer,
  WebTransportRequest: z.object(
    { stream: z.string({ error: "a stream's name" }) },
    { error: 'JSON like {"stream":"NAME"}' },
  ),
} as const satisfies Record<string, z.ZodType>;

/** A shape that the document has. */
export type SchemaName = keyof typeof SCHEMAS;

/** What is read with one. */
export type Shape<Name extends SchemaName> = z.output<(typeof SCHEMAS)[Name]>;
