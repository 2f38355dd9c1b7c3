/**
 * What `v4l2-ctl --list-ctrls-menus` prints, read: a camera's controls with their ranges and menus. Pure.
 *
 * @module
 */

import type { CameraControl } from "../../../shared/api.ts";

const CONTROL = /^\s*(\w+)\s+0x([0-9a-f]{8})\s+\((\w+)\)\s*:\s*(.*)$/;
/** Numbers of a menu of numbers stand there in hexadecimal too, which nobody writes. */
const OPTION = /^\t+(\d+): (.*?)(?: \(0x[0-9a-f]+\))?$/;
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
  const number = (key: string): bigint | undefined => {
    const value = new RegExp(`\\b${key}=(-?\\d+)`).exec(rest)?.[1];
    return value === undefined ? undefined : BigInt(value);
  };
  const [value, step, usual] = ["value", "step", "default"].map(number).map(exact);
  const [min, max] = ["min", "max"].map(number).map(nearest);
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

/** What JSON carries to the last digit; `undefined` for what it would round. */
function exact(value: bigint | undefined): number | undefined {
  const number = nearest(value);
  return number !== undefined && BigInt(number) === value ? number : undefined;
}

/** A limit of 64 bits lies beyond what anybody can set here: the last number that JSON carries exactly stands for it. */
function nearest(value: bigint | undefined): number | undefined {
  if (value === undefined) return undefined;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));
}
