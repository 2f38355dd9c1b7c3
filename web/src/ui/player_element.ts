/**
 * `<rill-player>`: a camera's live picture with everything a viewer needs around it. Attributes as API:
 * `src` (the stream's page, `…/live/name`), `muted`, `controls`, `transport`. What is received and when
 * it is shown is the affair of `Player`; here it is drawn and operated.
 *
 * @module
 */

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { isPictureInPicture } from "../player/out_of_page.ts";
import { Player } from "../player/player.ts";
import type { PlayerState, PlayerStats } from "../player/player_types.ts";
import { Activity } from "./activity.ts";
import { Announcer } from "./announcer.ts";
import { ripples, runningStyles } from "./brand.ts";
import { controlsTemplate } from "./player_controls.ts";
import { badgeTemplate, helpTemplate, noticeTemplate } from "./player_parts.ts";
import { playerBarStyles } from "./player_bar_styles.ts";
import { playerOverlayStyles } from "./player_overlay_styles.ts";
import { playerStyles } from "./player_styles.ts";
import {
  announcementFor,
  badgeFor,
  isStale,
  type NoticeCommand,
  noticeFor,
} from "./player_words.ts";
import {
  canFullscreen,
  canPictureInPicture,
  canSetVolume,
  isFullscreen,
  toggleFullscreen,
  togglePictureInPicture,
} from "./presentation.ts";
import { sharedStyles } from "./shared_styles.ts";
import { actionOf, type ShortcutAction } from "./shortcuts.ts";
import { keepSound } from "./sound_preference.ts";
import { addressOf, streamNameOf } from "./stream_address.ts";
import { WakeLock } from "./wake_lock.ts";
import "./stats_panel.ts";

const TOAST_MS = 3000;

/** Answers for an element that has no stream yet; it is never started. */
const idlePlayer = new Player(document.createElement("video"), { url: "" });

/** Plays as soon as it is in a page and has a `src`. */
export class RillPlayer extends LitElement {
  static override properties = {
    src: { type: String },
    muted: { type: Boolean },
    controls: { type: Boolean },
    transport: { type: String },
    statistics: { state: true },
    toast: { state: true },
  };
  /** Address of the stream's page, relative to the document or absolute. */
  declare src: string;
  /** Whether sound is off; follows what the browser demands. */
  declare muted: boolean;
  /** Whether there is a bar to operate it with. */
  declare controls: boolean;
  /** Name of the one transport to use; empty: any that works. */
  declare transport: string;
  declare protected statistics: boolean;
  declare protected toast: string;

  static override styles = [
    sharedStyles,
    runningStyles,
    playerOverlayStyles,
    playerBarStyles,
    playerStyles,
  ];

  #player: Player | undefined;
  #unsubscribe: (() => void) | undefined;
  #activity = new Activity(this);
  #announcer = new Announcer(this);
  #wakeLock = new WakeLock();
  #settableVolume = canSetVolume();
  #detach: AbortController | undefined;
  #toastTimer: number | undefined;
  /** What has the focus while the next drawing is made. */
  #focused: Element | null = null;

  constructor() {
    super();
    this.src = "";
    this.muted = false;
    this.controls = false;
    this.transport = "";
    this.statistics = false;
    this.toast = "";
  }

