/**
 * A gateway behind a firewall, as Linux network namespaces: `gateway` — `firewall` — this machine. Connections lead out
 * from the gateway and never in, and the cable on the outer side can be pulled. Needs root, `ip` and `iptables`.
 *
 * @module
 */

import { run, runAnyhow } from "./run.ts";

/** How the outer line fails. */
export type Cut = "unplugged" | "silent";

const PREFIX = "10.213";

/** The network, until it is disposed of. */
export class FirewalledNetwork implements AsyncDisposable {
  /** This machine, as the gateway reaches it. */
  readonly outside = `${PREFIX}.2.2`;
  /** The gateway, where nobody gets to. */
  readonly gateway = `${PREFIX}.1.2`;
  readonly #mark: string;

  private constructor(mark: string) {
    this.#mark = mark;
  }

  /** Makes it. @throws with what `ip` or `iptables` said; nothing is left then. */
  static async make(): Promise<FirewalledNetwork> {
    const network = new FirewalledNetwork(crypto.randomUUID().slice(0, 4));
    try {
      await network.#build();
      return network;
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What a command line begins with to be run at the gateway. */
  get atGateway(): readonly string[] {
    return ["ip", "netns", "exec", this.#gateway];
  }

  /** Cuts the line between the firewall and this machine. */
  async cut(how: Cut): Promise<void> {
    if (how === "unplugged") return await this.#plug("down");
    await this.#filter("-I", "1", "-j", "DROP");
  }

  /** Puts it right. */
  async mend(how: Cut): Promise<void> {
    if (how === "unplugged") return await this.#plug("up");
    await this.#filter("-D", "-j", "DROP");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of [this.#gateway, this.#firewall]) {
      await runAnyhow("ip", ["netns", "delete", name]); // its ends of the cables go with it
    }
  }

  get #gateway(): string {
    return `rill-gw-${this.#mark}`;
  }

  get #firewall(): string {
    return `rill-fw-${this.#mark}`;
  }

  get #outer(): string {
    return `rillo${this.#mark}`;
  }

  async #build(): Promise<void> {
    const [gateway, firewall] = [this.#gateway, this.#firewall];
    const ip = (...args: readonly string[]): Promise<unknown> => run("ip", args);
    for (const name of [gateway, firewall]) {
      await ip("netns", "add", name);
      await ip("-n", name, "link", "set", "lo", "up");
    }
    await ip(
      "link",
      "add",
      "in0",
      "netns",
      gateway,
      "type",
      "veth",
      "peer",
      "in1",
      "netns",
      firewall,
    );
    await ip("link", "add", this.#outer, "type", "veth", "peer", "out1", "netns", firewall);
    await ip("-n", gateway, "address", "add", `${this.gateway}/24`, "dev", "in0");
    await ip("-n", firewall, "address", "add", `${PREFIX}.1.1/24`, "dev", "in1");
    await ip("-n", firewall, "address", "add", `${PREFIX}.2.1/24`, "dev", "out1");
    await ip("address", "add", `${this.outside}/24`, "dev", this.#outer);
    await ip("-n", gateway, "link", "set", "in0", "up");
    await ip("-n", firewall, "link", "set", "in1", "up");
    await ip("-n", firewall, "link", "set", "out1", "up");
    await ip("link", "set", this.#outer, "up");
    await ip("-n", gateway, "route", "add", "default", "via", `${PREFIX}.1.1`);
    await ip("route", "add", `${PREFIX}.1.0/24`, "via", `${PREFIX}.2.1`);
    await run("ip", [
      ...["netns", "exec", firewall, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"],
    ]);
    await this.#filter("-A", "-i", "in1", "-j", "ACCEPT");
    await this.#filter("-A", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
    await this.#filter("-A", "-j", "DROP");
  }

  async #filter(what: string, ...rule: readonly string[]): Promise<void> {
    await run("ip", [
      ...["netns", "exec", this.#firewall, "iptables", what, "FORWARD", ...rule],
    ]);
  }

  async #plug(state: "up" | "down"): Promise<void> {
    await run("ip", ["-n", this.#firewall, "link", "set", "out1", state]);
  }
}
