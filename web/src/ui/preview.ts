/**
 * `<rill-preview>`: the newest key picture of a stream, from its one-frame MP4 (contract §4), renewed
 * while it can be seen. Where there is none, running lines. Plays nothing.
 *
 * @module
 */

import { css, html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { ripples } from "./brand.ts";
import { sharedStyles } from "./shared_styles.ts";

const RENEW_MS = 10_000;
/** A key picture of a 4K camera stays far below; what is larger is no picture. */
const MAX_PICTURE_BYTES = 8 * 1024 * 1024;

/** Attributes: `name` of the stream, `src` of the one-frame MP4, `active` while it is worth asking for. */
export class RillPreview extends LitElement {
  static override properties = {
    name: { type: String },
    src: { type: String },
    active: { type: Boolean, reflect: true },
    shown: { state: true },
    coming: { state: true },
  };
  declare name: string;
  declare src: string;
  declare active: boolean;
  /** Object URL of the picture on show. */
  declare protected shown: string | undefined;
  /** Object URL of the next one, until it is decoded. */
  declare protected coming: string | undefined;

  #inView = false;
  #observer: IntersectionObserver | undefined;
  #timer: number | undefined;
  #asking: AbortController | undefined;
  #disconnected: AbortController | undefined;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        position: relative;
        overflow: hidden;
        background: var(--rill-sunken);
        color: var(--rill-ripple);
      }
      .ripples,
      video {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }
      video {
        object-fit: contain;
        background: #05090a;
        transition: filter 0.4s;
        animation: rill-appear 0.3s;
      }
      video.coming {
        visibility: hidden;
        animation: none;
      }
      :host(:not([active])) video {
        filter: grayscale(1) brightness(0.45);
      }
      @keyframes rill-appear {
        from {
          opacity: 0;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        video {
          animation: none;
          transition: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.name = "";
    this.src = "";
    this.active = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#disconnected = new AbortController();
    const { signal } = this.#disconnected;
    document.addEventListener("visibilitychange", () => this.#consider(), { signal });
    this.#observer = new IntersectionObserver((entries) => {
      this.#inView = entries.at(-1)?.isIntersecting ?? false;
      this.#consider();
    });
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#disconnected?.abort();
    this.#observer?.disconnect();
    this.#inView = false;
    this.#rest();
    for (const url of [this.shown, this.coming]) if (url) this.#release(url);
    this.shown = undefined;
    this.coming = undefined;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("src") || changed.has("active")) this.#consider();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asking?.abort();
    this.#asking = undefined;
  }

  #consider(): void {
    const wanted = this.active && this.#inView && this.src !== "" &&
      document.visibilityState === "visible";
    if (!wanted) this.#rest();
    else if (this.#timer === undefined && this.#asking === undefined) void this.#renew();
  }

  async #renew(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    const picture = await fetchPicture(new URL(this.src, document.baseURI), asking.signal);
    if (this.#asking !== asking) return;
    this.#asking = undefined;
    if (picture) {
      if (this.coming) this.#release(this.coming);
      this.coming = URL.createObjectURL(picture);
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#consider();
    }, RENEW_MS);
  }

  #decoded(url: string): void {
    if (url !== this.coming) return;
    const before = this.shown;
    this.shown = url;
    this.coming = undefined;
    if (before) this.#release(before);
  }

  #refused(url: string): void {
    if (url !== this.coming) return;
    this.coming = undefined;
    this.#release(url);
  }

  /** Ends what still loads from it first: to the browser an address that is gone is a failure. */
  #release(url: string): void {
    for (const video of this.renderRoot.querySelectorAll("video")) {
      if (video.src.startsWith(url)) {
        video.removeAttribute("src");
        video.load();
      }
    }
    URL.revokeObjectURL(url);
  }

  protected override render(): TemplateResult {
    const urls = [this.shown, this.coming].filter((url) => url !== undefined);
    return html`
      ${ripples(this.name)} ${repeat(
        urls,
        (url) => url,
        // Safari decodes a first picture without playing only when a time is asked for.
        (url) =>
          html`
            <video
              class=${url === this.coming ? "coming" : ""}
              src="${url}#t=0.001"
              muted
              playsinline
              preload="auto"
              disableremoteplayback
              tabindex="-1"
              aria-hidden="true"
              @loadeddata=${(): void => this.#decoded(url)}
              @error=${(): void => this.#refused(url)}
            ></video>
          `,
      )}
    `;
  }
}

/** The picture, or `undefined` when there is none now: the next try may bring one. */
async function fetchPicture(url: URL, signal: AbortSignal): Promise<Blob | undefined> {
  try {
    const answer = await fetch(url, { signal, cache: "no-store" });
    const announcedBytes = Number(answer.headers.get("content-length") ?? 0);
    if (!answer.ok || announcedBytes > MAX_PICTURE_BYTES) {
      await answer.body?.cancel();
      return undefined;
    }
    const picture = await answer.blob();
    return picture.size > 0 && picture.size <= MAX_PICTURE_BYTES ? picture : undefined;
  } catch (error) {
    // Out of reach or given up: the list says so in words, a preview has nothing to add.
    if (error instanceof TypeError || signal.aborted) return undefined;
    throw error;
  }
}

customElements.define("rill-preview", RillPreview);

declare global {
  interface HTMLElementTagNameMap {
    "rill-preview": RillPreview;
  }
}
