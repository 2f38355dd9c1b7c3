/**
 * What the API's document says of the addresses that are no part of the API: the app's pages, the ways to watch a
 * stream, and other programs' names for those. Describes; `routing.ts` answers.
 *
 * @module
 */

import type { RouteDescription } from "../api/route.ts";
import type { Delivery } from "../deliveries/delivery.ts";
import { BY_SRC, OF_FIRST } from "./aliases.ts";

/** A way to watch. */
interface Medium {
  readonly summary: string;
  readonly type?: string;
}

/** By the word after the stream's name. */
const MEDIA: Readonly<Record<string, Medium>> = {
  "ws": { summary: "The stream by a WebSocket: fragmented MP4 and control messages." },
  "mse": { summary: "The stream by a WebSocket, as go2rtc's players take it." },
  "stream.mp4": { summary: "The stream as endless fragmented MP4.", type: "video/mp4" },
  "stream.ts": { summary: "The stream as endless MPEG-TS.", type: "video/mp2t" },
  "index.m3u8": {
    summary: "HLS: the multivariant playlist.",
    type: "application/vnd.apple.mpegurl",
  },
  "hls/live.m3u8": { summary: "HLS: the media playlist.", type: "application/vnd.apple.mpegurl" },
  "frame.jpg": { summary: "The newest key picture.", type: "image/jpeg" },
  "frame.mp4": { summary: "The newest key picture, as an MP4 of one.", type: "video/mp4" },
};

const PAGE = { 200: { description: "The app's page.", content: { type: "text/html" } } };

/** Of the app's pages and files. */
export const PAGE_ROUTES: readonly RouteDescription[] = [
  { method: "GET", path: "/", right: "none", summary: "The app: the cameras.", answers: PAGE },
  {
    method: "GET",
    path: "/camera",
    right: "none",
    summary: "The app: the camera of the device that it runs on.",
    answers: PAGE,
  },
  {
    method: "GET",
    path: "/live/{name}",
    right: "none",
    summary: "The app: one stream.",
    query: {
      transport: "The one transport that the player uses.",
      muted: "true: without sound at first.",
      controls: "false: the picture alone.",
    },
    answers: { ...PAGE, 404: { description: "No such stream.", content: { type: "text/html" } } },
  },
  {
    method: "GET",
    path: "/{file}",
    right: "none",
    summary: "A file of the app.",
    answers: {
      200: { description: "The file.", content: { type: "application/octet-stream" } },
      404: { description: "There is none.", content: { type: "text/plain" } },
    },
  },
];

/**
 * Of the ways to watch.
 * @throws {Error} for a delivery that is not described here; the relay does not start then.
 */
export function mediaRoutes(deliveries: readonly Delivery[]): RouteDescription[] {
  const live = deliveries.flatMap(({ resource, folder }) => {
    // `mse` is reached by its alias alone.
    const own = resource === "mse" ? [] : [watching(`/live/{name}/${resource}`, resource)];
    return folder === undefined ? own : [...own, folderRoute(folder)];
  });
  const bySrc = [...BY_SRC].map(([path, resource]) => ({
    ...watching(path, resource),
    query: { src: "The stream's name." },
  }));
  const ofFirst = [...OF_FIRST].map(([path, resource]) => watching(path, resource));
  return [...live, ...bySrc, ...ofFirst];
}

function watching(path: string, resource: string): RouteDescription {
  const medium = MEDIA[resource];
  if (!medium) throw new Error(`no table says which right ${path} needs`);
  const { summary, type } = medium;
  return {
    method: "GET",
    path,
    right: "view",
    summary,
    answers: type === undefined
      ? { 101: { description: "A WebSocket." } }
      : { 200: { description: "The media.", content: { type } } },
    problems: type === undefined ? [404, 426] : [404, 503],
  };
}

function folderRoute(folder: string): RouteDescription {
  return {
    method: "GET",
    path: `/live/{name}/${folder}/{file}`,
    right: "view",
    summary: "HLS: playlists, init segments, parts and segments, as the playlists name them.",
    answers: { 200: { description: "The file.", content: { type: "video/mp4" } } },
    problems: [404, 503],
  };
}
