/**
 * A low-latency client that believes nothing: follows a live playlist by blocking reloads, downloads every part and
 * segment, and checks each MUST of RFC 8216bis that concerns more than one playlist, and the media behind them.
 */

import { type Bytes, concatBytes, equalBytes } from "../../../shared/bytes.ts";
import { readFragments, readSampleDefaults } from "../../../shared/mp4/fragment_reader.ts";
import { initProblems, mediaProblems } from "./fmp4_rules.ts";
import { initTracks, type TrackClock } from "./init_tracks.ts";
import { readMultivariant } from "./multivariant_rules.ts";
import { playlistProblems, secondsOf } from "./playlist_rules.ts";
import { type ListedSegment, type ReadPlaylist, readPlaylist } from "./playlist_reader.ts";

/** Pictures may be missing; a longer hole is a discontinuity. */
const MAX_HOLE_SECONDS = 0.56;
/** The next segment is there at the latest so many target durations after the one before (§6.2.1). */
const LATEST_TARGETS = 1.5;
/** Removed segments are asked for again at the end of the time they must stay. */
const MARGIN_SECONDS = 0.5;

/** What a session saw. */
export interface HlsReport {
  readonly problems: readonly string[];
  readonly reloads: number;
  readonly deltas: number;
  readonly segments: number;
  readonly parts: number;
  readonly discontinuities: number;
  readonly removedStillThere: number;
  readonly mediaSeconds: number;
  /** Steps of more than three pictures: what the source left out. */
  readonly holes: number;
  /** Longest part, seconds. */
  readonly longestPart: number;
  readonly target: number;
  readonly partTarget: number;
}

interface Known {
  readonly segment: ListedSegment;
  readonly parts: Map<string, Bytes>;
  /** Tags of its parts, as they were first told. */
  readonly told: Map<string, string>;
  whole?: Bytes;
  /** From a whole playlist: a delta update leaves out the discontinuities it skips. */
  counted: boolean;
}

/** A running session. */
export class HlsSession {
  readonly problems: string[] = [];
  readonly #master: string;
  readonly #known = new Map<number, Known>();
  readonly #inits = new Map<string, ReadonlyMap<number, TrackClock>>();
  readonly #initBytes = new Map<string, Bytes>();
  readonly #removed: { readonly url: string; readonly at: number }[] = [];
  #last: ReadPlaylist | undefined;
  /** Number of the first segment in the first playlist. */
  #first: number | undefined;
  #longest = 0;
  #media = "";
  #reloads = 0;
  #deltas = 0;
  #parts = 0;
  #segments = 0;
  #discontinuities = 0;
  #stillThere = 0;
  #seconds = 0;
  #holes = 0;
  #longestPart = 0;
  #peak = 0;
  /** Shortest usual step between the pictures of a segment, seconds. */
  #step = Infinity;
  /** When the newest whole segment was first listed. */
  #wholeAt = performance.now();
  #newestWhole = -1;
  /** Newest decode time of each track, seconds. */
  readonly #times = new Map<number, number>();

  /** @param master address of the multivariant playlist. */
  constructor(master: string) {
    this.#master = master;
  }

  /** Follows the stream for so many seconds. */
  async run(seconds: number): Promise<HlsReport> {
    const end = performance.now() + seconds * 1000;
    await this.#readMaster();
    await this.#playlist("");
    while (performance.now() < end) {
      const last = this.#last;
      const segment = last?.segments.at(-1);
      if (!last || !segment) throw new Error("The playlist has no segment.");
      const [sequence, part] = segment.uri === undefined
        ? [segment.sequence, segment.parts.length]
        : [segment.sequence + 1, 0];
      const delta = this.#reloads % 3 !== 0;
      await this.#playlist(
        `?_HLS_msn=${sequence}&_HLS_part=${part}${delta ? "&_HLS_skip=YES" : ""}`,
        { sequence, part },
      );
      await this.#checkRemoved();
    }
    await this.#readMaster();
    return {
      problems: this.problems,
      reloads: this.#reloads,
      deltas: this.#deltas,
      segments: this.#segments,
      parts: this.#parts,
      discontinuities: this.#discontinuities,
      removedStillThere: this.#stillThere,
      holes: this.#holes,
      mediaSeconds: Math.round(this.#seconds),
      longestPart: this.#longestPart,
      target: this.#last?.target ?? 0,
      partTarget: this.#last?.partTarget ?? 0,
    };
  }

