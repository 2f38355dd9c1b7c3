/**
 * A choice among this device's cameras, or its microphones and no sound. Stateless.
 *
 * @module
 */

import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { type Device, NO_SOUND } from "../publisher/capture.ts";

/** What is drawn. */
export interface DeviceChoice {
  readonly what: "camera" | "microphone";
  readonly devices: readonly Device[];
  /** Id of a device, or {@link NO_SOUND}. */
  readonly chosen: string;
  readonly disabled: boolean;
  /** Called with what is chosen instead. */
  chose(id: string): void;
}

/** The label and its list. */
export function deviceChoice(
  { what, devices, chosen, disabled, chose }: DeviceChoice,
): TemplateResult {
  const isListed = chosen === NO_SOUND || devices.some(({ id }) => id === chosen);
  return html`
    <label>
      <span>${what === "camera" ? "Camera" : "Microphone"}</span>
      <select
        ?disabled=${disabled}
        @change=${(event: Event): void => chose((event.currentTarget as HTMLSelectElement).value)}
      >
        ${isListed ? nothing : html`<option value="" selected>As the browser chooses</option>`}
        ${devices.map(({ id, label }) =>
          html`<option value=${id} .selected=${live(id === chosen)}>${label}</option>`
        )}
        ${what === "camera"
          ? nothing
          : html`<option value=${NO_SOUND} .selected=${
            live(chosen === NO_SOUND)
          }>No sound</option>`}
      </select>
    </label>
  `;
}
