/**
 * Addresses that programs of other relays know, as names for what this one has: go2rtc's below `/api/` with the stream
 * in `?src=`, fmp4streamer's at the top for the first stream (contract §4). Pure.
 *
 * @module
 */

/** Another name for a stream's resource. */
export interface Alias {
  /** `undefined` where the address names none. */
  readonly name: string | undefined;
  readonly resource: string;
  /** Where the client is sent instead, relative: for what has relative addresses inside. */
  readonly location?: string;
}

/** Where the playlist leads that go2rtc's WebSocket hands out (`deliveries/mse_message.ts`), in the folder of HLS. */
const MEDIA_PLAYLIST = "hls/live.m3u8";

/** go2rtc's, and the resource behind each. Its other parameters than `src` are left unread. */
export const BY_SRC: ReadonlyMap<string, string> = new Map([
  ["/api/ws", "mse"],
  ["/api/stream.mp4", "stream.mp4"],
  ["/api/stream.ts", "stream.ts"],
  ["/api/stream.m3u8", "index.m3u8"],
  ["/api/hls/playlist.m3u8", MEDIA_PLAYLIST],
  ["/api/frame.jpeg", "frame.jpg"],
  ["/api/frame.mp4", "frame.mp4"],
]);

/** fmp4streamer's. */
export const OF_FIRST: ReadonlyMap<string, string> = new Map([
  ["/stream.mp4", "stream.mp4"],
  ["/stream.m3u8", "index.m3u8"],
  ["/streaminf.m3u8", "index.m3u8"], // where the other led
]);

/** Whether `path` is one of go2rtc's. */
export function isGo2rtcPath(path: string): boolean {
  return BY_SRC.has(path);
}

/**
 * The alias at `path`, where there is one.
 * @param query of the request.
 * @param first the name of the first stream; asked for only where it matters.
 */
export function readAlias(
  path: string,
  { query, first }: { query: URLSearchParams; first: () => string | undefined },
): Alias | undefined {
  const bySrc = BY_SRC.get(path);
  if (bySrc !== undefined) {
    return alias(query.get("src") || undefined, bySrc, "../".repeat(path.split("/").length - 2));
  }
  const ofFirst = OF_FIRST.get(path);
  return ofFirst === undefined ? undefined : alias(first(), ofFirst, "./");
}

function alias(name: string | undefined, resource: string, up: string): Alias {
  if (!resource.endsWith(".m3u8")) return { name, resource };
  const [folder = resource] = resource.split("/");
  const location = name === undefined ? {} : { location: `${up}live/${name}/${resource}` };
  return { name, resource: folder, ...location };
}
