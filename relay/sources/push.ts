/**
 * `push`: waits for a publisher, whose bytes the main thread hands over (contract §6). Who may publish, and how the
 * bytes reach this machine, is decided before they come here.
 *
 * @module
 */

import { withoutLogin } from "../../shared/credentials.ts";
import { splitSource } from "./options.ts";
import {
  type ContributionFormat,
  type Scheme,
  type Source,
  SourceError,
  type SourceOutput,
  type SourceSpec,
} from "./source.ts";

/** What {@link openPush} needs to know. */
export interface PushSpec extends SourceSpec {
  /** What the publisher brings. */
  readonly format: ContributionFormat;
}

function parse(text: string): PushSpec {
  const { body } = splitSource(text, []);
  if (body !== "" && body !== "push") {
    const shown = withoutLogin(text);
    throw new SourceError(`"${shown}" says too much: a stream that waits for a publisher is push`);
  }
  return pushSpec(text);
}

/** A source that waits for a publisher. */
export function pushSpec(label = "push"): PushSpec {
  return {
    scheme: "push",
    label,
    finite: false,
    waits: true,
    permissions: {},
    format: "sniff",
  };
}

/** Opens a source that passes on what it is fed. */
export function openPush(spec: PushSpec): Source {
  const over = Promise.withResolvers<void>();
  let fed: SourceOutput | undefined;
  return {
    format: spec.format,
    reliable: spec.format !== "rtp",
    async run(out, signal): Promise<void> {
      if (signal.aborted) return;
      const stop = (): void => over.resolve();
      signal.addEventListener("abort", stop);
      fed = out;
      try {
        await over.promise;
      } finally {
        fed = undefined;
        signal.removeEventListener("abort", stop);
      }
    },
    feed: (bytes) => fed?.data(bytes, fed.now()),
    originClock: (estimate) => fed?.originClock(estimate),
    feedEnd: () => over.resolve(),
    refused: (sentence) => over.reject(new SourceError(sentence)),
  };
}

/** The row of the scheme table. */
export const push: Scheme<PushSpec> = { byApi: true, parse, open: openPush };
