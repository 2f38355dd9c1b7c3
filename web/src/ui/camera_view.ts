/**
 * `<rill-camera>`: this device's camera as one of the relay's: preview, a name, start and stop, and how it stands. On a
 * page that came over http it says what is missing and where to get it.
 *
 * @module
 */

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { capture, CaptureError, type Device, listDevices, NO_SOUND } from "../publisher/capture.ts";
import { Publishing, type PublishState } from "../publisher/publishing.ts";
import { secureOrigin } from "../trust/secure_origin.ts";
import { cameraViewStyles } from "./camera_view_styles.ts";
import { icon } from "./icons.ts";
import { publishWords } from "./publish_words.ts";
import { isStreamName, liveHref } from "./router.ts";
import { sharedStyles } from "./shared_styles.ts";
import { stateStyles } from "./state_styles.ts";
import { WakeLock } from "./wake_lock.ts";

const NAME_KEY = "rill.camera.name";
const DRAW_MS = 250;

/** No attributes. Publishes only while it stands in the page. */
export class RillCamera extends LitElement {
  static override properties = {
    state: { state: true },
    problem: { state: true },
    cameras: { state: true },
    microphones: { state: true },
    opened: { state: true },
  };
  declare protected state: PublishState;
  declare protected problem: string;
  declare protected cameras: readonly Device[];
  declare protected microphones: readonly Device[];
  /** The preview runs. */
  declare protected opened: boolean;

  #media: MediaStream | undefined;
  #publishing: Publishing | undefined;
  #wakeLock = new WakeLock();
  #clock: number | undefined;
  #detach: AbortController | undefined;
  #name = localStorage.getItem(NAME_KEY) ?? "phone";
  #camera = "";
  #microphone = "";

  static override styles = [sharedStyles, stateStyles, cameraViewStyles];

  constructor() {
    super();
    this.state = { kind: "idle" };
    this.problem = "";
    this.cameras = [];
    this.microphones = [];
    this.opened = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#clock = setInterval(() => this.requestUpdate(), DRAW_MS);
    this.#detach = new AbortController();
    globalThis.addEventListener("pagehide", () => this.#stop(), { signal: this.#detach.signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#clock);
    this.#detach?.abort();
    this.#stop();
    this.#close();
  }

  get #isOn(): boolean {
    return this.#publishing !== undefined;
  }

  async #open(): Promise<void> {
    this.#close();
    this.problem = "";
    try {
      const media = await capture({ camera: this.#camera, microphone: this.#microphone });
      if (!this.isConnected) return media.getTracks().forEach((track) => track.stop());
      this.#media = media;
      const [picture] = media.getVideoTracks();
      picture?.addEventListener("ended", () => this.#gone(media));
      this.#camera = picture?.getSettings().deviceId ?? this.#camera;
      if (this.#microphone !== NO_SOUND) {
        this.#microphone = media.getAudioTracks()[0]?.getSettings().deviceId ?? "";
      }
      ({ cameras: this.cameras, microphones: this.microphones } = await listDevices());
      this.opened = true;
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      this.problem = error.message;
    }
  }

  /** The device took its camera away: unplugged, or given to another program. */
  #gone(media: MediaStream): void {
    if (media !== this.#media) return;
    this.#stop();
    this.#close();
    this.problem = "The camera stopped: it was unplugged, or another program took it.";
  }

  #close(): void {
    this.#media?.getTracks().forEach((track) => track.stop());
    this.#media = undefined;
    this.opened = false;
  }

  #start(): void {
    const media = this.#media;
    if (!media) return;
    this.#name = this.#field.value.trim();
    if (!isStreamName(this.#name)) {
      this.problem =
        "A name has letters, digits, dots, hyphens and underscores, and begins with a letter or digit.";
      this.#field.focus();
      return;
    }
    localStorage.setItem(NAME_KEY, this.#name);
    this.problem = "";
    this.#wakeLock.wanted = true;
    const path = liveHref(this.#name).replace(/^live\//, "whip/");
    this.#publishing = new Publishing({
      media,
      url: new URL(path, document.baseURI).href,
      onState: (state) => this.#changed(state),
    });
  }

  #changed(state: PublishState): void {
    this.state = state;
    if (state.kind !== "refused") return;
    this.#publishing = undefined;
    this.#wakeLock.wanted = false;
  }

