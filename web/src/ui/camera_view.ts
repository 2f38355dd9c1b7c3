/**
 * `<rill-camera>`: this device's camera as one of the relay's: preview, a name, start and stop, and how it stands. On a
 * page that came over http it says what is missing and where to get it.
 *
 * @module
 */

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { capture, CaptureError, type Device, listDevices, NO_SOUND } from "../publisher/capture.ts";
import { Publishing, type PublishState } from "../publisher/publishing.ts";
import { mayPublish } from "../publisher/whip_client.ts";
import { barredNote, insecureNote, withoutWebRtcNote } from "./camera_notes.ts";
import { cameraForm, otherDevices } from "./camera_form.ts";
import { cameraStands } from "./camera_stands.ts";
import { cameraViewStyles } from "./camera_view_styles.ts";
import { keep, kept } from "./kept.ts";
import { isStreamName, whipHref } from "./router.ts";
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
    asking: { state: true },
    barred: { state: true },
  };
  declare protected state: PublishState;
  declare protected problem: string;
  declare protected cameras: readonly Device[];
  declare protected microphones: readonly Device[];
  /** The preview runs. */
  declare protected opened: boolean;
  /** The browser is asked for the devices, and may ask its user. */
  declare protected asking: boolean;
  /** The relay lets nobody publish, so that no camera is asked for in vain. */
  declare protected barred: boolean;

  #media: MediaStream | undefined;
  #publishing: Publishing | undefined;
  #wakeLock = new WakeLock();
  #clock: number | undefined;
  #detach: AbortController | undefined;
  /** As it stands in its field. */
  #name = kept(NAME_KEY) ?? "phone";
  /** What was last published under, or tried to. */
  #tried = "";
  /** Times that the devices were asked for: the last counts. */
  #asked = 0;
  #camera = "";
  #microphone = "";
  /** They did not open, or are gone: others are offered. */
  #failed = false;

  static override styles = [sharedStyles, stateStyles, cameraViewStyles];

  constructor() {
    super();
    this.state = { kind: "idle" };
    this.problem = "";
    this.cameras = [];
    this.microphones = [];
    this.opened = false;
    this.asking = false;
    this.barred = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#clock = setInterval(() => this.requestUpdate(), DRAW_MS);
    this.#detach = new AbortController();
    const { signal } = this.#detach;
    globalThis.addEventListener("pagehide", () => this.#stop(), { signal });
    // What is plugged in can be chosen at once. Pages that came over http have no such list.
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.#list(), { signal });
    void this.#askLeave(signal);
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

  async #askLeave(signal: AbortSignal): Promise<void> {
    this.barred = !(await mayPublish(publishUrl(this.#name), signal));
  }

  /** Opens the devices that are chosen; what stands in the form stays meanwhile. */
  async #open(): Promise<void> {
    const asked = ++this.#asked;
    const isFirst = !this.opened;
    this.#letGo();
    this.problem = "";
    this.asking = true;
    try {
      const media = await capture({ camera: this.#camera, microphone: this.#microphone });
      const wanted = this.isConnected && asked === this.#asked;
      if (!wanted) return media.getTracks().forEach((track) => track.stop());
      this.#media = media;
      const [picture] = media.getVideoTracks();
      picture?.addEventListener("ended", () => this.#gone(media));
      this.#camera = picture?.getSettings().deviceId ?? this.#camera;
      if (this.#microphone !== NO_SOUND) {
        this.#microphone = media.getAudioTracks()[0]?.getSettings().deviceId ?? NO_SOUND;
      }
      await this.#list();
      this.opened = true;
      this.#failed = false;
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      if (asked !== this.#asked) return;
      this.opened = false;
      this.problem = error.message;
      this.#failed = true;
      await this.#list();
    } finally {
      if (asked === this.#asked) this.asking = false;
    }
    if (isFirst) await this.#focusButton();
  }

  async #list(): Promise<void> {
    ({ cameras: this.cameras, microphones: this.microphones } = await listDevices());
  }

  /** The device took its camera away: unplugged, or given to another program. */
  #gone(media: MediaStream): void {
    if (media !== this.#media) return;
    this.#stop();
    this.#close();
    this.#failed = true;
    this.problem = "The camera stopped: it was unplugged, or another program took it.";
  }

  #close(): void {
    this.#letGo();
    this.opened = false;
  }

  #letGo(): void {
    this.#media?.getTracks().forEach((track) => track.stop());
    this.#media = undefined;
  }

  #start(replaces: boolean): void {
    const media = this.#media;
    if (!media) return;
    this.state = { kind: "idle" };
    const name = this.#field.value.trim();
    const isSame = name === this.#tried;
    this.#name = name;
    this.#tried = name;
    if (!isStreamName(name)) {
      this.problem =
        "A name has letters, digits, dots, hyphens and underscores, and begins with a letter or digit.";
      this.#field.focus();
      return;
    }
    keep(NAME_KEY, name);
    this.problem = "";
    this.#wakeLock.wanted = true;
    this.#publishing = new Publishing({
      media,
      replaces: replaces && isSame, // whose place was offered
      url: publishUrl(name),
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

  /** Gives the keyboard to the button that comes next: the one that was pressed is gone, or was out of use. */
  async #focusButton(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>("form .button, [data-do=open]")?.focus();
  }

  #takePlace(): void {
    this.#start(true);
    void this.#focusButton();
  }

  #controls(): TemplateResult {
    const devices = {
      camera: { devices: this.cameras, chosen: this.#camera },
      microphone: { devices: this.microphones, chosen: this.#microphone },
      chose: (what: "camera" | "microphone", id: string): void => {
        if (what === "camera") this.#camera = id;
        else this.#microphone = id;
        void this.#open();
      },
    };
    if (!this.opened) {
      return html`
        ${this.#failed ? otherDevices(devices) : nothing}
        <button
          class="button primary"
          data-do="open"
          ?disabled=${this.asking}
          @click=${(): void => void this.#open()}
        >
          Open the camera
        </button>
        <p class="detail" role="status">
          ${this.asking ? "The browser asks whether this page may use the camera: allow it." : ""}
        </p>
      `;
    }
    return cameraForm({
      ...devices,
      name: this.#name,
      isOn: this.#isOn,
      named: (name) => this.#name = name,
      start: () => this.#start(false),
      stop: () => this.#stop(),
    });
  }

  #usable(): TemplateResult {
    return html`
      <video
        ?hidden=${!this.opened}
        .srcObject=${live(this.#media ?? null)}
        autoplay
        muted
        playsinline
        aria-label="Preview"
      ></video>
      ${this.#controls()} ${this.opened
        ? cameraStands({
          ...{ state: this.state, name: this.#tried, now: performance.now() },
          isPaused: this.#media?.getVideoTracks()[0]?.muted === true,
          takePlace: () => this.#takePlace(),
        })
        : nothing}
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
    `;
  }

  #body(): TemplateResult {
    if (!globalThis.isSecureContext || navigator.mediaDevices === undefined) {
      return insecureNote();
    }
    if (!("RTCPeerConnection" in globalThis)) return withoutWebRtcNote();
    return this.barred && !this.opened ? barredNote() : this.#usable();
  }

  protected override render(): TemplateResult {
    return html`
      <h1>This device’s camera</h1>
      <p class="lead">Makes the camera of this phone or computer one of the relay’s.</p>
      ${this.#body()}
    `;
  }
}

/** Where the relay takes a stream of that name. */
function publishUrl(name: string): string {
  return new URL(whipHref(name), document.baseURI).href;
}

customElements.define("rill-camera", RillCamera);

declare global {
  interface HTMLElementTagNameMap {
    "rill-camera": RillCamera;
  }
}
