/**
 * `/api/streams/{name}/record` and `/api/recordings`, contract §9: recording begun and ended, what was recorded listed,
 * fetched, thrown away.
 *
 * @module
 */

import type { Problem } from "../../shared/api.ts";
import type { RecordingList, RecordingState } from "../../shared/recordings.ts";
import { allowed, type Open } from "../access/guard.ts";
import { answerProblem, noSuch } from "../api/problems.ts";
import type { ApiRoute } from "../api/route.ts";
import type { Library } from "../library/library.ts";
import { sendFile } from "./send_file.ts";

/** What the routes need. */
export interface RecordingsContext {
  readonly library: Library;
  readonly streams: { get(name: string): unknown };
  /** Those that are always recorded: nothing for a request to begin or end. */
  readonly continuous: { has(name: string): boolean };
  /** What needs no key. */
  readonly open: Open;
}

/** The routes. */
export function recordingRoutes(context: RecordingsContext): ApiRoute[] {
  return [...ofStreams(context), ...ofRecordings(context)];
}

function ofStreams({ library, streams, continuous, open }: RecordingsContext): ApiRoute[] {
  const path = "/api/streams/{name}/record";
  const state = { description: "Its state.", content: { schema: "RecordingState" } } as const;
  return [
    {
      ...{ method: "GET", path, right: "view" },
      summary: "Whether the relay records the stream.",
      answers: { 200: state },
      problems: [404],
      handle: (c, { name }) => {
        if (!streams.get(name)) return answerProblem(c, noSuch("stream", name));
        const answer: RecordingState = {
          ...library.state(name),
          allowed: allowed(open, "admin") && !continuous.has(name),
        };
        return c.json(answer);
      },
    },
    {
      ...{ method: "POST", path, right: "admin" },
      summary: "Begins to record the stream.",
      answers: { 201: state },
      problems: [404, 409, 429],
      handle: (c, { name }) => {
        if (continuous.has(name)) return answerProblem(c, ALWAYS);
        switch (library.start(name)) {
          case "started":
            return c.json(library.state(name), 201);
          case "recording":
            return answerProblem(c, RECORDING);
          case "full":
            return answerProblem(c, FULL);
          case "unknown":
            return answerProblem(c, noSuch("stream", name));
        }
      },
    },
    {
      ...{ method: "DELETE", path, right: "admin" },
      summary: "Ends the recording.",
      answers: { 200: state },
      problems: [409],
      handle: async (c, { name }) => {
        if (continuous.has(name)) return answerProblem(c, ALWAYS);
        const ended = await library.stop(name);
        return ended ? c.json(ended) : answerProblem(c, NOT_RECORDING);
      },
    },
  ];
}

function ofRecordings({ library }: RecordingsContext): ApiRoute[] {
  const path = "/api/recordings/{id}";
  return [
    {
      ...{ method: "GET", path: "/api/recordings", right: "view" },
      summary: "What was recorded, newest first.",
      query: { stream: "Of this stream alone." },
      answers: { 200: { description: "The recordings.", content: { schema: "RecordingList" } } },
      handle: async (c) => {
        const list: RecordingList = { recordings: await library.list(c.req.query("stream")) };
        return c.json(list);
      },
    },
    {
      ...{ method: "GET", path, right: "view" },
      summary: "One recording.",
      answers: { 200: { description: "The recording.", content: { schema: "RecordingInfo" } } },
      problems: [404],
      handle: async (c, { id }) => {
        const info = await library.get(id);
        return info ? c.json(info) : answerProblem(c, noSuch("recording", id));
      },
    },
    {
      ...{ method: "DELETE", path, right: "admin" },
      summary: "Throws a recording away.",
      answers: { 204: { description: "It is gone." } },
      problems: [404, 409],
      handle: async (c, { id }) => {
        switch (await library.remove(id)) {
          case "removed":
            return c.body(null, 204);
          case "busy":
            return answerProblem(c, BUSY);
          case "unknown":
            return answerProblem(c, noSuch("recording", id));
        }
      },
    },
    {
      ...{ method: "GET", path: `${path}/media.mp4`, right: "view" },
      summary: "The recording's file, whole or in ranges.",
      answers: {
        200: { description: "The file.", content: { type: "video/mp4" } },
        206: { description: "A part of it.", content: { type: "video/mp4" } },
        304: { description: "It is as it was." },
        412: { description: "It is not as it was (If-Match)." },
        416: { description: "There is no such part." },
      },
      problems: [404],
      handle: async (c, { id }) => {
        const file = await library.path(id);
        const answer = file && await sendFile(file, c.req.raw, "video/mp4");
        return answer || answerProblem(c, noSuch("recording", id));
      },
    },
  ];
}

const RECORDING: Problem = {
  type: "/problems/recording",
  title: "Recording already",
  status: 409,
  detail: "This stream is being recorded already; DELETE the same address to end that.",
};

const ALWAYS: Problem = {
  type: "/problems/recording",
  title: "Always recorded",
  status: 409,
  detail: "The configuration has this stream recorded always (record), and is what changes that.",
};

const NOT_RECORDING: Problem = {
  type: "/problems/not-recording",
  title: "Not recording",
  status: 409,
  detail: "This stream is not being recorded; POST to the same address begins.",
};

const FULL: Problem = {
  type: "/problems/too-many",
  title: "Too many at once",
  status: 429,
  detail: "Too many streams are being recorded at once; end one of them.",
};

const BUSY: Problem = {
  type: "/problems/recording",
  title: "Still being made",
  status: 409,
  detail: "This recording is still being made; end it, or wait until it is finished.",
};
