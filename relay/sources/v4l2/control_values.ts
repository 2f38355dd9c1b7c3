/**
 * What somebody wants a control to be → what the driver is told: numbers in range, menu entries by their label too. Pure.
 *
 * @module
 */

import type { CameraControl, ControlValue } from "../../../shared/api.ts";
import { SourceError } from "../source.ts";

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
  if (wanted === true || wanted === 1) return 1;
  if (wanted === false || wanted === 0) return 0;
  throw new SourceError(`${name} is true or false, not ${show(wanted)}`);
}

function resolveOption({ name, options = [] }: CameraControl, wanted: ControlValue): number {
  const found = options.find(({ value, label }) =>
    value === wanted || (typeof wanted === "string" && label.toLowerCase() === wanted.toLowerCase())
  );
  if (found) return found.value;
  const labels = options.map(({ label }) => label).join(", ");
  throw new SourceError(`${name} is one of ${labels}, not ${show(wanted)}`);
}

function resolveNumber(control: CameraControl, wanted: ControlValue): number {
  const { name, min = -Infinity, max = Infinity, step = 1 } = control;
  const number = typeof wanted === "number" ? wanted : Number.NaN;
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
