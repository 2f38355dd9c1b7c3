/**
 * When a picture was taken, beside when it is shown: `prft`, ISO/IEC 14496-12:2015 §8.16.5.
 *
 * @module
 */

import type { CaptureTime } from "../../shared/mp4/fragment_reader.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { fullBox } from "./boxes.ts";

/** 1900-01-01 to 1970-01-01, RFC 5905 §6. */
const NTP_UNIX_SECONDS = 2_208_988_800;
/** The time is that of capture, on a clock of its own that runs true (§8.16.5.3). */
const PRFT_CAPTURE = 24;
const MICROS = 1_000_000;
const TWO_32 = 2 ** 32;

/** Producer reference time, §8.16.5. */
export function prft(w: ByteWriter, { track, time, mediaTime }: CaptureTime): void {
  fullBox(w, "prft", {
    version: 1,
    flags: PRFT_CAPTURE,
    body: () => {
      const seconds = Math.floor(time / MICROS);
      w.u32(track); // reference_track_ID
      w.u32(seconds + NTP_UNIX_SECONDS); // ntp_timestamp, seconds
      w.u32(Math.floor((time - seconds * MICROS) * TWO_32 / MICROS)); // ntp_timestamp, fraction
      w.u64(mediaTime); // media_time
    },
  });
}
