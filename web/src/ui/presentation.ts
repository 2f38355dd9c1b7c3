/**
 * Full screen and picture-in-picture, by whichever way the browser has: the standards (Fullscreen,
 * Picture-in-Picture), else WebKit's own on the `<video>`, the only one an iPhone knows.
 *
 * @module
 */

import { isPictureInPicture, PIP_MODE, type PresentedVideo } from "../player/out_of_page.ts";

interface WebKitVideo extends PresentedVideo {
  webkitEnterFullscreen?(): void;
  webkitSupportsPresentationMode?(mode: string): boolean;
  webkitSetPresentationMode?(mode: string): void;
}

/** Whether there is any way to fill the screen with `video` or the element around it. */
export function canFullscreen(video: WebKitVideo): boolean {
  return document.fullscreenEnabled || typeof video.webkitEnterFullscreen === "function";
}

/** Whether `host` fills the screen now; `document.fullscreenElement` names only what its shadow hangs on. */
export function isFullscreen(host: HTMLElement): boolean {
  return host.matches(":fullscreen");
}

/** Fills the screen with `host`, or with `video` where only that is possible; or goes back. */
export async function toggleFullscreen(host: HTMLElement, video: WebKitVideo): Promise<void> {
  if (isFullscreen(host)) await document.exitFullscreen();
  else if (document.fullscreenEnabled) await host.requestFullscreen({ navigationUI: "hide" });
  else video.webkitEnterFullscreen?.();
}

/** Whether the picture can be taken out of the page. */
export function canPictureInPicture(video: WebKitVideo): boolean {
  return document.pictureInPictureEnabled === true ||
    video.webkitSupportsPresentationMode?.(PIP_MODE) === true;
}

/** Takes `video` out of the page, or back. It must have its metadata. */
export async function togglePictureInPicture(video: WebKitVideo): Promise<void> {
  const out = isPictureInPicture(video);
  if (document.pictureInPictureEnabled === true) {
    if (out) await document.exitPictureInPicture();
    else await video.requestPictureInPicture();
  } else {
    video.webkitSetPresentationMode?.(out ? "inline" : PIP_MODE);
  }
}

/** Whether a page may set how loud a video is: not on an iPhone, where the buttons at its side do. */
export function canSetVolume(): boolean {
  const probe = document.createElement("video");
  probe.volume = 0.5;
  return probe.volume === 0.5;
}
