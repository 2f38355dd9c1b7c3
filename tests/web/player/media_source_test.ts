/// <reference lib="dom" />
/** Opening a MediaSource, or the managed one, on a `<video>`; both made for the test. */

import assert from "node:assert/strict";
import {
  hasMediaSource,
  openMediaSource,
  playsType,
} from "../../../web/src/player/media_source.ts";

const ADDRESS = "blob:a-source";
const H264 = 'video/mp4; codecs="avc1.4d401f"';
const HEVC = 'video/mp4; codecs="hvc1.1.6.L93.B0"';

/** What a page may have; each notes those made of it. */
class FakeSource extends EventTarget {
  static made: FakeSource[] = [];

  constructor() {
    super();
    FakeSource.made.push(this);
  }

  static isTypeSupported(mime: string): boolean {
    return mime === H264;
  }

  tell(type: string): void {
    this.dispatchEvent(new Event(type));
  }
}

class FakeManagedSource extends FakeSource {
  readonly streaming = false;

  static override isTypeSupported(mime: string): boolean {
    return mime === HEVC;
  }
}

/** The part of a `<video>` that a source is opened on. */
class FakeVideo {
  preload: "" | "none" | "metadata" | "auto" = "";
  src = "";
  srcObject: MediaProvider | null = null;
  disableRemotePlayback = false;
  loads = 0;

  removeAttribute(name: string): void {
    assert.equal(name, "src");
    this.src = "";
  }

  load(): void {
    assert.deepEqual([this.src, this.srcObject], ["", null], "nothing is on it any more");
    this.loads++;
  }
}

type Taken = Pick<
  HTMLVideoElement,
  "preload" | "src" | "srcObject" | "disableRemotePlayback" | "removeAttribute" | "load"
>;

interface Sources {
  readonly MediaSource?: typeof FakeSource;
  readonly ManagedMediaSource?: typeof FakeSource;
}

/** A page that has `sources`, an element on it, and the opening of one on the other. */
class Page implements Disposable {
  readonly video = new FakeVideo();
  readonly stop = new AbortController();
  readonly wanted: boolean[] = [];
  /** Addresses made and not revoked. */
  readonly addresses = new Set<string>();
  readonly #before = { create: URL.createObjectURL, revoke: URL.revokeObjectURL };

  constructor(sources: Sources) {
    FakeSource.made = [];
    Object.assign(globalThis, sources);
    URL.createObjectURL = (source): string => {
      assert.equal(source, FakeSource.made[0]);
      this.addresses.add(ADDRESS);
      return ADDRESS;
    };
    URL.revokeObjectURL = (address): void => {
      assert.ok(this.addresses.delete(address), `${address} has not been made`);
    };
  }

  open(): Promise<MediaSource> {
    const element: Taken = this.video;
    return openMediaSource(element as HTMLVideoElement, {
      signal: this.stop.signal,
      streaming: (wanted) => this.wanted.push(wanted),
    });
  }

  /** The one source made. */
  get source(): FakeSource {
    const [source, ...others] = FakeSource.made;
    assert.ok(source && others.length === 0, "one source is made");
    return source;
  }

  [Symbol.dispose](): void {
    Reflect.deleteProperty(globalThis, "MediaSource");
    Reflect.deleteProperty(globalThis, "ManagedMediaSource");
    URL.createObjectURL = this.#before.create;
    URL.revokeObjectURL = this.#before.revoke;
  }
}

const PLAIN: Sources = { MediaSource: FakeSource };
const MANAGED: Sources = { ManagedMediaSource: FakeManagedSource };
const BOTH: Sources = { ...PLAIN, ...MANAGED };

const CASES: readonly (readonly [string, Sources, has: boolean, h264: boolean, hevc: boolean])[] = [
  ["none", {}, false, false, false],
  ["the plain one", PLAIN, true, true, false],
  ["the managed one", MANAGED, true, false, true],
  ["both, the managed one is asked", BOTH, true, false, true],
];
for (const [what, sources, has, h264, hevc] of CASES) {
  Deno.test(`what a browser plays that has ${what}`, () => {
    using _page = new Page(sources);
    assert.deepEqual([hasMediaSource(), playsType(H264), playsType(HEVC)], [has, h264, hevc]);
  });
}

Deno.test("a plain source is opened by an address", async () => {
  using page = new Page(PLAIN);
  const opening = page.open();
  assert.deepEqual([page.video.src, page.video.preload], [ADDRESS, "auto"]);
  assert.equal(page.video.disableRemotePlayback, false);
  page.source.tell("sourceopen");
  assert.equal(await opening, page.source);
});

Deno.test("a managed source is the element's own object, and forbids AirPlay", async () => {
  using page = new Page(BOTH);
  const opening = page.open();
  assert.ok(page.source instanceof FakeManagedSource);
  assert.equal(page.video.srcObject, page.source);
  assert.deepEqual([page.video.disableRemotePlayback, page.video.preload], [true, "auto"]);
  assert.deepEqual([page.video.src, page.addresses.size], ["", 0]);
  page.source.tell("sourceopen");
  assert.equal(await opening, page.source);
});

Deno.test("what a managed source wants is passed on, before it is open too", async () => {
  using page = new Page(MANAGED);
  const opening = page.open();
  page.source.tell("startstreaming");
  page.source.tell("sourceopen");
  await opening;
  page.source.tell("endstreaming");
  page.source.tell("startstreaming");
  assert.deepEqual(page.wanted, [true, false, true]);
});

Deno.test("a plain source wants nothing", async () => {
  using page = new Page(PLAIN);
  const opening = page.open();
  page.source.tell("sourceopen");
  await opening;
  page.source.tell("endstreaming");
  assert.deepEqual(page.wanted, []);
});

for (const [kind, sources] of [["plain", PLAIN], ["managed", MANAGED]] as const) {
  Deno.test(`ended before it is open, a ${kind} source fails with that reason and lets go`, async () => {
    using page = new Page(sources);
    const opening = page.open();
    const reason = new Error("the viewer left");
    page.stop.abort(reason);
    await assert.rejects(opening, reason);
    assert.deepEqual([page.video.loads, page.addresses.size], [1, 0]);
  });

  Deno.test(`ended once it is open, a ${kind} source lets go of element and address`, async () => {
    using page = new Page(sources);
    const opening = page.open();
    page.source.tell("sourceopen");
    await opening;
    page.stop.abort();
    assert.deepEqual([page.video.loads, page.addresses.size], [1, 0]);
    page.source.tell("startstreaming");
    assert.deepEqual(page.wanted, [], "nobody listens to it");
  });
}

Deno.test("ended beforehand, nothing is made and the element is left alone", async () => {
  using page = new Page(BOTH);
  const reason = new Error("left before");
  page.stop.abort(reason);
  await assert.rejects(page.open(), reason);
  assert.deepEqual([FakeSource.made.length, page.video.loads, page.video.preload], [0, 0, ""]);
});

Deno.test("a browser without any says so", async () => {
  using page = new Page({});
  await assert.rejects(page.open(), new Error("This browser has no MediaSource."));
});
