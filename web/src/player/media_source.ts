/// <reference lib="dom" />
/**
 * A MediaSource, or the ManagedMediaSource that iPhones have instead, opened on a `<video>` (W3C Media
 * Source Extensions, §3 and §6). Makes no SourceBuffer and appends nothing.
 *
 * @module
 */

/** What a ManagedMediaSource has beyond a MediaSource; not in TypeScript's library yet. */
interface ManagedMediaSource extends MediaSource {
  readonly streaming: boolean;
}

interface MediaSourceConstructor {
  new (): MediaSource;
  isTypeSupported(mime: string): boolean;
}

interface MediaSourceGlobals {
  readonly MediaSource?: MediaSourceConstructor;
  readonly ManagedMediaSource?: MediaSourceConstructor;
}

/** How a source is to be opened. */
export interface OpenSourceOptions {
  /** Lets go of the source and the element. */
  readonly signal: AbortSignal;
  /** The browser wants to be given media, or for now no more; called by a ManagedMediaSource alone. */
  readonly streaming: (wanted: boolean) => void;
}

/**
 * The one to use here, if any. Where both exist (Safari 17, WebKitGTK) the managed one is what the
 * maker maintains for live video and what saves the battery.
 */
function available(): MediaSourceConstructor | undefined {
  const { MediaSource, ManagedMediaSource } = globalThis as MediaSourceGlobals;
  return ManagedMediaSource ?? MediaSource;
}

/** Whether this browser can be given media at all. */
export function hasMediaSource(): boolean {
  return available() !== undefined;
}

/** Whether this browser says that it plays `mime`. */
export function playsType(mime: string): boolean {
  return available()?.isTypeSupported(mime) ?? false;
}

function isManaged(source: MediaSource): source is ManagedMediaSource {
  return "streaming" in source;
}

/**
 * Opens a source on `video`.
 * @throws the signal's reason when it is aborted first.
 */
export function openMediaSource(
  video: HTMLVideoElement,
  { signal, streaming }: OpenSourceOptions,
): Promise<MediaSource> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const Source = available();
    if (Source === undefined) throw new Error("This browser has no MediaSource.");
    const source = new Source();
    const address = attach(video, source);
    signal.addEventListener("abort", () => {
      if (address !== undefined) URL.revokeObjectURL(address);
      video.srcObject = null;
      video.removeAttribute("src");
      video.load(); // lets go of decoder and memory
      reject(signal.reason);
    }, { once: true });
    source.addEventListener("sourceopen", () => resolve(source), { once: true, signal });
    if (isManaged(source)) {
      source.addEventListener("startstreaming", () => streaming(true), { signal });
      source.addEventListener("endstreaming", () => streaming(false), { signal });
    }
  });
}

/** Makes `source` what `video` plays; answers the address to be revoked, if one was needed. */
function attach(video: HTMLVideoElement, source: MediaSource): string | undefined {
  video.preload = "auto";
  if (isManaged(source)) {
    // Without this, or another source for AirPlay, a ManagedMediaSource never opens.
    video.disableRemotePlayback = true;
    video.srcObject = source;
    return undefined;
  }
  const address = URL.createObjectURL(source);
  video.src = address;
  return address;
}
