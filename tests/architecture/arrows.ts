/**
 * Which folder may import which: the house's direction of dependencies as one table. Data, and the search
 * for the row of a file.
 *
 * @module
 */

/** What one file, or the files of one folder and of those inside it without a row of their own, may import. */
export interface Arrows {
  /** Folders, and single files, besides their own. */
  readonly folders: readonly string[];
  /** npm packages. `node:` modules are the runtime's and need no leave outside `shared/`. */
  readonly packages: "any" | "none";
}

/** Leaves first. A new folder needs a row here before anything in it is allowed to exist. */
export const ARROWS: Readonly<Record<string, Arrows>> = {
  "shared": { folders: [], packages: "none" },
  // A file at the top that everything above the hot path may use.
  "relay/log.ts": { folders: ["shared"], packages: "none" },
  "relay/close_locked.ts": { folders: [], packages: "none" },

  "relay/compat/keys.ts": { folders: [], packages: "none" },
  // What is kept of a stream that is always recorded: what the file says, and what the library does.
  "relay/library/plan.ts": { folders: [], packages: "none" },
  "relay/config_file": {
    folders: [
      "shared",
      "relay/log.ts",
      "relay/compat/keys.ts",
      "relay/forwarding/destination.ts",
      "relay/library/plan.ts",
    ],
    packages: "any",
  },
  // ffmpeg, wherever a codec is needed that the relay has not.
  "relay/ffmpeg.ts": { folders: ["shared"], packages: "none" },

  "relay/access": { folders: ["shared"], packages: "none" },
  // What a route says of itself, and the guard before it: for every folder that answers requests.
  "relay/api": { folders: ["shared", "relay/access"], packages: "any" },
  "relay/bytes": { folders: ["shared"], packages: "none" },
  "relay/mpegts": { folders: ["shared", "relay/bytes"], packages: "none" },
  // The way back: batches to a transport stream. Its reader's constants and checksum serve it too.
  "relay/mpegts_out": { folders: ["shared", "relay/bytes", "relay/mpegts"], packages: "none" },
  "relay/codecs": { folders: ["shared", "relay/bytes"], packages: "none" },
  "relay/fmp4": { folders: ["shared", "relay/bytes"], packages: "none" },
  // Byte streams of NAL units: cut by what the codec says of its pictures.
  "relay/annexb": { folders: ["shared", "relay/bytes", "relay/codecs"], packages: "none" },
  "relay/adts": { folders: ["shared", "relay/bytes", "relay/codecs"], packages: "none" },
  // Samples for the codecs; writing boxes is fmp4's.
  "relay/fmp4_in": { folders: ["shared", "relay/bytes", "relay/codecs"], packages: "none" },
  // RTP packets: their payloads go to the codecs.
  "relay/rtp": { folders: ["shared", "relay/bytes", "relay/codecs"], packages: "none" },
  // The way back: batches to RTP packets and their session description.
  "relay/rtp_out": { folders: ["shared"], packages: "none" },
  "relay/sources": { folders: ["shared", "relay/bytes"], packages: "none" },
  "relay/ingest": {
    folders: [
      "shared",
      "relay/bytes",
      "relay/mpegts",
      "relay/annexb",
      "relay/adts",
      "relay/fmp4_in",
      "relay/rtp",
      "relay/codecs",
      "relay/fmp4",
      "relay/sources",
    ],
    packages: "none",
  },
  // Which cameras there are: asked of the programs that drive them.
  "relay/devices": { folders: ["shared", "relay/sources"], packages: "none" },
  "relay/hub": { folders: ["shared"], packages: "none" },
  "relay/streams": {
    folders: ["shared", "relay/ingest", "relay/sources", "relay/hub", "relay/log.ts"],
    packages: "none",
  },
  "relay/recordings": {
    folders: [
      "shared",
      "relay/bytes",
      "relay/fmp4",
      "relay/hub",
      "relay/log.ts",
      "relay/close_locked.ts",
    ],
    packages: "none",
  },
  // Streams into files, and what became of them.
  "relay/library": {
    folders: [
      "shared",
      "relay/bytes",
      "relay/recordings",
      "relay/hub",
      "relay/streams",
      "relay/library/plan.ts",
      "relay/ffmpeg.ts",
      "relay/log.ts",
    ],
    packages: "none",
  },
  // A stream with its sound made over: a taker on its hub with a hub of its own.
  "relay/renditions": {
    folders: [
      "shared",
      "relay/codecs",
      "relay/fmp4",
      "relay/hub",
      "relay/streams",
      "relay/ffmpeg.ts",
      "relay/log.ts",
    ],
    packages: "none",
  },
  // fmp4 and bytes: `frame.mp4` is an MP4 of its own; mpegts and mpegts_out: `stream.ts`.
  "relay/deliveries": {
    folders: [
      "shared",
      "relay/bytes",
      "relay/fmp4",
      "relay/mpegts",
      "relay/mpegts_out",
      "relay/hub",
      "relay/log.ts",
    ],
    packages: "any",
  },
  // deliveries: how a WebSocket is held and a problem is answered; access: who may publish; rtp: what WHIP brings;
  // sources: how another relay is asked for its clock.
  "relay/publish": {
    folders: [
      "shared",
      "relay/access",
      "relay/api",
      "relay/streams",
      "relay/deliveries",
      "relay/sources",
      "relay/bytes",
      "relay/rtp",
      "relay/log.ts",
    ],
    packages: "any",
  },
  // What is written of one; a name that other readers of configurations need.
  "relay/forwarding/destination.ts": { folders: ["shared"], packages: "none" },
  // A taker on the hub whose way leads out; deliveries: how a stream becomes MPEG-TS.
  "relay/forwarding": {
    folders: [
      "shared",
      "relay/rtp_out",
      "relay/hub",
      "relay/streams",
      "relay/deliveries",
      "relay/log.ts",
      "relay/forwarding/destination.ts",
    ],
    packages: "any",
  },
  "relay/certificates": { folders: ["shared", "relay/log.ts"], packages: "any" },
  "relay/http": {
    folders: [
      "relay/forwarding",
      "shared",
      "relay/access",
      "relay/api",
      "relay/streams",
      "relay/deliveries",
      "relay/certificates",
      "relay/config_file",
      "relay/library",
      "relay/log.ts",
    ],
    packages: "any",
  },
  // Other systems' addresses: adapters in front of what the relay has, each on a port of its own.
  "relay/compat": {
    folders: [
      "shared",
      "relay/compat/keys.ts",
      "relay/sources",
      "relay/streams",
      "relay/hub",
      "relay/deliveries",
      "relay/access",
      "relay/publish",
      "relay/library",
      // Whether a feed's tables announce what can be played, and how a connection leads out.
      "relay/bytes",
      "relay/mpegts",
      "relay/forwarding",
      "relay/http",
      "relay/ffmpeg.ts",
      "relay/log.ts",
    ],
    packages: "any",
  },
  // Above everything: makes archives of the relay, and starts it from one. Vite bundles.
  "relay/packaging": { folders: ["shared", "relay"], packages: "any" },
  // main.ts, app.ts and what else stands at the top: they join everything.
  "relay": { folders: ["shared", "relay"], packages: "any" },

  "web/src/transports": { folders: ["shared"], packages: "none" },
  "web/src/player": { folders: ["shared", "web/src/transports"], packages: "none" },
  // This device's camera, published: the browser's WebRTC and nothing of the player's.
  "web/src/publisher": { folders: ["shared"], packages: "none" },
  "web/src/recorder": { folders: ["shared"], packages: "none" },
  "web/src/sw": { folders: ["shared"], packages: "none" },
  "web/src/trust": { folders: [], packages: "none" },
  "web/src/ui": {
    folders: ["shared", "web/src/player", "web/src/publisher", "web/src/trust"],
    packages: "any",
  },
  "web/src": { folders: ["shared", "web/src"], packages: "any" },
  // vite.config.ts
  "web": { folders: [], packages: "any" },

  // Tests look at everything.
  "tests": { folders: ["shared", "relay", "web", "tests"], packages: "any" },
};