  #must(holds: boolean, sentence: string): void {
    if (!holds && this.problems.length < 100) this.problems.push(sentence);
  }

  async #get(url: string, type: string): Promise<Bytes> {
    const response = await fetch(url);
    const bytes = new Uint8Array(await response.arrayBuffer());
    this.#must(response.status === 200, `${url}: ${response.status}`);
    this.#must(response.headers.get("content-type") === type, `${url} is no ${type}`);
    this.#must(response.headers.has("cache-control"), `${url} says nothing to caches`);
    return bytes;
  }

  async #readMaster(): Promise<void> {
    const text = new TextDecoder().decode(
      await this.#get(this.#master, "application/vnd.apple.mpegurl"),
    );
    const { uri, problems } = readMultivariant(text, {
      peak: this.#peak,
      step: this.#step,
      inits: [...this.#initBytes.values()],
    });
    for (const sentence of problems) this.#must(false, sentence);
    this.#media = new URL(uri, this.#master).href;
  }

  async #playlist(query: string, asked?: { sequence: number; part: number }): Promise<void> {
    this.#reloads++;
    const url = `${this.#media}${query}`;
    const text = new TextDecoder().decode(await this.#get(url, "application/vnd.apple.mpegurl"));
    const playlist = readPlaylist(text);
    this.#first ??= playlist.sequence;
    for (const problem of playlistProblems(playlist, this.#first)) this.#must(false, problem);
    if (playlist.skipped > 0) this.#deltas++;
    this.#must(
      playlist.skipped === 0 || query.includes("_HLS_skip="),
      "§6.2.5.1: a delta update that nobody asked for",
    );
    this.#keepTime(playlist);
    const newest = playlist.segments.at(-1);
    if (asked && newest) {
      const there = newest.sequence > asked.sequence ||
        (newest.sequence === asked.sequence && newest.parts.length > asked.part);
      this.#must(there, `§6.2.5.2: ${query} was answered before it was there`);
    }
    this.#compare(playlist);
    this.#last = playlist;
    for (const segment of playlist.segments) await this.#follow(segment);
  }

  /** Whether segments follow as soon as they must. */
  #keepTime({ segments, target }: ReadPlaylist): void {
    const newest = segments.findLast(({ uri }) => uri !== undefined)?.sequence ?? -1;
    if (newest <= this.#newestWhole) return;
    const now = performance.now();
    const seconds = (now - this.#wholeAt) / 1000;
    this.#must(
      this.#newestWhole < 0 || seconds <= LATEST_TARGETS * target + MARGIN_SECONDS,
      `§6.2.1: segment ${newest} came ${seconds} s after the one before`,
    );
    this.#newestWhole = newest;
    this.#wholeAt = now;
  }

  /** What must not change from one reload to the next. */
  #compare(playlist: ReadPlaylist): void {
    const last = this.#last;
    if (!last) return;
    this.#must(playlist.target === last.target, "§6.2.1: the target duration changed");
    this.#must(playlist.partTarget === last.partTarget, "the part target changed");
    this.#must(playlist.sequence >= last.sequence, "§6.2.2: the sequence number went back");
    this.#must(
      playlist.discontinuities >= last.discontinuities,
      "§6.2.2: the discontinuity sequence went back",
    );
    const total = playlist.segments.reduce((sum, each) => sum + secondsOf(each), 0);
    if (playlist.skipped === 0) this.#longest = Math.max(this.#longest, total);
    for (let sequence = last.sequence; sequence < playlist.sequence; sequence++) {
      const known = this.#known.get(sequence);
      if (known?.segment.uri === undefined) continue;
      const stays = secondsOf(known.segment) + total - MARGIN_SECONDS;
      this.#removed.push({
        url: new URL(known.segment.uri, this.#media).href,
        at: performance.now() + stays * 1000,
      });
      this.#known.delete(sequence);
    }
  }

  async #checkRemoved(): Promise<void> {
    const due = this.#removed[0];
    if (!due || due.at > performance.now()) return;
    this.#removed.shift();
    if (performance.now() - due.at > MARGIN_SECONDS * 900) return; // this client was late, not the server
    const response = await fetch(due.url);
    await response.body?.cancel();
    this.#must(response.status === 200, `§6.2.2: ${due.url} went too early`);
    this.#stillThere++;
  }

  async #follow(segment: ListedSegment): Promise<void> {
    const { sequence } = segment;
    const counted = this.#last?.skipped === 0;
    const before = this.#known.get(sequence);
    if (before?.whole) {
      const { uri, seconds, date, discontinuities } = before.segment;
      const same = uri === segment.uri && seconds === segment.seconds && date === segment.date;
      const counts = !before.counted || !counted || discontinuities === segment.discontinuities;
      this.#must(same && counts, `§6.2.1: segment ${sequence} changed`);
      if (counted && !before.counted) this.#known.set(sequence, { ...before, segment, counted });
      return;
    }
    if (!before && this.#last && sequence < (this.#last.segments.at(0)?.sequence ?? 0)) return;
    const parts = before?.parts ?? new Map<string, Bytes>();
    const told = before?.told ?? new Map<string, string>();
    const known: Known = { segment, parts, told, counted };
    this.#known.set(sequence, known);
    if (!before && segment.startsDiscontinuity) this.#discontinuities++;
    for (const part of segment.parts) {
      const tag = JSON.stringify(part);
      this.#must((told.get(part.uri) ?? tag) === tag, `§6.2.1: ${part.uri} changed`);
      told.set(part.uri, tag);
      if (parts.has(part.uri)) continue;
      this.#parts++;
      this.#longestPart = Math.max(this.#longestPart, part.seconds);
      const bytes = await this.#get(new URL(part.uri, this.#media).href, "video/mp4");
      parts.set(part.uri, bytes);
      for (const sentence of mediaProblems(bytes)) this.#must(false, `${part.uri}: ${sentence}`);
      const keys = [...readFragments(bytes)].some(({ tracks }) =>
        tracks[0]?.track === 1 && tracks[0].key
      );
      this.#must(keys === part.independent, `${part.uri}: INDEPENDENT is not what it holds`);
    }
    if (segment.uri === undefined) return;
    this.#segments++;
    this.#seconds += segment.seconds ?? 0;
    known.whole = await this.#get(new URL(segment.uri, this.#media).href, "video/mp4");
    if (segment.parts.length > 0) {
      const joined = concatBytes(
        segment.parts.map(({ uri }) => parts.get(uri) ?? new Uint8Array(0)),
      );
      this.#must(equalBytes(joined, known.whole), `${segment.uri} is not its parts, joined`);
    }
    parts.clear();
    if (segment.seconds !== undefined && segment.seconds >= (this.#last?.target ?? 0) / 2) {
      this.#peak = Math.max(this.#peak, Math.floor((known.whole.length * 8) / segment.seconds));
    }
    await this.#readMedia(segment, known.whole);
    known.whole = new Uint8Array(0); // what it held has been read
  }

  async #readMedia(segment: ListedSegment, bytes: Bytes): Promise<void> {
    const map = segment.map ?? this.#initOf(segment.sequence);
    if (map === undefined) return this.#must(false, `segment ${segment.sequence} has no map`);
    if (!this.#inits.has(map)) {
      const init = await this.#get(new URL(map, this.#media).href, "video/mp4");
      for (const sentence of initProblems(init)) this.#must(false, `${map}: ${sentence}`);
      this.#initBytes.set(map, init);
      this.#inits.set(map, initTracks(init));
      this.#must(
        segment.startsDiscontinuity || this.#inits.size === 1,
        "a new map without a break",
      );
    }
    const defaults = readSampleDefaults(this.#initBytes.get(map) ?? new Uint8Array(0));
    if (segment.startsDiscontinuity) this.#times.clear();
    for (const sentence of mediaProblems(bytes)) this.#must(false, `${segment.uri}: ${sentence}`);
    const steps: number[] = [];
    let first: number | undefined;
    let last = 0;
    // Only how long the last picture lasts is an estimate (its successor had not come), and not by one more.
    let lastPicture = 0;
    for (const { tracks } of readFragments(bytes, { defaults })) {
      for (const { track, dts, duration } of tracks) {
        const timescale = this.#inits.get(map)?.get(track)?.timescale;
        if (timescale === undefined || dts === undefined) {
          this.#must(false, `${segment.uri}: track ${track} is not in ${map}, or has no time`);
          continue;
        }
        const start = dts / timescale;
        const before = this.#times.get(track);
        if (before !== undefined) {
          this.#must(
            start > before && start - before < MAX_HOLE_SECONDS,
            `§6.2.1: track ${track} goes on at ${start} after ${before}, in ${segment.uri}`,
          );
          if (track === 1 && start - before > 0.1) this.#holes++;
        }
        this.#times.set(track, start);
        if (track !== 1) continue;
        if (before !== undefined) steps.push(start - before);
        first ??= start;
        lastPicture = duration / timescale;
        last = start + lastPicture;
      }
    }
    const usual = steps.sort((one, other) => one - other)[Math.floor(steps.length / 2)];
    this.#step = Math.min(this.#step, usual ?? Infinity);
    const lasts = last - (first ?? 0);
    this.#must(
      Math.abs(lasts - (segment.seconds ?? 0)) <= lastPicture,
      `${segment.uri} lasts ${lasts} s, its EXTINF says ${segment.seconds}`,
    );
  }

  /** The map of a segment in a delta update is that of the segment before it. */
  #initOf(sequence: number): string | undefined {
    for (let before = sequence - 1; before > sequence - 50; before--) {
      const map = this.#known.get(before)?.segment.map;
      if (map !== undefined) return map;
    }
    return [...this.#inits.keys()].at(-1);
  }
}
