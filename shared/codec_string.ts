/**
 * The MIME type of a stream, RFC 6381 §3: `video/mp4; codecs="…"` from its tracks. The codec strings
 * themselves come from the codecs.
 *
 * @module
 */

/** The type that `MediaSource.isTypeSupported` and `Content-Type` take. */
export function mimeType(
  tracks: readonly { readonly kind: "video" | "audio"; readonly codec: string }[],
): string {
  const container = tracks.some(({ kind }) => kind === "video") ? "video/mp4" : "audio/mp4";
  return `${container}; codecs="${tracks.map(({ codec }) => codec).join(",")}"`;
}
