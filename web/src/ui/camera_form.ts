/**
 * What is chosen before this device's camera is published: its name, its devices, and the button that begins and ends it.
 * Stateless.
 *
 * @module
 */

import { html, nothing, type TemplateResult } from "lit";
import type { Device } from "../publisher/capture.ts";
import { deviceChoice } from "./device_choice.ts";
import { icon } from "./icons.ts";

/** Devices of one kind. */
export interface Devices {
  readonly devices: readonly Device[];
  readonly chosen: string;
}

/** What can be chosen. */
export interface DeviceForm {
  readonly camera: Devices;
  readonly microphone: Devices;
  chose(what: "camera" | "microphone", id: string): void;
}

/** What is drawn. */
export interface CameraForm extends DeviceForm {
  readonly name: string;
  /** It is published: nothing can be chosen, and the button ends it. */
  readonly isOn: boolean;
  /** Called with what stands in the name's field. */
  named(name: string): void;
  start(): void;
  stop(): void;
}

/** The form. */
export function cameraForm(form: CameraForm): TemplateResult {
  const { name, isOn } = form;
  return html`
    <form @submit=${(event: Event): void => {
      event.preventDefault();
      if (!isOn) form.start();
    }}>
      <label>
        <span>Name</span>
        <input
          .value=${name}
          @input=${(event: Event): void => {
            form.named((event.currentTarget as HTMLInputElement).value);
          }}
          ?disabled=${isOn}
          autocapitalize="none"
          autocomplete="off"
          spellcheck="false"
          maxlength="64"
          required
        />
      </label>
      ${choices(form, isOn)} ${button(form)}
    </form>
  `;
}

/** The devices alone: what was chosen did not open, and something else may. */
export function otherDevices(form: DeviceForm): TemplateResult {
  return html`<div class="choices">${choices(form, false)}</div>`;
}

function choices(form: DeviceForm, disabled: boolean): TemplateResult[] {
  // Among no cameras there is no choice; sound can always be left out.
  const whats = ["camera", "microphone"] as const;
  return whats.filter((what) => what === "microphone" || form.camera.devices.length > 0)
    .map((what) =>
      deviceChoice({ what, ...form[what], disabled, chose: (id) => form.chose(what, id) })
    );
}

/** One button, so that the keyboard's focus stays on it. */
function button({ isOn, stop }: CameraForm): TemplateResult {
  return html`
    <button
      class="button ${isOn ? "" : "primary"}"
      type=${isOn ? "button" : "submit"}
      data-do=${isOn ? "stop" : "start"}
      @click=${(event: Event): void => {
        if (!isOn) return;
        event.preventDefault(); // drawn anew meanwhile, it would submit the form
        stop();
      }}
    >
      ${isOn ? icon("stop") : nothing}${isOn ? "Stop" : "Start"}
    </button>
  `;
}
