/** The delivery contract, over every row of the table of deliveries: a row without a fixture fails. */

import assert from "node:assert/strict";
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
  overHttp("frame.mp4"),
];

for (const open of DELIVERIES) {
  const { resource } = open();
  const fixture = FIXTURES.find((each) => each.resource === resource);
  if (!fixture) throw new Error(`Write a fixture for ${resource}.`);
  deliveryContract(open, fixture);
}
