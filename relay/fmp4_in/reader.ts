/**
 * MP4 as it comes (ISO/IEC 14496-12:2015): an index, then fragments, or an index and then its media in the order of
 * the file. Taken apart into samples for the codecs; fragments of our own making pass whole, if who takes them wants
 * them. Damaged boxes are passed over up to the next fragment.
 *
 * A file whose index stands at its end can be played by sending that first, then the file from its start.
 *
 * @module
 */

import { type Bytes, concatBytes, equalBytes } from "../../shared/bytes.ts";
import type { Track } from "../../shared/media.ts";
import { type Box, boxAt, boxHeaderAt, findBox } from "../../shared/mp4/box_reader.ts";
import {
  type FragmentInfo,
  readFragment,
  readMovieFragment,
  readSampleDefaults,
  type SampleDefaults,
} from "../../shared/mp4/fragment_reader.ts";
import type { Micros } from "../../shared/units.ts";
import { Growable } from "../bytes/growable.ts";
import type { ElementaryOutput } from "../codecs/codec.ts";
import { type MovieTrack, readMovie } from "./movie.ts";
import { ownTracks } from "./own.ts";
import { openPictures } from "./picture_track.ts";
import { readSampleTables } from "./sample_table.ts";
import { handOn, liftFor, type OpenTrack, type PlacedSample, timeOf } from "./samples.ts";
import { openSound } from "./sound_track.ts";

/** A fragment, or an index, is put together whole: some seconds of 4K, or an index of hours. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
const MAX_PIECE_BYTES = 256 * 1024;
/** More samples than a fragment may have (`MAX_FRAGMENT_SAMPLES`) would fill less: a larger `moof` is none. */
const MAX_MOOF_BYTES = 4 * 1024 * 1024;
/** A larger box than that is believed only where there is a reason for its size. */
const MAX_UNASKED_BYTES = 1024 * 1024;
const LONG_HEADER_BYTES = 16;
const MOOF = [0x6d, 0x6f, 0x6f, 0x66] as const;

/** Where the reader puts what it finds. */
export interface Mp4Output {
  /** Which tracks there will be. */
  declare(kinds: { readonly video: boolean; readonly audio: boolean }): void;
  elementary(kind: "video" | "audio"): ElementaryOutput;
  /** Part of a track is missing. */
  gap(kind: "video" | "audio", damaged: boolean): void;
  /** Bytes that are no box. */
  skipped(bytes: number): void;
  note(sentence: string): void;
  /** No track is of a kind that is played: a sentence. */
  unplayed(sentence: string): void;
  /** The index of a stream of our own making, `ftyp` and `moov` as they came. */
  ownIndex(bytes: Bytes, tracks: readonly Track[]): void;
  /** A fragment of it as it came, `prft` included, lent; `false` where it is to be taken apart. */
  ownFragment(bytes: Bytes, info: FragmentInfo, arrival: Micros): boolean;
}

const TOO_LARGE =
  `A fragment of this MP4 is larger than ${
    MAX_WHOLE_BYTES / 1024 / 1024
  } MiB, or says so, and is left ` +
  "out: let its sender write one every few seconds at least.";

const INDEX_BEHIND =
  "This MP4 has its index behind its media, or none, and cannot be played as it comes: write it " +
  "fragmented, or with the index in front (ffmpeg: -movflags +faststart).";

/** Reads one stream. */
export class Mp4Reader {
  readonly waiting = false;
  readonly #out: Mp4Output;
  readonly #buffer = new Growable(MAX_PIECE_BYTES, MAX_WHOLE_BYTES + 2 * MAX_PIECE_BYTES);
  /** Of the buffer's first byte in the file. */
  #position = 0;
  /** Of the next box in the buffer. */
  #cursor = 0;
  /** Bytes still to come that are not looked at. */
  #skip = 0;
  /** Of the fragment that is being put together, and of its `moof`; -1 where none is. */
  #fragmentAt = -1;
  #moofAt = -1;
  #ftyp: Bytes = new Uint8Array(0);
  #moov: Bytes = new Uint8Array(0);
  #tracks: readonly OpenTrack[] = [];
  #defaults: ReadonlyMap<number, SampleDefaults> = new Map();
  /** Fragments pass whole, as long as they are taken. */
  #isOwn = false;
  /** Of a movie that is not fragmented: its samples, and the next. */
  #samples: readonly PlacedSample[] | undefined;
  #nextSample = 0;
  /** Where the media of the samples so far ends, in the file. */
  #mediaEnd = 0;
  /** The index says that fragments may follow (`mvex`, §8.8.1). */
  #isFragmented = false;
  /** Damage is being passed over: the next `moof` has not come. */
  #searching = false;
  /** Where media ended that came before any index, as a place in the file. */
  #blindEnd = 0;

