/** The sink contract, over every delivery that makes sinks. */

import { concatBytes } from "../../shared/bytes.ts";
import { DeliveryServer } from "../support/delivery_server.ts";
import { RawClient } from "../support/raw_client.ts";
import { until } from "../support/relay.ts";
import { readChunks, readFrames } from "../support/wire.ts";
import { type OpenSink, sinkContract } from "./sink_contract.ts";

/** Opens `/live/cam/{resource}` by hand, so that nothing reads for us. */
async function open(
  connect: (port: number) => Promise<RawClient>,
  media: (received: Uint8Array) => Uint8Array[],
): Promise<OpenSink> {
  const server = await DeliveryServer.start(["cam"]);
  const cam = server.stream("cam");
  const client = await connect(server.port);
  await until(() => cam.sinks.length === 1, { what: "the sink" });
  const [sink] = cam.sinks;
  if (!sink) throw new Error("There is no sink.");
  let broken = false;
  const breakOff = (): void => {
    if (!broken) client[Symbol.dispose]();
    broken = true;
  };
  return {
    sink,
    read: async (bytes) => {
      const parts = (): Uint8Array[] => media(client.received);
      const length = (): number => parts().reduce((sum, part) => sum + part.length, 0);
      while (client.length < bytes || length() < bytes) {
        if (!await client.read()) break;
      }
      return concatBytes(parts());
    },
    breakOff,
    takers: () => cam.hub.takers,
    [Symbol.asyncDispose]: async () => {
      breakOff();
      await server[Symbol.asyncDispose]();
    },
  };
}

sinkContract("ws", () => open((port) => RawClient.webSocket(port, "/live/cam/ws"), readFrames));
sinkContract(
  "stream.mp4",
  () =>
    open(
      (port) => RawClient.request(port, "GET /live/cam/stream.mp4 HTTP/1.1", ["Connection: close"]),
      readChunks,
    ),
);
