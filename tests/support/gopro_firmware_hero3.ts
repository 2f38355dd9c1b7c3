/**
 * How a HERO2, HERO3 or HERO3+ answers, its HLS preview included, for the simulated camera.
 *
 * @module
 */

import type { Firmware, FirmwareAnswer } from "./gopro_firmware.ts";

/** One of them, and its faults. */
export interface Hero3Options {
  readonly password: string;
  /** Of the preview, each about a second; they go round. */
  readonly segments: readonly Uint8Array[];
  readonly generation?: "HERO2" | "HERO3";
  /** Starts its preview as datagrams too, as a HERO3+. */
  readonly datagrams?: boolean;
  /** It is off behind its Wi-Fi: 410 to `/camera/…` until it has been switched on. */
  readonly off?: boolean;
  /** Stays off. */
  readonly dead?: boolean;
  /** Answers 403 whatever the password. */
  readonly forbids?: boolean;
  /** Has no card. */
  readonly cardless?: boolean;
  /** Lists segments that are gone already. */
  readonly forgets?: boolean;
  /** Its playlist states no number, and the segments' names go round: so has it been seen (eight listed, none numbered). */
  readonly unnumbered?: boolean;
  /** Numbers its segments again from 1 after so many polls. */
  readonly restartsAfter?: number;
}

const LISTED = 8;
/** Names before they go round. */
const NAMES = 16;
const BATTERY = 83;

/** A camera with a password. */
export function hero3(options: Hero3Options): Firmware {
  const { password, segments, generation = "HERO3", datagrams, forgets } = options;
  const ok: FirmwareAnswer = { status: 200, body: Uint8Array.of(0) };
  const text = (content: string): FirmwareAnswer => ({
    status: 200,
    body: Uint8Array.of(0, content.length, ...new TextEncoder().encode(content)),
  });
  let on = !options.off && !options.dead;
  let previews = false;
  let polls = 0;
  return (target) => {
    const { pathname, searchParams } = new URL(target, "http://camera/");
    if (pathname.startsWith("/gp")) return { status: 404, body: "", malformed: true };
    if (pathname === "/camera/cv") {
      return on ? text("HD3.03.02.39\u0005HERO3+ Black Edition") : gone();
    }
    const asksPassword = generation === "HERO2" ? "/camera/sd" : "/bacpac/sd";
    if (pathname === asksPassword) return text(password);
    if (pathname === "/live/amba.m3u8") return previews ? playlist() : { status: 404, body: "" };
    const segment = /^\/live\/amba_hls-(\d+)\.ts$/.exec(pathname);
    if (segment) return segmentOf(Number(segment[1]));
    if (searchParams.get("t") !== password || options.forbids) return { status: 403, body: "" };
    const parameter = target.slice(-2);
    switch (pathname) {
      case "/bacpac/PW":
        if (!options.dead) on = true;
        return ok;
      case "/bacpac/SH":
        return ok;
      case "/camera/AO":
        return on ? ok : gone();
      case "/camera/PV":
        if (!on) return gone();
        previews = parameter === "02";
        return { ...ok, ...(previews && datagrams ? { starts: true } : { stops: true }) };
      case "/camera/sx":
      case "/camera/se":
        return on ? { status: 200, body: statusBytes(pathname === "/camera/se", options) } : gone();
      default:
        return { status: 404, body: "" };
    }
  };

  function playlist(): FirmwareAnswer {
    polls++;
    const { restartsAfter = Infinity } = options;
    const newest = polls > restartsAfter ? polls - restartsAfter : polls;
    const first = Math.max(1, newest - LISTED + 1);
    const uris = Array.from(
      { length: newest - first + 1 },
      (_, i) => `amba_hls-${options.unnumbered ? (first + i) % NAMES : first + i}.ts`,
    );
    return {
      status: 200,
      body: [
        "#EXTM3U",
        "#EXT-X-ALLOW-CACHE:NO",
        "#EXT-X-TARGETDURATION:2",
        ...(options.unnumbered ? [] : [`#EXT-X-MEDIA-SEQUENCE:${first}`]),
        ...uris.flatMap((uri) => ["#EXTINF:1.0,", uri]),
        "",
      ].join("\r\n"),
    };
  }

  function segmentOf(number: number): FirmwareAnswer {
    // Under a name that goes round stands the newest segment that had it.
    const behind = options.unnumbered ? (((polls - number) % NAMES) + NAMES) % NAMES : 0;
    const which = options.unnumbered ? polls - behind : number;
    const bytes = segments[(which - 1) % segments.length];
    if (bytes === undefined || (forgets && number % 3 === 0)) return { status: 404, body: "" };
    return { status: 200, body: bytes };
  }
}

function gone(): FirmwareAnswer {
  return { status: 410, body: "" };
}

function statusBytes(hero2: boolean, { cardless }: Hero3Options): Uint8Array {
  const bytes = new Uint8Array(60);
  if (hero2 && cardless) bytes[22] = 255;
  bytes[hero2 ? 20 : 57] = BATTERY;
  bytes[hero2 ? 30 : 29] = 1;
  return bytes;
}
