/**
 * The relay's log: one line an event, to stderr, as text or JSON. Levels, nothing else; what is worth saying is
 * the caller's to judge.
 *
 * @module
 */

/** From what always matters to what only helps to find a fault. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_FORMATS = ["text", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** What others say, and how they call themselves, may be of any length; a line of the log is not theirs to fill. */
const MAX_SENTENCE_CHARS = 2_000;
const MAX_FIELD_CHARS = 300;

/** Facts beside the sentence. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes events at or above its level. */
export class Log {
  readonly #limit: number;
  readonly #format: LogFormat;
  readonly #write: (line: string) => void;

  constructor(
    options: { level: LogLevel; format: LogFormat; write: (line: string) => void },
  ) {
    this.#limit = LOG_LEVELS.indexOf(options.level);
    this.#format = options.format;
    this.#write = options.write;
  }

  /** Whether events of this level are written, for callers to whom making one costs something. */
  shows(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) <= this.#limit;
  }

  error(sentence: string, fields: LogFields = {}): void {
    this.#event("error", sentence, fields);
  }

  warn(sentence: string, fields: LogFields = {}): void {
    this.#event("warn", sentence, fields);
  }

  info(sentence: string, fields: LogFields = {}): void {
    this.#event("info", sentence, fields);
  }

  debug(sentence: string, fields: LogFields = {}): void {
    this.#event("debug", sentence, fields);
  }

  #event(level: LogLevel, sentence: string, fields: LogFields): void {
    if (!this.shows(level)) return;
    const time = new Date().toISOString();
    const message = cut(sentence, MAX_SENTENCE_CHARS);
    const facts = Object.entries(fields).map(([name, value]) =>
      [name, typeof value === "string" ? cut(value, MAX_FIELD_CHARS) : value] as const
    );
    if (this.#format === "json") {
      this.#write(JSON.stringify({ time, level, message, ...Object.fromEntries(facts) }));
      return;
    }
    const stream = fields.stream === undefined ? "" : `${fields.stream}: `;
    const rest = facts
      .filter(([name, value]) => name !== "stream" && value !== undefined)
      .map(([name, value]) => ` ${name}=${value}`)
      .join("");
    const line = `${level.padEnd(5)} ${cut(stream, MAX_FIELD_CHARS)}${message}${rest}`;
    this.#write(`${time.slice(11, 23)} ${onOneLine(line)}`);
  }
}

function cut(text: string, mostChars: number): string {
  return text.length <= mostChars ? text : `${text.slice(0, mostChars)}…`;
}

/** A line break would be another event's, and a terminal obeys escapes. */
function onOneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}
