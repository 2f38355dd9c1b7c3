/** Which of several programs is played, and when another one is. */

import assert from "node:assert/strict";
import { Demuxed, numbered } from "../../support/demuxed.ts";
import {
  H264,
  patSection,
  pmtSection,
  type ProgramLine,
  type StreamLine,
  TsBuilder,
} from "../../support/ts_builder.ts";
import { MAP_PATIENCE, MAX_PROGRAMS, ProgramChoice } from "../../../relay/mpegts/programs.ts";

const MPEG2 = 0x02;

/** Program n: its map at 0x100 × n, its pictures behind it. */
function line(program: number): ProgramLine {
  return { program, pid: 0x100 * program };
}

function pidOf(program: number): number {
  return 0x100 * program + 1;
}

/** Writes tables and pictures of programs by their numbers. */
class Multiplex extends TsBuilder {
  #pictures = 0;

  list(...programs: readonly number[]): this {
    return this.pat(programs.map(line));
  }

  map(
    program: number,
    streams: readonly StreamLine[] = [{ pid: pidOf(program), type: H264 }],
  ): this {
    return this.sections(0x100 * program, [pmtSection(streams, { program })]);
  }

  picture(program: number): this {
    const payload = numbered(this.#pictures++, 100);
    return this.pes(pidOf(program), { payload, pts: 90_000 + this.#pictures * 3000 });
  }
}

function demux(multiplex: TsBuilder): Demuxed {
  return new Demuxed((type) => type === H264).push(multiplex.bytes()).end();
}

function played(found: Demuxed): number[] {
  return found.packets().map(({ pid }) => pid >> 8);
}

Deno.test("programs: the first in the table, though another's map comes first; it is said which", () => {
  const found = demux(
    new Multiplex().list(1, 2).map(2).picture(2).map(1).picture(1).picture(2).map(2).picture(1),
  );
  assert.deepEqual(played(found), [1, 1]);
  assert.equal(found.notes.length, 1);
  assert.match(found.notes[0] ?? "", /carries 2 programs \(1, 2\).*first that it can, 1\./);
});

Deno.test("programs: one alone is not talked about", () => {
  assert.deepEqual(demux(new Multiplex().list(1).map(1).picture(1)).notes, []);
});

Deno.test("programs: one that has nothing to play is passed over", () => {
  const found = demux(
    new Multiplex().list(1, 2, 3).map(1, [{ pid: pidOf(1), type: MPEG2 }]).map(2).map(3)
      .picture(1).picture(2).picture(3),
  );
  assert.deepEqual(played(found), [2]);
});

Deno.test(`programs: a map that does not come is waited for while the table comes ${MAP_PATIENCE} times`, () => {
  const multiplex = new Multiplex();
  for (let i = 0; i <= MAP_PATIENCE + 1; i++) multiplex.list(1, 2).map(2).picture(2);
  const found = demux(multiplex);
  assert.ok(found.packets().length > 0, "a filtered multiplex keeps its whole table");
  assert.ok(found.packets().length < MAP_PATIENCE + 1);
});

Deno.test("programs: where none can be played, the first says what it has", () => {
  const found = demux(
    new Multiplex().list(1, 2).map(1, [{ pid: 0x55, type: MPEG2 }])
      .map(2, [{ pid: 0x56, type: MPEG2 }]).picture(1),
  );
  assert.deepEqual(found.programs.map((streams) => streams.map(({ pid }) => pid)), [[0x55]]);
});

Deno.test("programs: the one that is played stays when another is listed before it", () => {
  const found = demux(
    new Multiplex().list(2).map(2).picture(2).list(1, 2).map(1).picture(1).map(2).picture(2),
  );
  assert.deepEqual(played(found), [2, 2]);
});

Deno.test("programs: it vanishes from the table, the next is played, and not left when it is back", () => {
  const found = demux(
    new Multiplex().list(1, 2).map(1).map(2).picture(1).list(2).picture(2).map(2).list(1, 2)
      .map(1).picture(1).picture(2),
  );
  assert.deepEqual(played(found), [1, 2, 2]);
  assert.match(found.notes.join(" "), /programs have changed \(2\); Rill now plays 2\./);
});

Deno.test("programs: it keeps its place in the table and loses its streams: another is played", () => {
  const found = demux(
    new Multiplex().list(1, 2).map(1).map(2).picture(1).map(1, []).picture(2),
  );
  assert.deepEqual(played(found), [1, 2]);
});

Deno.test("programs: gone with no other to play, its streams go on", () => {
  const found = demux(new Multiplex().list(1).map(1).picture(1).list(2).picture(1));
  assert.deepEqual(played(found), [1, 1]);
});

Deno.test("programs: maps on one PID are told apart by their numbers", () => {
  const builder = new TsBuilder().pat([{ program: 1, pid: 0x50 }, { program: 2, pid: 0x50 }]);
  builder.sections(0x50, [
    pmtSection([{ pid: 0x201, type: H264 }], { program: 2 }),
    pmtSection([{ pid: 0x101, type: H264 }], { program: 1 }),
  ]);
  builder.pes(0x201, { payload: numbered(2), pts: 0 }).pes(0x101, { payload: numbered(1), pts: 0 });
  assert.deepEqual(demux(builder).numbers(0x101), [1]);
  assert.deepEqual(demux(builder).numbers(0x201), []);
});

Deno.test("programs: a new version of a table in two sections is judged when both have come", () => {
  const multiplex = new Multiplex();
  const sections = (version: number): Uint8Array[] =>
    [[1], [2]].map((numbers, number) =>
      patSection(numbers.map(line), { number, last: 1, version })
    );
  multiplex.sections(0, sections(0)).map(1).picture(1);
  const [, second] = sections(1);
  // The new version's second section first: program 1 may be in the one that is to come.
  multiplex.sections(0, [second ?? new Uint8Array()]).map(2).picture(1);
  multiplex.sections(0, sections(1)).picture(1).picture(2);
  assert.deepEqual(played(demux(multiplex)), [1, 1, 1]);
});

Deno.test(`programs: of a table with more than ${MAX_PROGRAMS}, those behind are not looked at`, () => {
  const lines = Array.from({ length: 200 }, (_, i) => ({ program: i + 1, pid: 0x100 + i }));
  const builder = new TsBuilder().pat(lines);
  builder.sections(0x100 + 199, [pmtSection([{ pid: 0x1001, type: H264 }], { program: 200 })]);
  builder.sections(0x100, [pmtSection([{ pid: 0x1000, type: H264 }], { program: 1 })]);
  const found = demux(builder);
  assert.deepEqual(found.programs.map((streams) => streams.map(({ pid }) => pid)), [[0x1000]]);
});

Deno.test("programs: tables of which half never comes do not add up", () => {
  const choice = new ProgramChoice(() => false);
  for (let version = 0; version < 20; version++) {
    const programs = Array.from({ length: 40 }, (_, i) => ({
      programNumber: 1 + version * 40 + i,
      pmtPid: 0x100 + i,
    }));
    choice.list({ programs, version, section: 0, lastSection: 1 });
    assert.ok(choice.listed.length <= MAX_PROGRAMS);
  }
});
