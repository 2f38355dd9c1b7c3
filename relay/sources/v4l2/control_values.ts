/**
 * What somebody wants a control to be → what the driver is told: numbers in range, menu entries by their label too. Pure.
 *
 * @module
 */

import type { CameraControl, ControlValue } from "../../../shared/api.ts";
import type { Meaning } from "../explain.ts";
import { SourceError } from "../source.ts";

/**
 * What the driver is told, by one call after the other: modes and switches first, for a camera refuses what it sets itself
 * until it is told not to.
 * @throws {SourceError} as {@link resolveControl}, before anything is told.
 */
export function settingsOf(
  controls: readonly CameraControl[],
  values: Readonly<Record<string, ControlValue>>,
): string[] {
  const first: string[] = [];
  const then: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const setting = `${name}=${resolveControl(controls, name, value)}`;
    const kind = controls.find((known) => known.name === name)?.kind;
    (kind === "menu" || kind === "boolean" ? first : then).push(setting);
  }
  return [first, then].filter((each) => each.length > 0).map((each) => each.join(","));
}

/** What it means that the driver refuses settings: by the same words it says other things of the camera. */
export function refusalsOf(settings: string): readonly Meaning[] {
  const shown = settings.replaceAll(",", ", ");
  return [
    [
      /S_(EXT_)?CTRLS?: failed: .*busy/i,
      `the camera does not take ${shown} while it is on: write it under controls in the configuration`,
    ],
    [
      /S_(EXT_)?CTRLS?: failed: (Permission denied|Input\/output error|Invalid argument|Numerical result)/i,
      `the camera does not take ${shown} now: what it sets by itself is set when that is switched off, for example by ` +
      "auto_exposure, focus_automatic_continuous or white_balance_automatic",
    ],
  ];
}

/**
 * The number a control is set to.
 * @throws {SourceError} with a sentence that says what it takes.
 */
export function resolveControl(
  controls: readonly CameraControl[],
  name: string,
  wanted: ControlValue,
): number {
  const control = controls.find((known) => known.name === name);
  if (!control) {
    const names = controls.map((known) => known.name).join(", ");
    throw new SourceError(`this camera has no control ${name.slice(0, 64)}; it has ${names}`);
  }
  switch (control.kind) {
    case "button":
      return 1;
    case "boolean":
      return resolveSwitch(control, wanted);
    case "menu":
      return resolveOption(control, wanted);
    case "integer":
      return resolveNumber(control, wanted);
  }
}

function resolveSwitch({ name }: CameraControl, wanted: ControlValue): number {
  if (wanted === true || wanted === 1 || wanted === "true") return 1;
  if (wanted === false || wanted === 0 || wanted === "false") return 0;
  throw new SourceError(`${name} is true or false, not ${show(wanted)}`);
}

function resolveOption({ name, options = [] }: CameraControl, wanted: ControlValue): number {
  const words = String(wanted).toLowerCase();
  const found = options.find(({ value }) => value === wanted) ??
    options.find(({ label }) => label.toLowerCase() === words);
  if (found) return found.value;
  const labels = options.map(({ label }) => label).join(", ");
  throw new SourceError(`${name} is one of ${labels}, not ${show(wanted)}`);
}

function resolveNumber(control: CameraControl, wanted: ControlValue): number {
  const { name, min = -Infinity, max = Infinity, step = 1 } = control;
  // A variable of the configuration is a text, whatever stands in it.
  const isWritten = typeof wanted === "string" && /^-?\d{1,19}$/.test(wanted);
  const number = typeof wanted === "number" || isWritten ? Number(wanted) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < min || number > max) {
    throw new SourceError(`${name} is a whole number from ${min} to ${max}, not ${show(wanted)}`);
  }
  if (!Number.isFinite(min) || step <= 1) return number;
  // Drivers round in ways of their own; what is asked for is a step they have. Of 64 bits, too, to the last digit.
  const [by, first] = [BigInt(step), BigInt(min)];
  const found = first + ((BigInt(number) - first + by / 2n) / by) * by;
  return Number(found > max ? found - by : found);
}

function show(value: ControlValue): string {
  return typeof value === "string" ? `"${value.slice(0, 64)}"` : String(value);
}
