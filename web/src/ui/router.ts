/**
 * Which view an address means, and the address of a view: `/` the cameras, `/live/{name}` one stream
 * (contract §4), `/camera` this device's own. Pure; the address bar is moved elsewhere.
 *
 * @module
 */

/** A view of the app. */
export type Route =
  | { readonly kind: "cameras" }
  /** This device's own. */
  | { readonly kind: "camera" }
  | { readonly kind: "live"; readonly name: string; readonly options: LiveOptions }
  | { readonly kind: "unknown"; readonly path: string };

/** What the query of `/live/{name}` asks of the player. */
export interface LiveOptions {
  /** Absent: the viewer's last choice. */
  readonly muted?: boolean;
  readonly controls: boolean;
  /** The name of one transport; absent: the player picks. */
  readonly transport?: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,63})*$/;
const MAX_NAME_CHARS = 512;

/** Whether `name` can be a stream's (contract §4). */
export function isStreamName(name: string): boolean {
  return name.length <= MAX_NAME_CHARS && NAME.test(name);
}

function flag(value: string | null): boolean | undefined {
  if (value === null) return undefined;
  return !["0", "false", "no", "off"].includes(value.toLowerCase());
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return undefined; // typed by hand: no view has such an address
    throw error;
  }
}

/** The view at `href`, below the app's `base`; both absolute. */
export function parseRoute(href: string, base: string): Route {
  const url = new URL(href);
  const root = new URL(base).pathname.replace(/[^/]*$/, "");
  const below = url.pathname.startsWith(root) ? decode(url.pathname.slice(root.length)) : undefined;
  if (below === undefined) return { kind: "unknown", path: url.pathname };
  const path = below.replace(/\/+$/, "");
  if (path === "" || path === "index.html") return { kind: "cameras" };
  if (path === "camera") return { kind: "camera" };
  const name = path.startsWith("live/") ? path.slice("live/".length) : "";
  if (!isStreamName(name)) return { kind: "unknown", path: url.pathname };
  const muted = flag(url.searchParams.get("muted"));
  const transport = url.searchParams.get("transport");
  return {
    kind: "live",
    name,
    options: {
      controls: flag(url.searchParams.get("controls")) ?? true,
      ...(muted === undefined ? {} : { muted }),
      ...(transport ? { transport } : {}),
    },
  };
}

/** The address of a stream's view, relative to the app's base. */
export function liveHref(name: string): string {
  return `live/${pathOf(name)}`;
}

/** Where a stream of that name is published to, likewise. */
export function whipHref(name: string): string {
  return `whip/${pathOf(name)}`;
}

function pathOf(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

/** What the browser's title bar says. */
export function routeTitle(route: Route): string {
  switch (route.kind) {
    case "cameras":
      return "Cameras · Rill";
    case "camera":
      return "This device’s camera · Rill";
    case "live":
      return `${route.name} · Rill`;
    case "unknown":
      return "Not found · Rill";
  }
}
