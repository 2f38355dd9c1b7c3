/**
 * The player's keys: which one does what, and when a key is meant for something else. Pure.
 *
 * @module
 */

/** What a key can ask of the player. */
export type ShortcutAction = "play" | "mute" | "fullscreen" | "statistics" | "help";

/** One line of the help. */
export interface Shortcut {
  /** As `KeyboardEvent.key` gives them, lower case. */
  readonly keys: readonly string[];
  /** As the help writes them. */
  readonly written: readonly string[];
  readonly action: ShortcutAction;
  readonly meaning: string;
}

/** All keys, in the order of the help. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: [" ", "k"], written: ["Space", "K"], action: "play", meaning: "Play or stop" },
  { keys: ["m"], written: ["M"], action: "mute", meaning: "Sound on or off" },
  { keys: ["f"], written: ["F"], action: "fullscreen", meaning: "Full screen" },
  { keys: ["i"], written: ["I"], action: "statistics", meaning: "Statistics" },
  { keys: ["?"], written: ["?"], action: "help", meaning: "This help" },
];

/** The part of a `KeyboardEvent` that decides. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly defaultPrevented: boolean;
}

/** The innermost element with the focus: its tag name, lower case, and whether letters are its own. */
export interface KeyTarget {
  readonly tag: string;
  readonly editable: boolean;
}

/** Elements that take the space bar for themselves. */
const PRESSED_BY_SPACE: readonly string[] = ["button", "a", "summary", "input", "select"];

/** What `press` on `target` asks for; `undefined` when it is not the player's. */
export function actionOf(press: KeyPress, target: KeyTarget): ShortcutAction | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey || press.defaultPrevented) return undefined;
  if (target.editable) return undefined;
  if (press.key === " " && PRESSED_BY_SPACE.includes(target.tag)) return undefined;
  const key = press.key.toLowerCase();
  return SHORTCUTS.find((shortcut) => shortcut.keys.includes(key))?.action;
}
