/**
 * The address by which a phone on the same network reaches this machine: the one of the interface with the
 * default route, never one of a camera's network. Reads what the system says, sends nothing.
 *
 * @module
 */

/** Where Linux lists its IPv4 routes. */
const ROUTES = "/proc/net/route";
/** A GoPro's own Wi-Fi. */
const CAMERA_NETWORK = "10.5.5.";

/** An IPv4 address; `localhost` when there is no network. */
export function defaultAddress(): string {
  const candidates = Deno.networkInterfaces().filter(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.") && !address.startsWith("169.254.") &&
    !address.startsWith(CAMERA_NETWORK)
  );
  const routed = defaultInterface();
  return (candidates.find(({ name }) => name === routed) ?? candidates[0])?.address ?? "localhost";
}

/** What this machine is called, and its addresses. */
export function thisHost(): { hostname: string; addresses: string[] } {
  return {
    hostname: Deno.hostname(),
    addresses: Deno.networkInterfaces().map(({ address }) => address.replace(/%.*$/, "")),
  };
}

/** Name of the interface with the default route; only Linux is asked, elsewhere the first address serves. */
function defaultInterface(): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    for (const line of Deno.readTextFileSync(ROUTES).split("\n").slice(1)) {
      const [name, destination] = line.split("\t");
      if (destination === "00000000") return name;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable)) {
      throw error;
    }
  }
  return undefined;
}
