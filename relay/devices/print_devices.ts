/**
 * Cameras and microphones as a person reads them at a terminal. Pure.
 *
 * @module
 */

import type { CameraControl, DeviceList, FoundCamera } from "../../shared/api.ts";

/** A list, with what to write for each. */
export function printDevices({ cameras, microphones, notes }: DeviceList): string {
  const lines = cameras.length === 0
    ? ["No camera was found on this machine."]
    : cameras.flatMap(printCamera);
  if (microphones.length > 0) {
    lines.push("", "Microphones");
    for (const { source, name } of microphones) lines.push(`  ${source}   ${name}`);
  }
  for (const note of notes) lines.push("", `(${note})`);
  return `${lines.join("\n")}\n`;
}

function printCamera({ source, name, modes, controls }: FoundCamera): string[] {
  const formats = [...new Set(modes.map(({ format }) => format))];
  return [
    `${source}   ${name}`,
    ...formats.map((format) => {
      const sizes = modes.filter((mode) => mode.format === format).map(({ width, height, rates }) =>
        rates[0] === undefined
          ? `${width}x${height}`
          : `${width}x${height} to ${Math.round(rates[0])} fps`
      );
      return `  ${format}: ${sizes.join(", ")}`;
    }),
    ...controls.map((control) => `  ${printControl(control)}`),
    "",
  ];
}

function printControl({ name, kind, value, min, max, options }: CameraControl): string {
  switch (kind) {
    case "button":
      return `${name} (does something when set)`;
    case "boolean":
      return `${name} = ${value === 1}`;
    case "menu":
      return `${name} = ${options?.find((option) => option.value === value)?.label ?? value}   of ${
        options?.map(({ label }) => label).join(", ")
      }`;
    case "integer":
      // A value of 64 bits that could not be told exactly is not told.
      return `${name}${value === undefined ? "" : ` = ${value}`}   from ${min} to ${max}`;
  }
}
