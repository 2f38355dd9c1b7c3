/**
 * `/api/streams/{name}/controls` and `…/camera/shutter`, contract §9: what a camera can be told while it runs.
 *
 * @module
 */

import type { ControlList, DeviceList } from "../../shared/api.ts";
import { allowed, type Open } from "../access/guard.ts";
import { answerProblem, cameraRefused, noSuch } from "../api/problems.ts";
import { readJson } from "../api/read_json.ts";
import type { ApiRoute } from "../api/route.ts";
import type { Streams } from "../streams/streams.ts";

/** What this machine has, as `--list` says it. */
export function devicesRoute(find: () => Promise<DeviceList>): ApiRoute {
  /** Programs are asked, each for some time: whoever asks meanwhile gets the same answer. */
  let asking: Promise<DeviceList> | undefined;
  return {
    ...{ method: "GET", path: "/api/devices", right: "admin" },
    summary: "The cameras and microphones of the relay's machine.",
    answers: { 200: { description: "All of them.", content: { schema: "DeviceList" } } },
    handle: async (c) => {
      asking ??= find().finally(() => asking = undefined);
      return c.json(await asking);
    },
  };
}

/** The routes. */
export function controlRoutes(
  { streams, open }: { readonly streams: Streams; readonly open: Open },
): ApiRoute[] {
  const path = "/api/streams/{name}/controls";
  const answers = {
    200: { description: "The controls as they are.", content: { schema: "ControlList" } },
  } as const;
  return [
    {
      ...{ method: "GET", path, right: "view", answers },
      summary: "The camera's controls, their ranges and values; none where it has none.",
      problems: [404],
      handle: (c, { name }) => {
        const stream = streams.get(name);
        if (!stream) return answerProblem(c, noSuch("stream", name));
        const list: ControlList = { controls: stream.controls, allowed: allowed(open, "admin") };
        return c.json(list);
      },
    },
    {
      ...{ method: "PATCH", path, right: "admin", answers },
      summary: "Sets controls by name: numbers, true or false, entries of a menu by their label.",
      body: { schema: "ControlValues" },
      problems: [400, 404, 408, 409, 413],
      handle: async (c, { name }) => {
        const stream = streams.get(name);
        if (!stream) return answerProblem(c, noSuch("stream", name));
        const { value, refusal } = await readJson(c, "ControlValues");
        if (refusal) return refusal;
        const problem = await stream.tell({ kind: "controls", values: value });
        if (problem !== undefined) return answerProblem(c, cameraRefused(problem));
        const list: ControlList = { controls: stream.controls, allowed: allowed(open, "admin") };
        return c.json(list);
      },
    },
    {
      ...{ method: "POST", path: "/api/streams/{name}/camera/shutter", right: "admin" },
      summary: "Begins or ends the camera's own recording, on its card.",
      body: { schema: "Shutter" },
      answers: { 200: { description: "Done.", content: { schema: "StreamInfo" } } },
      problems: [400, 404, 408, 409, 413],
      handle: async (c, { name }) => {
        const stream = streams.get(name);
        if (!stream) return answerProblem(c, noSuch("stream", name));
        const { value, refusal } = await readJson(c, "Shutter");
        if (refusal) return refusal;
        const problem = await stream.tell({ kind: "shutter", on: value.on });
        if (problem !== undefined) return answerProblem(c, cameraRefused(problem));
        return c.json(stream.info);
      },
    },
  ];
}