  /** What the viewer sees, and why. */
  get state(): PlayerState {
    return (this.#player ?? idlePlayer).state;
  }

  /** The figures of this moment. */
  get stats(): PlayerStats {
    return (this.#player ?? idlePlayer).stats;
  }

  /** Connects and plays; to be called from a tap or key if the browser wants one. */
  play(): void {
    if (this.#player === undefined) this.#open();
    else if (this.state.kind === "idle") this.#player.start();
    else this.#player.userGesture();
  }

  /** Lets go of stream and decoder. */
  stop(): void {
    this.#player?.stop();
  }

  /** Does what the key means, unless it is meant for what has the focus; for pages that own one player. */
  handleKey(event: KeyboardEvent): void {
    const target = event.composedPath()[0];
    if (!(target instanceof HTMLElement)) return;
    const action = actionOf(event, {
      tag: target.localName,
      editable: target.isContentEditable || target.matches("textarea, select, input[type=text]"),
    });
    if (action === undefined || this.#help?.open) return;
    event.preventDefault();
    if (event.repeat) return; // a key that is held asks once
    this.#activity.wake();
    this.#run(action);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#detach = new AbortController();
    const { signal } = this.#detach;
    this.addEventListener("keydown", (event) => this.handleKey(event), { signal });
    this.addEventListener("focusin", () => this.#activity.wake(), { signal });
    document.addEventListener("fullscreenchange", () => this.requestUpdate(), { signal });
    if (this.hasUpdated) this.#open();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#detach?.abort();
    clearTimeout(this.#toastTimer);
    this.#close();
  }

  protected override willUpdate(): void {
    this.#focused = this.shadowRoot?.activeElement ?? null;
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.#keepFocus();
    if (changed.has("muted")) this.#video.muted = this.muted;
    if (changed.has("src") || changed.has("transport")) this.#open();
  }

  get #video(): HTMLVideoElement {
    const video = this.renderRoot.querySelector("video");
    if (!video) throw new Error("<rill-player> was used before it was drawn.");
    return video;
  }

  get #help(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  #open(): void {
    this.#close();
    if (this.src === "") return;
    this.#player = new Player(this.#video, {
      url: addressOf(this.src, document.baseURI),
      ...(this.transport ? { transport: this.transport } : {}),
    });
    this.#unsubscribe = this.#player.subscribe(() => this.#changed());
    this.#player.start();
    this.#activity.wake();
  }

  #close(): void {
    this.#unsubscribe?.();
    this.#player?.stop();
    this.#player = undefined;
    this.#wakeLock.wanted = false;
  }

  #changed(): void {
    const { state } = this;
    this.#wakeLock.wanted = state.kind === "playing" || state.kind === "buffering";
    this.#announcer.say(announcementFor(state));
    this.requestUpdate();
  }

