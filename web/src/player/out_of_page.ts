/// <reference lib="dom" />
/**
 * Whether a `<video>` stands in a window of its own (W3C Picture-in-Picture; before it, WebKit's presentation modes).
 * Asks; who takes it there is the affair of `ui/`.
 *
 * @module
 */

/** A `<video>` as WebKit has it. */
export interface PresentedVideo extends HTMLVideoElement {
  readonly webkitPresentationMode?: string;
}

/** The mode's name in WebKit. */
export const PIP_MODE = "picture-in-picture";

/**
 * Whether `video` stands in a window of its own now. Asked of the tree that it stands in: the document names only the
 * outermost element whose shadow it is in (§3.3).
 */
export function isPictureInPicture(video: PresentedVideo): boolean {
  const root = video.getRootNode();
  const outside = root instanceof ShadowRoot || root instanceof Document
    ? root.pictureInPictureElement
    : undefined;
  return outside === video || video.webkitPresentationMode === PIP_MODE;
}
