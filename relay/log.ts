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
    if (this.#format === "json") {
      this.#write(JSON.stringify({ time, level, message: sentence, ...fields }));
      return;
    }
    const stream = fields.stream === undefined ? "" : `${fields.stream}: `;
    const rest = Object.entries(fields)
      .filter(([name, value]) => name !== "stream" && value !== undefined)
      .map(([name, value]) => ` ${name}=${value}`)
      .join("");
    this.#write(`${time.slice(11, 23)} ${level.padEnd(5)} ${stream}${sentence}${rest}`);
  }
}
