/**
 * How different GoPros of HERO4's kin answer gpControl requests: tables for the simulated camera. Answers only; the
 * camera sends them.
 *
 * @module
 */

/** An answer, or `malformed`: one whose status line is none. */
export interface FirmwareAnswer {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly malformed?: true;
  /** No answer at all: the connection stays open until the other side gives up. */
  readonly hangs?: true;
  /** The preview starts, whatever the answer says. */
  readonly starts?: true;
  readonly stops?: true;
  /** Numbers of its status that change. */
  readonly sets?: Readonly<Record<string, number>>;
}

/** Answers a path; `status` is what `/gp/gpControl/status` shows. */
export type Firmware = (path: string, status: Readonly<Record<string, number>>) => FirmwareAnswer;

const RESTART = "/gp/gpControl/execute?p1=gpStream&c1=restart";
const RESTART_PROTO_V2 = "/gp/gpControl/execute?p1=gpStream&a1=proto_v2&c1=restart";
const RESTART_A9 = "/gp/gpExec?p1=gpStreamA9&c1=restart";
const STOP = "/gp/gpControl/execute?p1=gpStream&c1=stop";

const OK = { status: 200, body: '{"status":"0"}' };

function failure(status: number, path: string): FirmwareAnswer {
  return {
    status,
    body: JSON.stringify({
      version: "6.00",
      path_info: path,
      error_code: -3,
      error_msg: `${status} Internal Server Error`,
      function: "gpcontrol_cgi_handler",
    }),
  };
}

function schema(info: Readonly<Record<string, unknown>>, startUrl?: string): FirmwareAnswer {
  const services = startUrl === undefined
    ? {}
    : { services: { live_stream_start: { version: 1, url: startUrl } } };
  return { status: 200, body: JSON.stringify({ version: 4, commands: [], info, ...services }) };
}

function gpControl(
  starts: (path: string) => FirmwareAnswer | undefined,
  about: FirmwareAnswer,
): Firmware {
  return (path, status) => {
    const start = starts(path);
    if (start !== undefined) return start;
    if (path === STOP) return { ...OK, stops: true };
    if (path === "/gp/gpControl") return about;
    if (path === "/gp/gpControl/status") {
      return { status: 200, body: JSON.stringify({ status, settings: { "2": 9 } }) };
    }
    if (path.startsWith("/gp/gpControl/setting/")) return OK;
    // At the press of the shutter the preview stops, and comes back only when it is started anew.
    if (path === "/gp/gpControl/command/shutter?p=1") {
      return { ...OK, stops: true, sets: { "10": 1 } };
    }
    if (path === "/gp/gpControl/command/shutter?p=0") return { ...OK, sets: { "10": 0 } };
    return failure(500, path);
  };
}

const HERO4_INFO = {
  model_number: 11,
  model_name: "HERO4 Silver",
  firmware_version: "HD4.01.05.00.00",
};

/** Names its own start path, and starts on it. */
export const hero4: Firmware = gpControl(
  (path) => path === RESTART || path === RESTART_PROTO_V2 ? { ...OK, starts: true } : undefined,
  schema(HERO4_INFO, RESTART),
);

/** Firmware up to 3.00: knows `gpExec` alone, and answers every request with a broken status line. */
export const hero4Early: Firmware = (path) =>
  path === RESTART_A9
    ? { ...OK, starts: true, malformed: true }
    : { ...failure(500, path), malformed: true };

/** Names a path with `a1`, answers 500 to it, and starts on the one without. */
export const hero8: Firmware = gpControl(
  (path) => {
    if (path === RESTART) return { ...OK, starts: true };
    return path === RESTART_PROTO_V2 ? failure(500, path) : undefined;
  },
  schema({ model_name: "HERO8 Black", firmware_version: "HD8.01.02.51.00" }, RESTART_PROTO_V2),
);

/** Answers 500 to its start, and starts. */
export const refusesAndStreams: Firmware = gpControl(
  (path) => path === RESTART ? { ...failure(500, path), starts: true } : undefined,
  schema(HERO4_INFO),
);

/** Answers, and starts on nothing. */
export const refuses: Firmware = gpControl(() => undefined, schema(HERO4_INFO));

/** Says its preview runs; nothing comes. */
export const acceptsInSilence: Firmware = gpControl(
  (path) => path === RESTART ? OK : undefined,
  schema(HERO4_INFO),
);

/** A HERO4 Session: says yes to a start, and starts only once it counts a client (status 31). */
export const hero4Session: Firmware = (path, status) => {
  if (path === "/gp/gpControl") {
    return schema({
      model_name: "HERO4 Session",
      firmware_version: "HX1.01.02.00.00",
      ap_mac: "0641694c3d9d",
    }, RESTART);
  }
  return path === RESTART && (status["31"] ?? 0) < 1 ? OK : hero4(path, status);
};

/** A HERO5 Session: counts nobody, and starts all the same. */
export const hero5Session: Firmware = gpControl(
  (path) => path === RESTART ? { ...OK, starts: true } : undefined,
  schema({
    model_name: "HERO5 Session",
    firmware_version: "HD5.03.02.51.00",
    ap_mac: "0641694c3d9d",
  }, RESTART),
);

/** New: lets nobody start anything before its pairing is confirmed, which it does at the third time of asking. */
export function unpaired(): Firmware {
  let told = 0;
  return (path, status) => {
    if (path.startsWith("/gp/gpControl/command/wireless/pair/complete?")) {
      told++;
      return told < 3 ? { status: 200, body: '{"status":"1"}' } : { status: 200, body: "{}" };
    }
    return told < 3 && path.endsWith("c1=restart") ? failure(403, path) : hero4(path, status);
  };
}

/** Answers settings with 500, and works. */
export const takesNoSettings: Firmware = (path, status) =>
  path.startsWith("/gp/gpControl/setting/") ? failure(500, path) : hero4(path, status);
