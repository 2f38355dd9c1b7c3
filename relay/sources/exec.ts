/**
 * `exec:COMMAND`: a program that writes MPEG-TS, H.264, H.265, ADTS or fragmented MP4 to its standard output. No shell
 * reads the command. The program and all it started end with the source.
 *
 * @module
 */

import { hideSecretArguments } from "../../shared/credentials.ts";
import { splitCommand } from "./command_line.ts";
import { runProcess } from "./process.ts";
import { GUARD_PROGRAM } from "./process_group.ts";
import { type Scheme, type Source, SourceError, type SourceSpec } from "./source.ts";

/** What {@link exec} needs to know. */
export interface ExecSpec extends SourceSpec {
  readonly command: readonly [string, ...string[]];
}

function parse(text: string): ExecSpec {
  const line = text.slice("exec:".length);
  if (!/^exec:/i.test(text)) throw new SourceError(`no command in "${text}": write exec:COMMAND`);
  const command = splitCommand(line);
  return {
    scheme: "exec",
    label: hideSecretArguments(text),
    finite: false,
    permissions: { run: [GUARD_PROGRAM] },
    command,
  };
}

function open({ command }: ExecSpec): Source {
  return {
    format: "sniff",
    reliable: true,
    run: (out, signal) =>
      runProcess(
        { command, group: true, install: "install it, or write its whole path" },
        { data: (bytes) => out.data(bytes, out.now()) },
        signal,
      ),
  };
}

/** The row of the scheme table. */
export const exec: Scheme<ExecSpec> = { parse, open };
