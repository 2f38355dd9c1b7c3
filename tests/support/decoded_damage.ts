/**
 * Damaged streams, decoded by ffmpeg: what is seen after the damage is what was filmed, pixel by pixel.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import { Ingested } from "./ingested.ts";
import { decodedHashes } from "./judges.ts";
import { Patient } from "./survival.ts";

/** A stream whose every picture is known as it looks undamaged. */
export class DecodedPatient {
  readonly #patient: Patient;
  readonly #folder: string;
  /** In the order they are shown. */
  readonly #seen: readonly string[];

  private constructor(patient: Patient, folder: string, seen: readonly string[]) {
    this.#patient = patient;
    this.#folder = folder;
    this.#seen = seen;
  }

  /** @param folder for files, the caller's to remove. `part` of the stream is damaged. */
  static async of(
    stream: Bytes,
    { part, folder }: { readonly part: number; readonly folder: string },
  ): Promise<DecodedPatient> {
    const out = new Ingested().push(stream);
    out.ingest.end();
    const seen = await decode(out, folder);
    return new DecodedPatient(new Patient(stream, part), folder, seen);
  }

  /** Packets are lost and doubled: every picture that is seen is one that was filmed. Returns how many are. */
  async lose(seed: number): Promise<number> {
    const seen = await decode(this.#patient.lose(seed), this.#folder);
    const wrong = seen.findIndex((hash) => !this.#seen.includes(hash));
    assert.ok(wrong < 0, `seed ${seed}: picture ${wrong} of ${seen.length} is not clean`);
    this.#assertTail(seen, seed);
    return seen.length;
  }

  /** Any damage: from the second key picture behind it on, all is seen as it was filmed. */
  async survive(seed: number): Promise<number> {
    const seen = await decode(this.#patient.survive(seed), this.#folder);
    this.#assertTail(seen, seed);
    return seen.length;
  }

  #assertTail(seen: readonly string[], seed: number): void {
    const count = this.#patient.pictures;
    assert.ok(count > 0);
    assert.deepEqual(seen.slice(-count), this.#seen.slice(-count), `seed ${seed}`);
  }
}

/** Each generation is a file of its own. */
async function decode(out: Ingested, folder: string): Promise<string[]> {
  const seen: string[] = [];
  for (const { generation, bytes } of out.segments) {
    const batches = out.batches.filter((batch) => batch.generation === generation);
    const file = join(folder, "generation.mp4");
    await Deno.writeFile(file, concatBytes([bytes, ...batches.map((batch) => batch.bytes)]));
    seen.push(...await decodedHashes(file));
  }
  return seen;
}
