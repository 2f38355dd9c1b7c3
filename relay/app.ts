/**
 * Composes a relay from its parts: streams, deliveries, API, app, server. No logic of its own.
 *
 * @module
 */

import { Hono } from "hono";
import { join } from "node:path";
import type { Stats } from "../shared/api.ts";
import { noKeysYet } from "./access/guard.ts";
import type { CertificateSource } from "./certificates/certificate_source.ts";
import { openGivenCertificate } from "./certificates/given_certificate.ts";
import type { LocalAuthority } from "./certificates/local_authority.ts";
import { type RunningCompat, startCompat } from "./compat/mod.ts";
import type { Config } from "./config.ts";
import { recordPlans } from "./config_streams.ts";
import { ConfigReload } from "./config_reload.ts";
import { lockData } from "./data_lock.ts";
import { DELIVERIES } from "./deliveries/mod.ts";
import { mount, refuseUndescribed } from "./api/mount.ts";
import type { ApiRoute, RouteDescription } from "./api/route.ts";
import { apiRoutes, internalProblem, unknownApi } from "./http/api.ts";
import { loggablePath } from "./http/request_log.ts";
import { hostCheck } from "./http/hosts.ts";
import { listen, type Ports, type RunningServer } from "./http/server.ts";
import { sandboxRoute } from "./http/sandbox_route.ts";
import { statsRoute } from "./http/stats_route.ts";
import { streamRoutes } from "./http/stream_routes.ts";
import { KeptDestinations } from "./kept_destinations.ts";
import { KeptStore } from "./kept_store.ts";
import { KeptStreams } from "./kept_streams.ts";
import type { Permissions } from "./permissions.ts";
import { sandboxReport } from "./sandbox.ts";
import { mediaRoutes, PAGE_ROUTES } from "./http/media_routes.ts";
import { metricsRoute } from "./http/metrics.ts";
import { openApiRoute } from "./http/openapi_route.ts";
import { recordingRoutes } from "./http/recordings_api.ts";
import { Destinations } from "./forwarding/destinations.ts";
import { newRelayName } from "../shared/via.ts";
import { findDevices } from "./devices/find_devices.ts";
import { controlRoutes, devicesRoute } from "./http/controls_api.ts";
import { destinationRoutes } from "./http/destinations_api.ts";
import { Continuous } from "./library/continuous.ts";
import { Library } from "./library/library.ts";
import { loadApp, staticApp, trustPage } from "./http/static.ts";
import { describeSecureOrigin, type SecureOrigin, trustRoutes } from "./http/trust.ts";
import { openPublishing } from "./publish/mod.ts";
import { openWhip } from "./publish/whip/mod.ts";
import { Sessions } from "./publish/whip/sessions.ts";
import { thisHost } from "./own_address.ts";
import type { Log } from "./log.ts";
import { withRenditions } from "./renditions/renditions.ts";
import { Streams } from "./streams/streams.ts";
import { VERSION } from "./version.ts";
import { webTransportRoute } from "./http/webtransport_api.ts";
import { type OpenWebTransport, startWebTransport } from "./webtransport.ts";

/** A relay that runs. */
export interface Relay extends AsyncDisposable {
  readonly server: RunningServer;
  readonly streams: Streams;
  readonly destinations: Destinations;
  /** `undefined` when it is off. */
  readonly webTransport: OpenWebTransport | undefined;
  /** Other systems' addresses. */
  readonly compat: RunningCompat;
  /** `undefined` without a configuration file. */
  readonly reload: ConfigReload | undefined;
}

/** What a relay is given beside its configuration. */
export interface RelayOptions {
  readonly log: Log;
  /** The built web app. */
  readonly appFolder: URL;
  /** Reads the configuration again, where it is to be followed. */
  readonly load?: () => Promise<Config>;
  /** What the launcher says it granted. */
  readonly granted?: Permissions;
  /** Of WebTransport's certificates, where a soak wants many of them. */
  readonly certificateLifeMs?: number;
}

/**
 * Starts a relay.
 * @throws {UsageError} when another relay has its data folder.
 * @throws {ListenError} when its address cannot be had. Nothing is left running then.
 */
