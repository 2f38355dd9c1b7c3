/**
 * `/metrics`: the relay's counters in Prometheus' text format, version 0.0.4, by its naming rules: base units,
 * `_total` for what only grows, no totals that can be had by adding labels. Reads state, owns none.
 *
 * @module
 */

import type { DestinationInfo, StreamCounters } from "../../shared/api.ts";
import type { Streams } from "../streams/streams.ts";
import type { ApiRoute } from "../api/route.ts";
import { Exposition } from "./exposition.ts";

/** What the figures are of. */
export interface MetricsContext {
  readonly streams: Streams;
  /** Where streams are carried to. */
  readonly destinations: { list(): readonly DestinationInfo[] };
  readonly version: string;
}

const TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Media that was lost or thrown away, by cause; each a count of what its name says. */
const LOSSES = {
  datagram: "datagramsLost",
  continuity_gap: "continuityGaps",
  transport_error: "transportErrors",
  scrambled: "scrambledPackets",
  section: "sectionErrors",
  pes: "pesErrors",
  damaged_access_unit: "damagedAccessUnits",
  held_access_unit: "heldAccessUnits",
  unreadable: "unreadable",
  missing_sound: "silentSamples",
} as const satisfies Record<string, keyof StreamCounters>;

/** The route. */
export function metricsRoute(context: MetricsContext): ApiRoute {
  return {
    method: "GET",
    path: "/metrics",
    right: "view",
    summary: "The relay's counters for Prometheus.",
    answers: { 200: { description: "Text format 0.0.4.", content: { type: "text/plain" } } },
    handle: (c) =>
      c.body(render(context), 200, { "content-type": TYPE, "cache-control": "no-store" }),
  };
}

function render({ streams, destinations, version }: MetricsContext): string {
  const out = new Exposition();
  const all = streams.all().map((stream) => ({ stream, info: stream.info, name: stream.name }));
  const perStream = (
    name: string,
    kind: { readonly type: "counter" | "gauge"; readonly help: string },
    value: (each: (typeof all)[number]) => number,
  ): void => {
    out.family(name, kind);
    for (const each of all) out.sample(name, { stream: each.name }, value(each));
  };

  out.family("rill_build_info", { type: "gauge", help: "Always 1; the version is a label." });
  out.sample("rill_build_info", { version }, 1);
  perStream("rill_stream_up", {
    type: "gauge",
    help: "1 while media flows.",
  }, ({ info }) => info.state.kind === "live" ? 1 : 0);
  perStream("rill_stream_uptime_seconds", {
    type: "gauge",
    help: "Since media last began to flow; 0 while it does not.",
  }, ({ info }) => info.uptimeMs / 1000);
  perStream("rill_stream_generation", {
    type: "gauge",
    help: "Number of the init segment in force.",
  }, ({ info }) => info.generation);
  perStream("rill_stream_restarts_total", {
    type: "counter",
    help: "Times the source was started again.",
  }, ({ info }) => info.counters.restarts);
  perStream("rill_stream_freezes_total", {
    type: "counter",
    help: "Times that pictures ceased for some seconds although the source sent on.",
  }, ({ info }) => info.counters.freezes);
  perStream("rill_received_bytes_total", {
    type: "counter",
    help: "Bytes the source brought.",
  }, ({ info }) => info.counters.bytesIn);

  out.family("rill_fragments_total", {
    type: "counter",
    help: "Fragments made: one a picture, one a block of sound.",
  });
  for (const { name, info: { counters } } of all) {
    out.sample("rill_fragments_total", { stream: name, kind: "video" }, counters.videoSamples);
    out.sample("rill_fragments_total", { stream: name, kind: "audio" }, counters.audioSamples);
  }
  out.family("rill_losses_total", {
    type: "counter",
    help: "What was lost or thrown away on the way in, by cause.",
  });
  for (const { name, info: { counters } } of all) {
    for (const [cause, field] of Object.entries(LOSSES)) {
      out.sample("rill_losses_total", { stream: name, cause }, counters[field]);
    }
  }
  perStream("rill_resync_bytes_total", {
    type: "counter",
    help: "Bytes passed over while looking for a packet boundary.",
  }, ({ info }) => info.counters.resyncBytes);

  out.family("rill_viewers", { type: "gauge", help: "Who watches the stream now, by transport." });
  for (const { stream, name } of all) {
    for (const [transport, { viewers }] of stream.hub.outlets()) {
      out.sample("rill_viewers", { stream: name, transport }, viewers);
    }
  }
  out.family("rill_sent_bytes_total", {
    type: "counter",
    help: "Bytes handed to viewers' connections, by transport.",
  });
  for (const { stream, name } of all) {
    for (const [transport, { bytes }] of stream.hub.outlets()) {
      out.sample("rill_sent_bytes_total", { stream: name, transport }, bytes);
    }
  }
  perStream("rill_skips_total", {
    type: "counter",
    help: "Times a slow viewer was moved on to a later key picture.",
  }, ({ stream }) => stream.hub.stats.skips);
  perStream("rill_skipped_fragments_total", {
    type: "counter",
    help: "Fragments that slow viewers were spared.",
  }, ({ stream }) => stream.hub.stats.skippedFragments);
  perStream("rill_evicted_viewers_total", {
    type: "counter",
    help: "Viewers let go because they took nothing for too long.",
  }, ({ stream }) => stream.hub.stats.evicted);

  out.family("rill_latency_seconds", {
    type: "histogram",
    help: "From the first datagram of a picture until it was handed to every viewer's connection.",
  });
  for (const { stream, name } of all) {
    out.histogram("rill_latency_seconds", { stream: name }, stream.latency);
  }

  const forwarded = destinations.list();
  const perDestination = (
    name: string,
    kind: { readonly type: "counter" | "gauge"; readonly help: string },
    value: (each: DestinationInfo) => number,
  ): void => {
    out.family(name, kind);
    for (const each of forwarded) {
      out.sample(name, { destination: each.id, stream: each.stream }, value(each));
    }
  };
  perDestination("rill_destination_up", {
    type: "gauge",
    help: "1 while the stream is sent there.",
  }, ({ state }) => state.kind === "sending" ? 1 : 0);
  perDestination("rill_destination_sent_bytes_total", {
    type: "counter",
    help: "Bytes of media handed to the network.",
  }, ({ bytes }) => bytes);
  perDestination("rill_destination_connections_total", {
    type: "counter",
    help: "Times it was connected.",
  }, ({ connections }) => connections);
  perDestination("rill_destination_skipped_fragments_total", {
    type: "counter",
    help: "Fragments left out because the way was too slow.",
  }, ({ skipped }) => skipped.fragments);

  const memory = Deno.memoryUsage();
  out.family("process_resident_memory_bytes", { type: "gauge", help: "Resident memory." });
  out.sample("process_resident_memory_bytes", {}, memory.rss);
  out.family("process_heap_bytes", { type: "gauge", help: "Heap of the main thread in use." });
  out.sample("process_heap_bytes", {}, memory.heapUsed);
  out.family("process_start_time_seconds", {
    type: "gauge",
    help: "When the process began, since the Unix epoch.",
  });
  out.sample("process_start_time_seconds", {}, performance.timeOrigin / 1000);
  return out.toString();
}
