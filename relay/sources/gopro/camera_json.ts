/**
 * What cameras say in JSON, read field by field: nothing in it is believed to be there.
 *
 * @module
 */

/** The fields of an object. */
export type Fields = Readonly<Record<string, unknown>>;

/** An answer as an object; `undefined` when it is none: damaged input, not our fault. */
export function parseObject(bytes: Uint8Array): Fields | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object under `key`. */
export function objectIn(fields: Fields | undefined, key: string): Fields | undefined {
  const value = fields?.[key];
  return isObject(value) ? value : undefined;
}

/** Longer text than any camera's name or path is none: it would stand in logs and in every answer. */
const MAX_TEXT_CHARS = 256;

/** The text under `key`, if it is some. */
export function textIn(fields: Fields | undefined, key: string): string | undefined {
  const value = fields?.[key];
  return typeof value === "string" && value !== "" && value.length <= MAX_TEXT_CHARS
    ? value
    : undefined;
}

/** The number under `key`. */
export function numberIn(fields: Fields | undefined, key: string): number | undefined {
  const value = fields?.[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
