/**
 * Which program of a transport stream is played. The rule: of those that the PAT lists (ISO/IEC 13818-1 §2.4.4.3),
 * the first whose map has something to play; one whose map has not come by the time the PAT has been repeated
 * {@link MAP_PATIENCE} times is passed over. The choice stands until the PAT lists it no more or its map has nothing
 * to play any more; what it was made for goes on until there is another.
 *
 * @module
 */

import type { ProgramEntry, ProgramList, ProgramMap } from "./psi.ts";

/** Repetitions of the PAT for which a program's map is waited for. */
export const MAP_PATIENCE = 3;
/** More programs than a satellite's transponder carries; those behind are not looked at. */
export const MAX_PROGRAMS = 64;

interface Candidate {
  readonly entry: ProgramEntry;
  map: ProgramMap | undefined;
  plays: boolean;
}

/** Chooses; told of every table that comes. */
export class ProgramChoice {
  readonly #plays: (map: ProgramMap) => boolean;
  /** By section_number. */
  readonly #sections: (readonly ProgramEntry[] | undefined)[] = [];
  #version = -1;
  #candidates: readonly Candidate[] = [];
  #repetitions = 0;
  #chosen: Candidate | undefined;

  /** @param plays whether a map has anything to play. */
  constructor(plays: (map: ProgramMap) => boolean) {
    this.#plays = plays;
  }

  /** The programs there are, as far as the PAT's sections have come. */
  get listed(): readonly ProgramEntry[] {
    return this.#candidates.map(({ entry }) => entry);
  }

  /** The map of the program that is played; `undefined` while there is none. */
  get map(): ProgramMap | undefined {
    return this.#chosen?.map;
  }

  /** A section of the PAT; `true` when it lists something else than before. */
  list(table: ProgramList): boolean {
    if (table.version !== this.#version || table.lastSection + 1 !== this.#sections.length) {
      this.#version = table.version;
      this.#sections.length = 0;
      this.#sections.length = table.lastSection + 1;
    }
    this.#sections[table.section] = table.programs;
    if (table.section === 0) this.#repetitions++;
    const entries = this.#entries();
    if (sameEntries(entries, this.#candidates)) {
      this.#decide();
      return false;
    }
    const known = this.#candidates;
    this.#candidates = entries.map((entry) =>
      known.find((candidate) => sameEntry(candidate.entry, entry)) ??
        { entry, map: undefined, plays: false }
    );
    this.#repetitions = 0;
    if (this.#chosen && !this.#candidates.includes(this.#chosen)) this.#chosen = undefined;
    this.#decide();
    return true;
  }

  /** A program's map, from the PID that the PAT names for it. */
  read(map: ProgramMap, pmtPid: number): void {
    const candidate = this.#candidates.find(({ entry }) =>
      entry.programNumber === map.programNumber && entry.pmtPid === pmtPid
    );
    if (!candidate) return;
    candidate.map = map;
    candidate.plays = this.#plays(map);
    this.#decide();
  }

  #entries(): readonly ProgramEntry[] {
    const listed: ProgramEntry[] = [];
    for (const section of this.#sections) {
      // A section that has not come may list what is known: none of that has vanished.
      if (!section) {
        const others = this.listed.filter((known) => !has(listed, known));
        return [...listed, ...others].slice(0, MAX_PROGRAMS);
      }
      for (const entry of section) {
        if (listed.length === MAX_PROGRAMS) return listed;
        if (!has(listed, entry)) listed.push(entry);
      }
    }
    return listed;
  }

  #decide(): void {
    if (this.#chosen?.plays) return;
    const patient = this.#repetitions < MAP_PATIENCE;
    for (const candidate of this.#candidates) {
      if (candidate.plays) {
        this.#chosen = candidate;
        return;
      }
      if (!candidate.map && patient) return;
    }
    // Nothing can be played: the first that says what it has.
    this.#chosen ??= this.#candidates.find(({ map }) => map);
  }
}

function sameEntry(a: ProgramEntry, b: ProgramEntry): boolean {
  return a.programNumber === b.programNumber && a.pmtPid === b.pmtPid;
}

function has(entries: readonly ProgramEntry[], entry: ProgramEntry): boolean {
  return entries.some((each) => sameEntry(each, entry));
}

function sameEntries(entries: readonly ProgramEntry[], candidates: readonly Candidate[]): boolean {
  return entries.length === candidates.length && entries.every((entry, i) => {
    const candidate = candidates[i];
    return candidate !== undefined && sameEntry(candidate.entry, entry);
  });
}
