/**
 * What `v4l2-ctl --list-ctrls-menus` prints, read: a camera's controls with their ranges and menus. Pure.
 *
 * @module
 */

import type { CameraControl } from "../../../shared/api.ts";

const CONTROL = /^\s*(\w+)\s+0x([0-9a-f]{8})\s+\((\w+)\)\s*:\s*(.*)$/;
const OPTION = /^\t+(\d+): (.*)$/;
const KINDS: Readonly<Record<string, CameraControl["kind"]>> = {
  int: "integer",
  int64: "integer",
  bool: "boolean",
  menu: "menu",
  intmenu: "menu",
  button: "button",
};

/** Reads the list; controls of kinds that nobody sets by hand (arrays, text, bit masks) are left out. */
export function parseControls(text: string): CameraControl[] {
  const controls: CameraControl[] = [];
  let open: { value: number; label: string }[] | undefined;
  for (const line of text.split("\n")) {
    const option = OPTION.exec(line);
    if (option) {
      open?.push({ value: Number(option[1]), label: (option[2] ?? "").trim() });
      continue;
    }
    const match = CONTROL.exec(line);
    if (!match) continue;
    const [, name = "", , type = "", rest = ""] = match;
    const kind = KINDS[type];
    open = kind === "menu" ? [] : undefined;
    if (!kind || /\bread-only\b/.test(rest)) continue;
    const control = controlOf({ name, kind, rest });
    controls.push(open ? { ...control, options: open } : control);
  }
  return controls;
}

function controlOf(
  { name, kind, rest }: {
    readonly name: string;
    readonly kind: CameraControl["kind"];
    readonly rest: string;
  },
): CameraControl {
  const number = (key: string): number | undefined => {
    const value = new RegExp(`\\b${key}=(-?\\d+)`).exec(rest)?.[1];
    return value === undefined ? undefined : Number(value);
  };
  const [value, min, max, step, usual] = ["value", "min", "max", "step", "default"].map(number);
  return {
    name,
    kind,
    ...(value === undefined || kind === "button" ? {} : { value }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(step === undefined ? {} : { step }),
    ...(usual === undefined ? {} : { default: usual }),
    ...(/\binactive\b|\bgrabbed\b/.test(rest) ? { inactive: true } : {}),
  };
}
