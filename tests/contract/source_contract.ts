/**
 * What every source owes, whatever its camera: one suite, run over each row of the scheme table. A row
 * brings a place where it works, one where it cannot, and texts it must refuse.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { IngestCommand, IngestEvent } from "../../relay/ingest/door.ts";
import { type Scheme, SourceError, type SourceSpec } from "../../relay/sources/source.ts";
import type { Bytes } from "../../shared/bytes.ts";
import { micros } from "../../shared/units.ts";
import { RecordingOutput } from "../support/source_output.ts";

const ATTEMPTS = 3;

/** A source's text and whatever must stand behind it meanwhile. */
export interface Place extends AsyncDisposable {
  readonly text: string;
}

/** What a row brings to the suite. */
export interface SourceFixture {
  /** A place that gives bytes for as long as it stands. */
  working(): Promise<Place>;
  /** A place where the run fails; absent where there can be none. */
  broken?(): Promise<Place>;
  /** What a publisher brings again and again, to a source that waits for one. */
  readonly fed?: Bytes;
  /** Texts of this scheme that cannot be understood. */
  readonly refused: readonly string[];
}

/** What a row is tested with. */
export interface SourceRow {
  readonly name: string;
  readonly scheme: Scheme;
  readonly fixture: SourceFixture;
}

/** Registers the suite for one row. */
export function sourceContract({ name, scheme, fixture }: SourceRow): void {
  const open = async (
    place: () => Promise<Place>,
    use: (running: Running) => Promise<void>,
  ): Promise<void> => {
    await using standing = await place();
    const out = new RecordingOutput((seen) => micros(seen.all("data").length * 10_000));
    const controller = new AbortController();
    const start = async (signal = controller.signal): Promise<void> => {
      const source = scheme.open(structuredClone(scheme.parse(standing.text)));
      const { fed } = fixture;
      const feeding = fed && setInterval(() => source.feed?.(fed), 2);
      try {
        await source.run(out, signal);
      } finally {
        clearInterval(feeding);
      }
    };
    await use({ out, controller, start });
  };

  Deno.test(`${name}: what it reads is plain data that names its row and its permissions`, async () => {
    await using place = await fixture.working();
    const spec = scheme.parse(place.text);
    assert.equal(spec.scheme, name);
    assert.equal(spec.label, place.text);
    assert.equal(typeof spec.finite, "boolean");
    assert.deepEqual(structuredClone(spec), spec);
    for (const grants of Object.values(spec.permissions)) {
      for (const grant of grants) assert.doesNotMatch(grant, /^\*?$/, "a permission for anything");
    }
  });

  for (const text of fixture.refused) {
    Deno.test(`${name}: refuses ${JSON.stringify(text)} in one sentence`, () => {
      assert.throws(() => scheme.parse(text), (error) => isSentence(error));
    });
  }

  Deno.test(`${name}: brings bytes, each with the time it came`, async () => {
    await open(fixture.working, async ({ out, controller, start }) => {
      const before = out.now();
      const running = start();
      await Promise.race([running, out.until((seen) => seen.all("data").length >= 5)]);
      controller.abort();
      await running;
      let last = before;
      for (const { bytes, arrival } of out.all("data")) {
        assert.ok(bytes.length > 0);
        assert.ok(arrival >= last && arrival <= out.now());
        last = arrival;
      }
      assert.ok(out.all("data").length >= 5);
    });
  });

  Deno.test(`${name}: resolves on abort, and says nothing afterwards`, async () => {
    await open(fixture.working, async ({ out, controller, start }) => {
      const running = start();
      await Promise.race([running, out.until((seen) => seen.all("data").length >= 1)]);
      controller.abort();
      await running;
      await saysNothing(out);
    });
  });

  Deno.test(`${name}: aborted before it runs, it does nothing`, async () => {
    await open(fixture.working, async ({ out, controller, start }) => {
      controller.abort();
      await start();
      assert.deepEqual(out.calls, []);
    });
  });

  Deno.test(`${name}: leaves nothing behind that keeps it from running again`, async () => {
    await open(fixture.working, async ({ out, controller, start }) => {
      const first = new AbortController();
      const running = start(first.signal);
      first.abort();
      await running;
      const count = out.all("data").length;
      const again = start();
      await Promise.race([again, out.until((seen) => seen.all("data").length > count)]);
      controller.abort();
      await again;
    });
  });

  if (fixture.broken !== undefined) {
    const { broken } = fixture;
    Deno.test(`${name}: fails with one sentence, and says nothing afterwards`, async () => {
      await open(broken, async ({ out, start }) => {
        await assert.rejects(start(), (error) => isSentence(error));
        assert.deepEqual(out.all("data"), []);
        await saysNothing(out);
      });
    });
  }
}

/** Registers what rows can show side by side: each takes the second until its worker first reports. */
export function permissionContract(rows: readonly SourceRow[]): void {
  Deno.test(
    "a source needs no permission that it does not name",
    { sanitizeExit: false },
    async (t) => {
      const passed = await Promise.all(rows.map(({ name, scheme, fixture }) =>
        t.step({
          name,
          sanitizeExit: false, // steps side by side may sanitize nothing
          fn: async () => {
            await using place = await fixture.working();
            await runsInside(scheme.parse(place.text), fixture.fed);
          },
        })
      ));
      assert.deepEqual(passed, rows.map(() => true));
    },
  );
}

interface Running {
  readonly out: RecordingOutput;
  readonly controller: AbortController;
  readonly start: (signal?: AbortSignal) => Promise<void>;
}

/**
 * Runs the ingest worker with the source's permissions and none besides, until it counts bytes; again, as the relay would,
 * where a busy machine answered too late. What it may not do it may not do the next time either.
 */
async function runsInside(spec: SourceSpec, fed?: Bytes): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await runsOnce(spec, fed);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function runsOnce(spec: SourceSpec, fed?: Bytes): Promise<void> {
  const { net = [], read = [], run = [] } = spec.permissions;
  const worker = new Worker(new URL("../../relay/ingest/worker.ts", import.meta.url).href, {
    type: "module",
    deno: {
      permissions: {
        net: [...net],
        read: [...read],
        run: [...run],
        write: false,
        env: false,
        sys: false,
        ffi: false,
        import: false,
      },
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const send = (command: IngestCommand): void => worker.postMessage(command);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  worker.onmessage = ({ data }: MessageEvent<IngestEvent>) => {
    if (data.type === "ready") {
      send({ type: "run", spec });
      if (fed) send({ type: "feed", bytes: fed });
    }
    if (data.type === "failed") reject(new Error(data.reason));
    if (data.type === "report" || data.type === "ended") {
      if (data.report.counters.bytesIn > 0) resolve();
      else if (data.type === "ended") reject(new Error("it ended without a byte"));
    }
  };
  try {
    await promise;
  } finally {
    worker.terminate();
  }
}

async function saysNothing(out: RecordingOutput): Promise<void> {
  const count = out.calls.length;
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(out.calls.length, count);
}

/** One line, something to read, of the kind that is shown to people. */
function isSentence(error: unknown): true {
  assert.ok(error instanceof SourceError, String(error));
  assert.match(error.message, /^\S.{14,}[^.\s]$/, "one line, no full stop: it stands in others");
  assert.doesNotMatch(error.message, /\bat file:|Error:|os error/, "no programmer's words");
  return true;
}