  #stop(): void {
    this.#publishing?.stop();
    this.#publishing = undefined;
    this.#wakeLock.wanted = false;
  }

  get #field(): HTMLInputElement {
    const field = this.renderRoot.querySelector("input");
    if (!field) throw new Error("the name's field is not drawn");
    return field;
  }

  #chose(event: Event, what: "camera" | "microphone"): void {
    const { value } = event.currentTarget as HTMLSelectElement;
    if (what === "camera") this.#camera = value;
    else this.#microphone = value;
    void this.#open();
  }

  #insecure(): TemplateResult {
    const secure = secureOrigin();
    return html`
      <section class="note">
        <h2>The browser keeps its camera to trusted pages</h2>
        <p>This page came over http, where browsers give no page a camera.</p>
        ${secure
          ? html`<a class="button primary" href=${
            secure.authority ? "trust" : new URL("camera", secure.url).href
          }>Go to the trusted page</a>`
          : html`<p>Start the relay with HTTPS (it is on unless switched off), and open this page there.</p>`}
      </section>
    `;
  }

  #choice(what: "camera" | "microphone"): TemplateResult {
    const isCamera = what === "camera";
    const chosen = isCamera ? this.#camera : this.#microphone;
    return html`
      <label>
        <span>${isCamera ? "Camera" : "Microphone"}</span>
        <select
          ?disabled=${this.#isOn}
          @change=${(event: Event): void => this.#chose(event, what)}
        >
          ${(isCamera ? this.cameras : this.microphones).map(({ id, label }) =>
            html`<option value=${id} ?selected=${id === chosen}>${label}</option>`
          )}
          ${isCamera
            ? nothing
            : html`<option value=${NO_SOUND} ?selected=${chosen === NO_SOUND}>No sound</option>`}
        </select>
      </label>
    `;
  }

  #controls(): TemplateResult {
    if (!this.opened) {
      return html`
        <button class="button primary" data-do="open" @click=${(): void => void this.#open()}>
          Open the camera
        </button>
      `;
    }
    return html`
      <form @submit=${(event: Event): void => {
        event.preventDefault();
        if (!this.#isOn) this.#start();
      }}>
        <label>
          <span>Name</span>
          <input
            .value=${this.#name}
            ?disabled=${this.#isOn}
            autocapitalize="none"
            autocomplete="off"
            spellcheck="false"
            maxlength="64"
            required
          />
        </label>
        ${this.#choice("camera")} ${this.#choice("microphone")}
        ${this.#isOn
          ? html`<button type="button" class="button" data-do="stop" @click=${(): void =>
            this.#stop()}>${icon("stop")}Stop</button>`
          : html`<button class="button primary" data-do="start">Start</button>`}
      </form>
    `;
  }

  #stands(): TemplateResult {
    const { label, tone, detail } = publishWords(this.state, performance.now());
    return html`
      <div class="stands">
        <p class="state ${tone}" role="status"><span class="dot"></span>${label}</p>
        <p class="detail">${detail}</p>
        ${this.state.kind === "publishing"
          ? html`<a href=${liveHref(this.#name)} target="_blank" rel="noopener">Watch it</a>`
          : nothing}
      </div>
    `;
  }

  protected override render(): TemplateResult {
    const usable = globalThis.isSecureContext && navigator.mediaDevices !== undefined;
    return html`
      <h1>This device’s camera</h1>
      <p class="lead">Makes the camera of this phone or computer one of the relay’s.</p>
      ${usable
        ? html`
          <video
            ?hidden=${!this.opened}
            .srcObject=${this.#media ?? null}
            autoplay
            muted
            playsinline
            aria-label="Preview"
          ></video>
          ${this.#controls()} ${this.opened ? this.#stands() : nothing}
          ${this.problem === ""
            ? nothing
            : html`<p class="problem" role="alert">${this.problem}</p>`}
        `
        : this.#insecure()}
    `;
  }
}

customElements.define("rill-camera", RillCamera);

declare global {
  interface HTMLElementTagNameMap {
    "rill-camera": RillCamera;
  }
}