  #tell(text: string): void {
    this.toast = text;
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => this.toast = "", TOAST_MS);
  }

  #command(command: NoticeCommand): void {
    if (command === "retry" && this.state.kind === "failed") this.stop();
    this.play();
  }

  #run(action: ShortcutAction | "picture-in-picture"): void {
    switch (action) {
      case "play":
        return this.#started ? this.stop() : this.play();
      case "mute":
        return this.#toggleSound();
      case "statistics":
        this.statistics = !this.statistics;
        return;
      case "help":
        return this.#help?.showModal();
      case "fullscreen":
        if (!canFullscreen(this.#video)) return;
        return void this.#present(toggleFullscreen(this, this.#video), "full screen");
      case "picture-in-picture":
        return void this.#present(togglePictureInPicture(this.#video), "picture in picture");
    }
  }

  async #present(change: Promise<void>, name: string): Promise<void> {
    try {
      await change;
    } catch (error) {
      if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
      this.#tell(`The browser refused ${name}.`);
    }
    this.requestUpdate();
  }

  #toggleSound(): void {
    const video = this.#video;
    const on = video.muted || video.volume === 0;
    video.muted = !on;
    if (on && video.volume === 0) video.volume = 1;
    this.#player?.userGesture();
    keepSound(on);
  }

  #setVolume(volume: number): void {
    const video = this.#video;
    video.volume = volume;
    video.muted = volume === 0;
    keepSound(volume > 0);
  }

  #soundChanged(): void {
    // Taken away by the browser or given by a headset's key, it is to be seen, and to be undone.
    if (this.muted !== this.#video.muted) this.#activity.wake();
    this.muted = this.#video.muted;
    this.requestUpdate();
  }

  get #started(): boolean {
    return !["idle", "paused", "blocked"].includes(this.state.kind);
  }

  /** The keyboard goes on at the bar when what it was at is gone: a notice's button, the statistics. */
  #keepFocus(): void {
    if (this.#focused === null || this.#focused.isConnected) return;
    const key = this.#focused.localName === "rill-stats" ? "I" : "K";
    const control = this.renderRoot.querySelector<HTMLElement>(`[aria-keyshortcuts=${key}]`);
    control?.focus({ preventScroll: true });
  }

  protected override render(): TemplateResult {
    const { state, stats } = this;
    const nowMs = performance.now();
    const notice = noticeFor(state, { nowMs, lastPictureAt: stats.lastPictureAt });
    const hasPicture = stats.lastPictureAt !== null && state.kind !== "idle";
    const held = !this.#activity.present &&
      this.renderRoot.querySelector(".bar :focus-visible") !== null;
    const quiet = !this.#activity.present && !held && state.kind === "playing";
    const name = streamNameOf(this.src);
    return html`
      <section aria-label=${name ? `Player: ${name}` : "Player"}>
        <div
          class="stage ${isStale(state.kind) ? "stale" : ""} ${quiet ? "quiet" : ""}"
          style=${stats.width && stats.height ? `--aspect:${stats.width}/${stats.height}` : ""}
          @pointermove=${(event: PointerEvent): void => this.#activity.moved(event)}
          @pointerleave=${(event: PointerEvent): void => this.#activity.left(event)}
        >
          ${hasPicture ? nothing : ripples(name)}
          <video
            playsinline
            disableremoteplayback
            aria-label=${name ? `Live picture of ${name}` : "Live picture"}
            ?hidden=${state.kind === "idle"}
            @pointerdown=${(event: PointerEvent): void => this.#activity.pressed(event)}
            @click=${(): void => this.#activity.clicked()}
            @dblclick=${(): void => this.#run("fullscreen")}
            @volumechange=${this.#soundChanged}
            @enterpictureinpicture=${(): void => this.requestUpdate()}
            @leavepictureinpicture=${(): void => this.requestUpdate()}
          ></video>
          ${noticeTemplate(notice, (command) => this.#command(command))} ${badgeTemplate(
            badgeFor(stats, nowMs),
          )} ${this.controls
            ? html`<div class="bar">${this.#controls(stats)}</div>`
            : nothing} ${this
              .toast
            ? html`<p class="toast" role="status">${this.toast}</p>`
            : nothing}
        </div>
        ${this.statistics
          ? html`
            <rill-stats
              .read=${(): PlayerStats => this.stats}
              @close=${(): void => this.#run("statistics")}
            ></rill-stats>
          `
          : nothing}
        <p class="unseen" role="status">${this.#announcer.text}</p>
        ${helpTemplate()}
      </section>
    `;
  }

  #controls(stats: PlayerStats): TemplateResult {
    const video = this.renderRoot.querySelector("video");
    const inPicture = video !== null && isPictureInPicture(video);
    const canLeave = video !== null && stats.width > 0 && canPictureInPicture(video);
    return controlsTemplate({
      started: this.#started,
      hasSound: stats.hasAudio,
      muted: this.muted,
      volume: this.#settableVolume ? video?.volume ?? 1 : undefined,
      fullscreen: video === null || !canFullscreen(video)
        ? "none"
        : isFullscreen(this)
        ? "on"
        : "off",
      pictureInPicture: inPicture ? "on" : canLeave ? "off" : "none",
      statistics: this.statistics,
    }, {
      run: (action) => this.#run(action),
      setVolume: (volume) => this.#setVolume(volume),
    });
  }
}

// A page with cameras of two relays loads this from both: the first one serves.
if (!customElements.get("rill-player")) customElements.define("rill-player", RillPlayer);

declare global {
  interface HTMLElementTagNameMap {
    "rill-player": RillPlayer;
  }
}