/** The longest row that holds the file at `path`. */
export function rowOf(path: string): string | undefined {
  if (path in ARROWS) return path;
  for (let folder = path;;) {
    const cut = folder.lastIndexOf("/");
    if (cut < 0) return undefined;
    folder = folder.slice(0, cut);
    if (folder in ARROWS) return folder;
  }
}

/** Data at the top level: the version, for example. */
const CONFIGURATION = /^[^/]+\.json$/;

/** Folders whose files belong to them alone: inside these, a sub-folder needs a row of its own. */
const JOINERS = ["relay", "web/src", "web"];

/** Why the import of `target` in `importer` is against the table; `undefined` when it is not. */
export function explainArrow(importer: string, target: string): string | undefined {
  if (CONFIGURATION.test(target)) return undefined;
  const from = rowOf(importer);
  const to = rowOf(target);
  if (from === undefined || to === undefined) {
    return `${importer} imports ${target}, which is in no folder of the table`;
  }
  if (from === to) return undefined;
  const allowed = ARROWS[from]?.folders ?? [];
  if (allowed.some((folder) => to === folder || to.startsWith(`${folder}/`))) return undefined;
  return `${importer} imports ${target}: ${from} may import ${allowed.join(", ") || "nothing"}`;
}

/** Why the file at `path` may not stand where it does; `undefined` when it may. */
export function explainPlace(path: string): string | undefined {
  const row = rowOf(path);
  if (row === undefined) return `${path} is in no folder of the table`;
  const inside = path.slice(row.length + 1);
  if (!JOINERS.includes(row) || !inside.includes("/")) return undefined;
  return `${path}: its folder has no row in the table; say what it may import`;
}
