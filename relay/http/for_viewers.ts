/**
 * What is told of a stream to those who may only watch: as it is, but for the folders of the relay's machine.
 *
 * @module
 */

import type { StreamInfo } from "../../shared/api.ts";
import { withoutFolders } from "../../shared/folders.ts";
import { allowed, type Open } from "../access/guard.ts";

/** How sentences are told to whoever asks: whole to those who may change everything. */
export function tellingTo(open: Open): (text: string) => string {
  return allowed(open, "admin") ? (text) => text : withoutFolders;
}

/** A stream as `tell` has it told. */
export function toldOf<Info extends StreamInfo>(info: Info, tell: (text: string) => string): Info {
  const { source, state, warnings } = info;
  return {
    ...info,
    source: tell(source),
    state: state.kind === "offline" ? { ...state, reason: tell(state.reason) } : state,
    warnings: warnings.map(tell),
  };
}
