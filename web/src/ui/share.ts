/**
 * `<rill-share>`: a stream's addresses, to scan with a phone, to copy, to hand to another app, or at least to select:
 * plain HTTP has neither Web Share nor clipboard.
 *
 * @module
 */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { secureOrigin } from "../trust/secure_origin.ts";
import { copyText } from "./copy_text.ts";
import { icon } from "./icons.ts";
import type { QrCode } from "./qr_code.ts";
import { liveHref } from "./router.ts";
import { sharedStyles } from "./shared_styles.ts";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

interface Address {
  readonly id: string;
  readonly label: string;
  readonly url: string;
}

/** Set `name` to the stream's. */
export class RillShare extends LitElement {
  static override properties = {
    name: { attribute: false },
    told: { state: true },
    code: { state: true },
  };
  declare name: string;
  /** What came of the last press, and of which address. */
  declare protected told: { readonly id: string; readonly text: string } | undefined;
  /** The page's address for another device's camera, once it is drawn. */
  declare protected code: QrCode | undefined;

  static override styles = [
    sharedStyles,
    css`
      dialog {
        width: min(520px, 100vw - 32px);
        padding: 10px 22px 24px;
        border: 1px solid var(--rill-line);
        border-radius: 18px;
        background: var(--rill-surface);
        color: var(--rill-text);
      }
      dialog::backdrop {
        background: #05090a99;
      }
      form {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
      }
      h2 {
        min-width: 0;
        font-size: 1.1875rem;
        font-weight: 650;
        letter-spacing: -0.01em;
        overflow-wrap: anywhere;
      }
      .close {
        display: grid;
        place-items: center;
        flex: none;
        width: 44px;
        height: 44px;
        margin-inline-end: -12px;
        border: 0;
        border-radius: 10px;
        background: none;
        color: var(--rill-text-2);
        cursor: pointer;
      }
      .close svg {
        width: 22px;
        height: 22px;
      }
      label {
        display: block;
        margin: 14px 0 6px;
        font-size: 0.875rem;
        font-weight: 600;
      }
      .row {
        display: flex;
        gap: 10px;
      }
      input {
        flex: 1;
        min-width: 0;
        height: 44px;
        padding: 0 14px;
        border: 1px solid var(--rill-edge);
        border-radius: 10px;
        background: var(--rill-ground);
        color: var(--rill-text);
        font: 1rem/1 var(--rill-font);
        text-overflow: ellipsis;
      }
      .row .button {
        border-radius: 10px;
      }
      @media (max-width: 480px) {
        .row {
          flex-direction: column;
        }
        .row input {
          flex: none;
        }
      }
      .hint {
        margin-top: 6px;
        color: var(--rill-text-2);
        font-size: 0.875rem;
      }
      .code {
        margin: 14px 0 0;
        text-align: center;
      }
      .code svg {
        display: block;
        width: min(200px, 60vw);
        margin-inline: auto;
        border-radius: 10px;
      }
      .wide {
        width: 100%;
        margin-top: 20px;
      }
    `,
  ];

  constructor() {
    super();
    this.name = "";
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  get #addresses(): Address[] {
    const page = new URL(liveHref(this.name), document.baseURI).href;
    return [
      { id: "page", label: "This page", url: page },
      { id: "media", label: "For VLC, ffplay and other players", url: `${page}/stream.mp4` },
    ];
  }

  #select(id: string): void {
    this.renderRoot.querySelector<HTMLInputElement>(`#${id}`)?.select();
  }

  async #copy({ id, url }: Address): Promise<void> {
    const copied = this.#dialog !== null && await copyText(url, this.#dialog);
    if (!copied) this.#select(id);
    this.told = {
      id,
      text: copied
        ? "Copied."
        : "This browser does not let the page copy. The address is selected.",
    };
  }

  async #handOn(data: ShareData): Promise<void> {
    try {
      await navigator.share(data);
      this.#dialog?.close();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      if (error.name !== "AbortError") {
        this.told = {
          id: "page",
          text: "This browser refused to share. Copy the address instead.",
        };
      }
    }
  }

  /** What makes the code is loaded with the first press: few visits need it. */
  async #encode(): Promise<void> {
    const { qrCodeOf } = await import("./qr_code.ts");
    const [page] = this.#addresses;
    this.code = page && qrCodeOf(page.url);
  }

  #open(): void {
    this.told = undefined;
    this.code = undefined;
    if (!LOOPBACK.test(location.hostname)) void this.#encode();
    this.#dialog?.showModal();
  }

  #row(address: Address): TemplateResult {
    const { id, label, url } = address;
    return html`
      <label for=${id}>${label}</label>
      <div class="row">
        <input
          id=${id}
          type="text"
          readonly
          spellcheck="false"
          .value=${url}
          @focus=${(): void => this.#select(id)}
        >
        <button
          class="button"
          aria-label="Copy: ${label}"
          @click=${(): void => void this.#copy(address)}
        >${icon("copy")}Copy</button>
      </div>
      <p class="hint" role="status">${this.told?.id === id ? this.told.text : ""}</p>
    `;
  }

  protected override render(): TemplateResult {
    const [page, ...others] = this.#addresses;
    const data: ShareData = { title: `${this.name} · Rill`, url: page?.url ?? "" };
    const canHandOn = typeof navigator.canShare === "function" && navigator.canShare(data);
    return html`
      <button
        class="button"
        aria-haspopup="dialog"
        @click=${(): void => this.#open()}
      >${icon("share")}Share</button>
      <dialog aria-labelledby="title">
        <form method="dialog">
          <h2 id="title">Share ${this.name}</h2>
          <button class="close" aria-label="Close">${icon("close")}</button>
        </form>
        ${page ? this.#row(page) : nothing} ${LOOPBACK.test(location.hostname)
          ? html`
            <p class="hint">
              ${location.hostname} means this machine. For others, open Rill by the address that the
              relay printed when it started.
            </p>
          `
          : nothing} ${isSelfVouched()
          ? html`
            <p class="hint">
              A device that has not been told to trust this relay is warned by its browser first; by the
              relay’s http address it plays without a warning.
            </p>
          `
          : nothing} ${this.code ? picture(this.code) : nothing} ${others.map((address) =>
            this.#row(address)
          )} ${canHandOn
          ? html`
            <button
              class="button primary wide"
              @click=${(): void => void this.#handOn(data)}
            >${icon("share")}Share by another app</button>
          `
          : nothing}
      </dialog>
    `;
  }
}

/** The page came from an address whose certificate the relay has made itself. */
function isSelfVouched(): boolean {
  return location.protocol === "https:" && secureOrigin()?.authority === true;
}

/** Dark on light in either colour scheme: not every reader takes it the other way round. */
function picture({ size, path }: QrCode): TemplateResult {
  return html`
    <figure class="code">
      <svg
        role="img"
        aria-label="QR code of this page's address"
        viewBox="0 0 ${size} ${size}"
        shape-rendering="crispEdges"
      >
        <rect width=${size} height=${size} fill="#fff"></rect>
        <path d=${path} fill="#000"></path>
      </svg>
      <figcaption class="hint">Point the camera of another phone here.</figcaption>
    </figure>
  `;
}

customElements.define("rill-share", RillShare);

declare global {
  interface HTMLElementTagNameMap {
    "rill-share": RillShare;
  }
}
