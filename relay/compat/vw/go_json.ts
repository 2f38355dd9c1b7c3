/**
 * JSON as Go's `encoding/json` reads and writes it, as far as vw's rules need: keys in any case, `null` for what is not
 * there, and its sentences for what does not fit.
 *
 * @module
 */

/** The text is not what was expected; `message` is Go's sentence. */
export class GoJsonError extends Error {
  override readonly name = "GoJsonError";
}

/** An object whose fields are read one by one. */
export interface GoObject {
  /** A text; empty where it is missing or null. @throws {GoJsonError} */
  text(field: string): string;
  /** Texts; `null` where they are missing or null. @throws {GoJsonError} */
  texts(field: string): readonly string[] | null;
  /** Whatever it is. */
  value(field: string): unknown;
}

/**
 * Reads an object.
 * @param type its name in vw, for sentences: `agg.Rule`.
 * @throws {GoJsonError}
 */
export function readGoObject(text: string, type: string): GoObject {
  return goObject(parse(text), type);
}

/** Reads a value as an object. @throws {GoJsonError} */
export function goObject(value: unknown, type: string): GoObject {
  if (value !== null && (typeof value !== "object" || Array.isArray(value))) {
    throw new GoJsonError(
      `json: cannot unmarshal ${kindOf(value)} into Go value of type ${type}`,
    );
  }
  const fields = new Map<string, unknown>();
  for (const [name, field] of Object.entries(value ?? {})) fields.set(name.toLowerCase(), field);
  const struct = type.split(".").at(-1) ?? type;
  const mismatch = (found: unknown, field: string, wanted: string): GoJsonError =>
    new GoJsonError(
      `json: cannot unmarshal ${
        kindOf(found)
      } into Go struct field ${struct}.${field} of type ${wanted}`,
    );
  return {
    text(field): string {
      const found = fields.get(field) ?? "";
      if (typeof found !== "string") throw mismatch(found, field, "string");
      return found;
    },
    texts(field): readonly string[] | null {
      const found = fields.get(field) ?? null;
      if (found === null) return null;
      if (!Array.isArray(found)) throw mismatch(found, field, "[]string");
      return found.map((each: unknown) => {
        if (each === null) return "";
        if (typeof each !== "string") throw mismatch(each, field, "string");
        return each;
      });
    },
    value: (field) => fields.get(field),
  };
}

/** Writes a value; an object's keys as they stand. */
export function writeGoJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Writes a map: its keys in order. */
export function writeGoMap(map: ReadonlyMap<string, unknown>): string {
  const entries = [...map].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
    .map(([key, value]) => `${writeGoJson(key)}:${writeGoJson(value)}`);
  return `{${entries.join(",")}}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new GoJsonError(goSentence(text, error.message));
  }
}

/** V8 names the character, or its place; at the end of the text neither. */
function goSentence(text: string, message: string): string {
  const place = /at position (\d+)/.exec(message)?.[1];
  const character = /^Unexpected token '(.)'/u.exec(message)?.[1] ??
    (place === undefined ? undefined : text.at(Number(place)));
  return character === undefined || /^Unterminated/.test(message)
    ? "unexpected end of JSON input"
    : `invalid character '${character}' where a value, a comma or an end was expected`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