  constructor(out: Mp4Output) {
    this.#out = out;
  }

  push(bytes: Uint8Array, arrival: Micros): void {
    for (let at = 0; at < bytes.length;) {
      const skipped = Math.min(this.#skip, bytes.length - at);
      this.#skip -= skipped;
      this.#position += skipped;
      at += skipped;
      if (at === bytes.length) return; // nothing new to look at: what is still to be passed over is known
      const end = Math.min(at + MAX_PIECE_BYTES, bytes.length);
      this.#buffer.append(bytes, at, end);
      at = end;
      if (!this.#samples) this.#boxes(arrival);
      if (this.#samples && this.#media(this.#samples, arrival)) this.#boxes(arrival);
      this.#compact();
    }
  }

  endOfFrame(): void {}

  lost(_datagrams: number): void {
    this.#resynchronise();
  }

  flush(): void {}

  end(_arrival: Micros): void {
    if (this.#blindEnd > 0 && this.#tracks.length === 0) this.#out.note(INDEX_BEHIND);
    if (!this.#samples && this.#buffer.length > 0) this.#out.skipped(this.#buffer.length);
    this.#forget();
  }

  restart(): void {
    this.#forget();
    this.#position = 0;
    this.#blindEnd = 0;
    this.#ftyp = new Uint8Array(0);
    this.#moov = new Uint8Array(0);
    this.#samples = undefined;
    for (const { taker } of this.#tracks) taker.gap();
  }

  #forget(): void {
    this.#buffer.clear();
    this.#cursor = 0;
    this.#skip = 0;
    this.#searching = false;
    this.#dropFragment();
  }

  #dropFragment(): void {
    this.#fragmentAt = -1;
    this.#moofAt = -1;
  }

  /** Takes the boxes that are whole. */
  #boxes(arrival: Micros): void {
    const b = this.#buffer.view();
    if (this.#searching && !this.#resynchronise()) return;
    while (!this.#samples && this.#cursor < b.length) {
      const header = boxHeaderAt(b, this.#cursor);
      if (!header) {
        if (b.length - this.#cursor < LONG_HEADER_BYTES) return;
        if (!this.#resynchronise()) return;
        continue;
      }
      const { type } = header;
      const size = header.byteLength ?? Infinity;
      const isMedia = type === "mdat" && this.#moofAt >= 0;
      if (!isMedia && !WHOLE.has(type)) {
        if (!this.#mayPass(type, size)) {
          if (!this.#resynchronise()) return;
          continue;
        }
        if (this.#moofAt >= 0) this.#gap(true); // its media should have followed
        this.#dropFragment();
        this.#cursor += size;
        continue;
      }
      const isTooLarge = size > this.#roomFor(type);
      if (isTooLarge) this.#out.note(TOO_LARGE);
      if (isTooLarge || (isMedia && size > MAX_UNASKED_BYTES && !this.#fills(b, size))) {
        if (!this.#resynchronise()) return;
        continue;
      }
      const box = boxAt(b, this.#cursor);
      if (!box) return;
      this.#box(b, box, arrival);
      this.#cursor += size;
    }
  }

  /** Whether a box that means nothing here may be passed over: its size is not taken for more than it can be. */
  #mayPass(type: string, size: number): boolean {
    if (type === "mdat" && this.#tracks.length === 0) {
      this.#blindEnd = this.#position + this.#cursor + size;
      return true;
    }
    return PRINTABLE.test(type) && size <= (type === "mdat" ? MAX_WHOLE_BYTES : MAX_UNASKED_BYTES);
  }

  /** How large a box may be that is put together whole: never more than the buffer holds with what it belongs to. */
  #roomFor(type: string): number {
    if (type === "moof") return MAX_MOOF_BYTES;
    const before = type === "mdat" ? this.#cursor - this.#fragmentAt : 0;
    return MAX_WHOLE_BYTES - before;
  }

  /** Whether the fragment's samples fill media of `size` bytes more or less: a size that lies would swallow others. */
  #fills(b: Bytes, size: number): boolean {
    const moof = boxAt(b, this.#moofAt);
    const position = this.#position + this.#moofAt;
    const runs = moof &&
      readMovieFragment(moof, { defaults: this.#defaults, available: Infinity, position });
    const last = runs?.reduce(
      (end, { samples }) => Math.max(end, ...samples.slice(-1).map((s) => s.offset + s.size)),
      0,
    );
    return last !== undefined && this.#cursor - this.#moofAt + size <= last + MAX_UNASKED_BYTES;
  }

  #box(b: Bytes, box: Box, arrival: Micros): void {
    switch (box.type) {
      case "ftyp":
        this.#position = -this.#cursor;
        this.#ftyp = b.slice(box.start, box.start + box.byteLength);
        this.#dropFragment();
        return;
      case "moov":
        this.#dropFragment();
        // Before everything else: an index that was fetched from the end of the file, which follows from its start.
        if (this.#ftyp.length === 0) this.#position = -(box.start + box.byteLength);
        return this.#index(b.slice(box.start, box.start + box.byteLength), box);
      case "prft":
        this.#fragmentAt = box.start;
        this.#moofAt = -1;
        return;
      case "moof":
        if (this.#fragmentAt < 0 || this.#moofAt >= 0) this.#fragmentAt = box.start;
        this.#moofAt = box.start;
        return;
      default:
        this.#fragment(b.subarray(this.#fragmentAt, box.start + box.byteLength), arrival);
        this.#dropFragment();
    }
  }

  #index(moov: Bytes, box: Box): void {
    if (equalBytes(moov, this.#moov)) return; // some muxers repeat it
    this.#moov = moov;
    const movie = readMovie(box.body.slice());
    const opened: { readonly track: OpenTrack; readonly table: Bytes }[] = [];
    const missed: string[] = [];
    for (const track of movie) {
      if (opened.some(({ track: { kind } }) => kind === track.kind)) continue; // one of each
      const open = this.#open(track);
      if (open) opened.push({ track: open, table: track.table });
      else missed.push(track.entry);
    }
    this.#tracks = opened.map(({ track }) => track);
    this.#defaults = readSampleDefaults(moov);
    const has = (kind: string): boolean => this.#tracks.some((track) => track.kind === kind);
    this.#out.declare({ video: has("video"), audio: has("audio") });
    if (missed.length > 0) this.#tellMissed(missed);
    const index = concatBytes([this.#ftyp, moov]);
    this.#isFragmented = findBox(moov, "moov/mvex") !== undefined;
    const own = this.#isFragmented ? ownTracks(index) : undefined;
    this.#isOwn = own !== undefined;
    if (own) this.#out.ownIndex(index, own);
    const samples = readSampleTables(opened);
    if (samples.length === 0) return;
    for (const sample of samples) liftFor(sample);
    if (samples.some(({ offset }) => offset < this.#blindEnd)) this.#out.note(INDEX_BEHIND);
    this.#samples = samples;
    this.#nextSample = 0;
  }

  #tellMissed(missed: readonly string[]): void {
    const kinds = missed.join(", ");
    const played = "Rill plays H.264 and H.265 pictures and AAC, MP3 and Opus sound";
    if (this.#tracks.length > 0) this.#out.note(`The MP4 also holds ${kinds}; ${played}.`);
    else this.#out.unplayed(`The MP4 holds ${kinds}, and ${played}.`);
  }

  #open(track: MovieTrack): OpenTrack | undefined {
    const { id, kind, timescale, shift } = track;
    const out = this.#out.elementary(kind);
    const taker = kind === "video" ? openPictures(track, out) : openSound(track, out);
    return taker && { id, kind, timescale, shift, taker, lift: 0, next: 0 };
  }

  /** `[prft] moof mdat`, whole. */
  #fragment(bytes: Bytes, arrival: Micros): void {
    if (this.#isOwn) {
      const info = readFragment(bytes, { defaults: this.#defaults });
      if (info && this.#out.ownFragment(bytes, info, arrival)) return;
      this.#isOwn = false;
    }
    const moof = boxAt(bytes, this.#moofAt - this.#fragmentAt);
    const tracks = moof && readMovieFragment(moof, {
      defaults: this.#defaults,
      available: bytes.length - moof.start,
      position: this.#position + this.#moofAt,
    });
    if (!moof || !tracks) return this.#gap(true);
    const samples: PlacedSample[] = [];
    for (const { track: id, dts, samples: run } of tracks) {
      const track = this.#tracks.find((open) => open.id === id);
      if (!track) continue;
      let time: number = dts ?? track.next;
      for (const { offset, size, duration, compositionOffset } of run) {
        samples.push({
          track,
          offset: offset + moof.start,
          size,
          dts: time,
          duration,
          compositionOffset,
        });
        time += duration;
      }
      track.next = time;
    }
    for (const sample of samples) liftFor(sample);
    samples.sort((x, y) => timeOf(x) - timeOf(y));
    for (const sample of samples) {
      handOn(sample, bytes.subarray(sample.offset, sample.offset + sample.size), arrival);
    }
  }

  /** Media that the index tells of, found by its place in the file; `true` when fragments follow. */
  #media(samples: readonly PlacedSample[], arrival: Micros): boolean {
    const b = this.#buffer.view();
    this.#cursor = b.length; // unless a sample is not whole, nothing is kept
    for (; this.#nextSample < samples.length; this.#nextSample++) {
      const sample = samples[this.#nextSample];
      if (!sample) return false;
      const at = sample.offset - this.#position;
      // One that reaches into the next lies: a table of such would make a flood of a few bytes.
      const lies =
        sample.offset + sample.size > (samples[this.#nextSample + 1]?.offset ?? Infinity);
      // What was passed over is gone, even where a little of it is still at hand: cuts must not matter.
      if (at < 0 || sample.offset < this.#blindEnd || sample.size > MAX_WHOLE_BYTES || lies) {
        this.#out.gap(sample.track.kind, true);
        continue;
      }
      if (at + sample.size > b.length) {
        this.#cursor = at;
        return false;
      }
      handOn(sample, b.subarray(at, at + sample.size), arrival);
      this.#mediaEnd = sample.offset + sample.size;
      sample.track.next = sample.dts + sample.duration;
    }
    if (!this.#isFragmented) {
      this.#skip = Infinity; // what follows is another index at most
      return false;
    }
    this.#samples = undefined;
    this.#cursor = Math.max(0, this.#mediaEnd - this.#position);
    return true;
  }

  /** Goes on at the next `moof` that is there; `false` where none is yet. */
  #resynchronise(): boolean {
    const b = this.#buffer.view();
    const from = this.#cursor;
    if (!this.#searching) this.#gap(true);
    this.#searching = true;
    this.#dropFragment();
    const [first] = MOOF;
    for (let at = b.indexOf(first, from + 5); at >= 0; at = b.indexOf(first, at + 1)) {
      if (MOOF.every((byte, i) => b[at + i] === byte)) {
        this.#searching = false;
        this.#cursor = at - 4;
        this.#out.skipped(this.#cursor - from);
        return true;
      }
    }
    this.#cursor = Math.max(from, b.length - 4 - MOOF.length + 1);
    this.#out.skipped(this.#cursor - from);
    return false;
  }

  #gap(damaged: boolean): void {
    for (const { kind, taker } of this.#tracks) {
      this.#out.gap(kind, damaged && kind === "video");
      taker.gap();
    }
  }

  /** Drops from the buffer what is done with. */
  #compact(): void {
    const kept = this.#fragmentAt >= 0 ? this.#fragmentAt : this.#cursor;
    const here = Math.min(kept, this.#buffer.length);
    this.#skip += kept - here;
    this.#buffer.consume(here);
    this.#position += here;
    this.#cursor -= kept;
    if (this.#fragmentAt >= 0) {
      this.#moofAt = this.#moofAt < 0 ? -1 : this.#moofAt - kept;
      this.#fragmentAt = 0;
    }
  }
}

/** Boxes that are read whole. */
const WHOLE: ReadonlySet<string> = new Set(["ftyp", "moov", "prft", "moof"]);
const PRINTABLE = /^[ -~©]{4}$/;