export async function startRelay(
  config: Config,
  { log, appFolder, certificateLifeMs, load, granted }: RelayOptions,
): Promise<Relay> {
  await using undo = new AsyncDisposableStack();
  const lock = lockData(config.data, log);
  if (lock) undo.use(lock);
  if (config.keyAskedAt !== undefined) log.warn(noKeysYet(config.keyAskedAt));
  const app = new Hono();
  const streams = undo.use(new Streams(log));
  const self = newRelayName();
  const watchable = withRenditions(streams, log);
  const library = undo.use(
    new Library({ folder: join(config.data, "recordings"), streams, log }),
  );
  const continuous = undo.use(new Continuous({ library, log }));
  const destinations = undo.use(new Destinations({ streams, log, self, proxies: config.proxies }));
  const first = (): string | undefined => streams.names()[0];
  const files = loadApp(appFolder);
  const following: { reload?: ConfigReload } = {};
  const https: { origin?: SecureOrigin } = {}; // known when the ports are open
  const certificate = await openCertificate(config, log);
  if (certificate) undo.use(certificate);
  // Whoever asks before it is open is answered then: a player that is back early after a restart is not told that there
  // is none. It ends after the server: whoever is told farewell and comes again at once finds no door that leads nowhere.
  // Either would be taken for a network that lets no UDP through.
  const udp = Promise.withResolvers<OpenWebTransport | undefined>();
  const afterServer = undo.use(new AsyncDisposableStack());
  const pages = {
    base: basePath(config.url),
    secure: () => describeSecureOrigin(https.origin),
    streams: () => streams.names(),
  };
  const { open } = config;
  const outside = config.url?.origin;
  const about = { streams, version: VERSION, startedAt: performance.now(), open };
  const store = new KeptStore(config);
  const added = new KeptStreams({
    ...{ streams, log, store },
    configured: () => following.reload?.streams ?? config.streams,
  });
  const outward = new KeptDestinations({
    ...{ destinations, log, store, proxies: config.proxies },
    configured: () => following.reload?.destinations ?? config.destinations.map(({ id }) => id),
  });
  const answered: ApiRoute[] = [
    ...apiRoutes({ ...about, configProblem: () => following.reload?.report.problem }),
    ...streamRoutes(added),
    statsRoute({
      ...about,
      configuration: () => describeFile(config, following.reload),
      restart:
        () => [...following.reload?.report.restart ?? [], ...added.restart, ...outward.restart],
    }),
    sandboxRoute(() => sandboxReport(granted, streams)),
    ...controlRoutes({ streams, open: config.open }),
    devicesRoute(findDevices),
    ...destinationRoutes({ destinations, changes: outward, first }),
    ...recordingRoutes({ library, streams, continuous, open: config.open }),
    metricsRoute({ streams, destinations, version: VERSION }),
    webTransportRoute({ offers: udp.promise, streams: watchable, url: config.url }),
    ...trustRoutes(() => https.origin, trustPage(files, pages)),
    openApiRoute({ routes: () => described, version: VERSION, base: pages.base }),
  ];
  app.route("/", mount(answered, config.open, outside));
  app.route("/", unknownApi());
  app.route("/", staticApp(files, pages));
  app.onError((error, c) => {
    log.error(`a request failed: ${error.message}`, { path: loggablePath(c.req.path) });
    return internalProblem(c);
  });
  const publish = openPublishing({ streams, open: config.open, outside, self });
  const { webrtcPort: port, iceServers } = config;
  const webRtc = new Sessions({ port, outside: config.url?.hostname, log });
  const whip = openWhip({
    ...{ streams, open: config.open, outside, self, base: pages.base, iceServers },
    ...{ sessions: webRtc, log },
  });
  const deliveries = DELIVERIES.map((open) => open());
  const described: readonly RouteDescription[] = [
    ...answered,
    ...PAGE_ROUTES,
    ...mediaRoutes(deliveries),
    ...publish.routes,
    ...whip.routes,
  ];
  refuseUndescribed(app, described);
  const { base } = pages;
  const answers = hostCheck({ hostname: thisHost().hostname, url: config.url });
  const ports: Ports = {
    ...(config.listen ? { plain: config.listen } : {}),
    ...(certificate ? { tls: tlsPort(config, certificate, log) } : {}),
  };
  const ways = { first, deliveries, sides: [publish, whip], answers, base, log };
  const routes = { app, streams: watchable, ...ways };
  const { data } = config;
  // Before the relay answers for itself: who asks whether it is ready finds all of it.
  const compat = undo.use(
    await startCompat(config.compat, {
      proxies: config.proxies,
      vwApi: config.vwApi,
      self,
      streams,
      library,
      webRtc,
      data,
      answers,
      log,
    }),
  );
  const server = undo.use(await listen(routes, ports));
  undo.defer(() => udp.resolve(undefined)); // where it does not come to that
  // At once: who connects the moment the port is open finds them. Not earlier: a port may be taken, and a camera that
  // another relay reads is left alone then.
  // Who publishes at another system's port may have been first, and makes way.
  for (const { name, spec } of config.streams) streams.change(name, spec);
  continuous.set(recordPlans(config.streams));
  const kept = store.open();
  for (const sentence of kept.problems) log.warn(`what the API added is left out: ${sentence}`);
  added.start(kept.streams);
  const origin = secureOriginOf(config.url, server, certificate);
  if (origin) https.origin = origin;
  const webTransport = await startWebTransport(config, {
    ...{ server, streams: watchable, log },
    ...(certificateLifeMs === undefined ? {} : { certificateLifeMs }),
  });
  if (webTransport) afterServer.use(webTransport);
  udp.resolve(webTransport);
  for (const destination of config.destinations) destinations.set(destination);
  outward.start(kept.destinations);
  if (load && config.file) {
    const taken = (names: readonly string[], ids: readonly string[]): void => {
      void added.yield(names);
      void outward.yield(ids);
      continuous.set(recordPlans(following.reload?.streams ?? []));
    };
    following.reload = undo.use(
      new ConfigReload({ streams, destinations, log, config, load, taken }),
    );
  }
  const running = undo.move();
  return {
    server,
    streams,
    destinations,
    webTransport,
    compat,
    reload: following.reload,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** As `/api/stats` tells of it. */
function describeFile({ file }: Config, reload: ConfigReload | undefined): Stats["configuration"] {
  if (!file) return undefined;
  const problem = reload?.report.problem;
  return { file: file.name, ...(problem === undefined ? {} : { problem }) };
}

/** The TLS port's certificate. @throws {CertificateError} */
async function openCertificate(
  { tls, data, url }: Config,
  log: Log,
): Promise<CertificateSource | LocalAuthority | undefined> {
  switch (tls.kind) {
    case "off":
      return undefined;
    case "files":
      return openGivenCertificate({ ...tls, log });
    case "auto": {
      // Only here: a relay that is given its certificate does without the packages that make one.
      const { openLocalAuthority } = await import("./certificates/local_authority.ts");
      return await openLocalAuthority({ folder: join(data, "tls"), url, host: thisHost, log });
    }
  }
}

/** What the pages say of https: the address that the outside uses, else the TLS port of whatever host was asked. */
function secureOriginOf(
  url: URL | undefined,
  { tls }: RunningServer,
  certificate: CertificateSource | LocalAuthority | undefined,
): SecureOrigin | undefined {
  const own = url !== undefined && url.port === String(tls?.port);
  if (url?.protocol === "https:" && !own) return { where: url.href.replace(/\/?$/, "/") };
  if (!tls) return undefined;
  const authority = certificate && "authority" in certificate ? certificate.authority : undefined;
  return { where: tls.port, ...(authority ? { authority } : {}) };
}

/** An address that nobody asked for may be taken: a warning, and the plain port alone. */
function tlsPort(
  { listen: plain, listenTls, listenTlsIsDefault }: Config,
  certificate: CertificateSource,
  log: Log,
): NonNullable<Ports["tls"]> {
  const optional = listenTlsIsDefault && plain !== undefined;
  return {
    address: listenTls,
    certificate,
    ...(optional ? { onTaken: (reason) => log.warn(`no HTTPS: ${reason}`) } : {}),
  };
}

/** Where the app lives below the address that the outside uses. */
function basePath(url: URL | undefined): string {
  const path = url?.pathname ?? "/";
  return path.endsWith("/") ? path : `${path}/`;
}
