/** The delivery contract, over every row of the table of deliveries: a row without a fixture fails. */

import assert from "node:assert/strict";
import { openFrameJpg } from "../../relay/deliveries/frame_jpg.ts";
import { openHls } from "../../relay/deliveries/hls/hls.ts";
import { DELIVERIES } from "../../relay/deliveries/mod.ts";
import { Viewer } from "../support/viewer.ts";
import { deliveryContract, type DeliveryFixture } from "./delivery_contract.ts";

/** A fixture for what answers plain requests with MP4. */
function overHttp(resource: string): DeliveryFixture {
  return {
    resource,
    view: async (url) => {
      const response = await fetch(url);
      assert.equal(response.status, 200);
      const reader = response.body?.getReader();
      return {
        media: async () => {
          let bytes = 0;
          while (bytes < 700) {
            const part = await reader?.read();
            if (!part?.value) throw new Error(`The body ended after ${bytes} bytes.`);
            bytes += part.value.length;
          }
        },
        [Symbol.asyncDispose]: async () => await reader?.cancel(),
      };
    },
    refusal: async (url) => {
      const response = await fetch(url);
      await response.body?.cancel();
      return response.status;
    },
    unknown: 404,
  };
}

/** go2rtc's WebSocket, which has an address of its own and speaks when asked. */
function mse(): DeliveryFixture {
  const addressOf = (url: string): string => {
    const { host, pathname } = new URL(url);
    const name = pathname.replace(/^\/live\//, "").replace(/\/mse$/, "");
    return `ws://${host}/api/ws?src=${name}`;
  };
  return {
    resource: "mse",
    byAlias: true,
    view: async (url) => {
      const socket = new WebSocket(addressOf(url));
      const closed = new Promise((resolve) => socket.onclose = resolve);
      const messages: unknown[] = [];
      let arrived = (): void => {};
      socket.onmessage = ({ data }) => {
        messages.push(data);
        arrived();
      };
      await new Promise((resolve) => socket.onopen = resolve);
      socket.send('{"type":"mse","value":""}');
      return {
        media: async () => {
          while (messages.length < 3) await new Promise<void>((resolve) => arrived = resolve);
        },
        [Symbol.asyncDispose]: async () => {
          socket.close();
          await closed;
        },
      };
    },
    refusal: async (url) => {
      const response = await fetch(addressOf(url).replace("ws", "http"));
      await response.body?.cancel();
      return response.status;
    },
    unknown: 404,
  };
}

/** Follows the playlists to a part of media. */
function hls(): DeliveryFixture {
  const { refusal, unknown, view } = overHttp("index.m3u8");
  const link = async (url: string, pattern: RegExp): Promise<string> => {
    const response = await fetch(url);
    assert.equal(response.status, 200);
    const [, uri] = pattern.exec(await response.text()) ?? [];
    assert.ok(uri, `${url} names nothing like ${pattern}`);
    return new URL(uri, url).href;
  };
  return {
    resource: "index.m3u8",
    open: () => openHls({ idle: 100, patience: 10, offline: 10_000 }),
    view: async (url) =>
      await view(await link(await link(url, /^([^#].*)$/m), /#EXT-X-PART:.*URI="(.*?)"/)),
    refusal,
    unknown,
  };
}

const FIXTURES: readonly DeliveryFixture[] = [
  {
    resource: "ws",
    view: async (url) => {
      const viewer = await Viewer.open(url.replace(/\/ws$/, ""));
      return {
        media: async () =>
          void await viewer.until(() => viewer.media.length > 1, { what: "init and a picture" }),
        [Symbol.asyncDispose]: () => viewer.close(),
      };
    },
    refusal: async (url) => {
      const socket = new WebSocket(url.replace("http", "ws"));
      return (await new Promise<CloseEvent>((resolve) => socket.onclose = resolve)).code;
    },
    unknown: 4404,
  },
  overHttp("stream.mp4"),
  overHttp("stream.ts"),
  overHttp("frame.mp4"),
  {
    ...overHttp("frame.jpg"),
    open: () => openFrameJpg(() => Promise.resolve(new Uint8Array(1000))),
  },
  hls(),
  mse(),
];

for (const open of DELIVERIES) {
  const { resource } = open();
  const fixture = FIXTURES.find((each) => each.resource === resource);
  if (!fixture) throw new Error(`Write a fixture for ${resource}.`);
  deliveryContract(open, fixture);
}
