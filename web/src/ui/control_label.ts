/**
 * A control's name as drivers have it → words for people. Pure.
 *
 * @module
 */

/** `white_balance_temperature_auto` → `White balance temperature auto`. */
export function controlLabel(name: string): string {
  const words = name.replaceAll("_", " ").replace(/\bh264\b/g, "H.264").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
