/**
 * The bar of `<rill-player>`: only what this browser and this stream can do. A template; the element
 * acts.
 *
 * @module
 */

import { html, nothing, type TemplateResult } from "lit";
import { icon, type IconName } from "./icons.ts";
import type { ShortcutAction } from "./shortcuts.ts";

/** What the bar shows. */
export interface ControlsModel {
  readonly started: boolean;
  readonly hasSound: boolean;
  readonly muted: boolean;
  /** 0 to 1; undefined where a page may not set it. */
  readonly volume: number | undefined;
  readonly fullscreen: "none" | "off" | "on";
  readonly pictureInPicture: "none" | "off" | "on";
  readonly statistics: boolean;
}

/** What the bar asks for. */
export interface ControlsActions {
  run(action: ShortcutAction | "picture-in-picture"): void;
  setVolume(volume: number): void;
}

interface ButtonModel {
  readonly drawing: IconName;
  readonly label: string;
  /** The key that does the same. */
  readonly key?: string;
  readonly pressed?: boolean;
  readonly caption?: string;
  readonly part?: string;
}

function button(model: ButtonModel, act: () => void): TemplateResult {
  const { drawing, label, key, pressed, caption, part } = model;
  return html`
    <button
      class="control ${part ?? ""}"
      aria-label=${label}
      aria-keyshortcuts=${key ?? nothing}
      aria-pressed=${pressed === undefined ? nothing : String(pressed)}
      title=${key ? `${label} (${key})` : label}
      @click=${act}
    >
      ${icon(drawing)}${caption ? html`<span class="caption">${caption}</span>` : nothing}
    </button>
  `;
}

function sound(model: ControlsModel, actions: ControlsActions): TemplateResult | typeof nothing {
  if (!model.hasSound) return nothing;
  const silent = model.muted || model.volume === 0;
  return html`
    <div class="sound">
      ${button({
        drawing: silent ? "soundOff" : "soundOn",
        label: silent ? "Unmute" : "Mute",
        key: "M",
        ...(silent ? { caption: "Unmute" } : {}),
      }, () => actions.run("mute"))} ${model.volume === undefined ? nothing : html`
        <input
          type="range"
          aria-label="Volume"
          min="0"
          max="100"
          step="5"
          .value=${String(silent ? 0 : Math.round(model.volume * 100))}
          style="--level:${silent ? 0 : Math.round(model.volume * 100)}%"
          @input=${(event: InputEvent): void =>
            actions.setVolume((event.currentTarget as HTMLInputElement).valueAsNumber / 100)}
        >
      `}
    </div>
  `;
}

/** The bar for `model`. */
export function controlsTemplate(model: ControlsModel, actions: ControlsActions): TemplateResult {
  return html`
    ${model.started
      ? button({ drawing: "stop", label: "Stop", key: "K" }, () => actions.run("play"))
      : button({ drawing: "play", label: "Play", key: "K" }, () => actions.run("play"))} ${sound(
        model,
        actions,
      )}
    <span class="gap"></span>
    ${button(
      { drawing: "help", label: "Keys", key: "?", part: "keyed" },
      () => actions.run("help"),
    )} ${button({
      drawing: "statistics",
      label: "Statistics",
      key: "I",
      pressed: model.statistics,
    }, () => actions.run("statistics"))} ${model.pictureInPicture === "none" ? nothing : button({
      drawing: "pictureInPicture",
      label: "Picture in picture",
      pressed: model.pictureInPicture === "on",
    }, () => actions.run("picture-in-picture"))} ${model.fullscreen === "none" ? nothing : button({
      drawing: model.fullscreen === "on" ? "fullscreenExit" : "fullscreen",
      label: model.fullscreen === "on" ? "Leave full screen" : "Full screen",
      key: "F",
    }, () => actions.run("fullscreen"))}
  `;
}
