/**
 * One connected client of Live Stream Server: its messages in order, to its recording and its live stream. It is held
 * back while the disk is behind.
 *
 * @module
 */

import type { WebSocket } from "ws";
import { closeReason } from "../../deliveries/websocket_connection.ts";
import type { Log } from "../../log.ts";
import { NoFfmpegError } from "../../ffmpeg.ts";
import type { LiveStream } from "./live_stream.ts";
import type { MediaFolders } from "./media_folders.ts";
import { type Message, readMessage } from "./message.ts";
import { DiskError, type Recording } from "./recording.ts";
import type { Pace } from "./pace.ts";
import { playSong } from "./song.ts";

/** Of messages that wait for the disk, before the client has to. */
const MAX_WAITING_CHARS = 16 * 1024 * 1024;
/** Useless messages that the log tells of. */
const MAX_COMPLAINTS = 5;
/** Bytes that the song may be ahead of its listener. */
const MAX_SONG_BACKLOG = 1024 * 1024;
/** How often a listener that is behind is looked at. */
const SONG_LOOK_MS = 50;

/** RFC 6455 §7.4.1. */
const INTERNAL_ERROR = 1011;

/** What a client is made with. */
export interface ClientOptions {
  readonly ws: WebSocket;
  /** Digits that no other client has. */
  readonly id: string;
  readonly folders: MediaFolders;
  readonly recording: Recording;
  readonly live: LiveStream;
  readonly log: Log;
  /** Shared by all. */
  readonly pace: Pace;
  /** It has said what it calls itself. */
  readonly named: (name: string) => void;
}

/** Serves one client. */
export class Client {
  readonly #options: ClientOptions;
  readonly #gone = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #complaints = 0;
  #playing = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    const { ws } = options;
    ws.on("message", (data: { toString(): string }, isBinary: boolean) => {
      if (isBinary) return this.#complain("a binary message; they are JSON texts");
      this.#queue(data.toString());
    });
  }

  /** It is gone: resolves when its recordings are finished. Never rejects. */
  async leave(): Promise<void> {
    this.#gone.abort();
    this.#options.live.end();
    this.#work = this.#work.then(() => this.#finish());
    await this.#work;
  }

  #queue(text: string): void {
    if (this.#gone.signal.aborted) return;
    const { ws } = this.#options;
    this.#waiting += text.length;
    if (this.#waiting > MAX_WAITING_CHARS) ws.pause();
    this.#work = this.#work.then(async () => {
      await this.#take(readMessage(text));
      await this.#rest(this.#options.pace.take(text.length, performance.now()));
      this.#waiting -= text.length;
      if (this.#waiting <= MAX_WAITING_CHARS && ws.isPaused) ws.resume();
    });
  }

  /** One that is gone has nothing to wait for. */
  async #rest(ms: number): Promise<void> {
    const { signal } = this.#gone;
    if (ms === 0 || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const done = (): void => resolve();
    signal.addEventListener("abort", done);
    await promise;
    clearTimeout(timer);
    signal.removeEventListener("abort", done);
  }

  async #take(message: Message): Promise<void> {
    const { recording, live, named } = this.#options;
    switch (message.kind) {
      case "connect":
        named(message.id);
        return;
      case "picture":
        if (!this.#gone.signal.aborted) live.picture(message.jpeg);
        return await this.#record(() => recording.picture(message.jpeg));
      case "piece":
        return await this.#record(async () => {
          if (!await recording.piece(message.bytes)) {
            this.#complain("a VIDEO chunk is no JPEG picture and no WebM");
          }
        });
      case "sound":
        if (!this.#gone.signal.aborted) live.sound(message.pcm);
        return await this.#record(() => recording.sound(message.pcm));
      case "close":
        live.end();
        return await this.#finish();
      case "playback":
        return this.#play();
      case "useless":
        return this.#complain(message.problem);
    }
  }

  async #record(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      const { ws, log, id } = this.#options;
      if (ws.readyState === ws.OPEN) log.error(error.message, { client: id });
      ws.close(INTERNAL_ERROR, closeReason(error.message));
    }
  }

  #finish(): Promise<void> {
    return this.#record(() => this.#options.recording.finish());
  }

  /** Beside what else it sends, once at a time. */
  #play(): void {
    if (this.#playing) return;
    this.#playing = true;
    const { ws, folders } = this.#options;
    const listener = {
      send: (text: string) => ws.send(text),
      drained: async () => {
        while (ws.bufferedAmount > MAX_SONG_BACKLOG && !this.#gone.signal.aborted) {
          await new Promise((resolve) => setTimeout(resolve, SONG_LOOK_MS));
        }
      },
    };
    playSong(folders, listener, this.#gone.signal).catch((error: unknown) => {
      if (error instanceof NoFfmpegError) return error.message;
      throw error;
    }).then((problem) => {
      this.#playing = false;
      if (problem !== undefined) this.#complain(`the song cannot be played: ${problem}`);
    });
  }

  #complain(problem: string): void {
    if (++this.#complaints > MAX_COMPLAINTS) return;
    const rest = this.#complaints === MAX_COMPLAINTS ? "; no more of these are told" : "";
    this.#options.log.warn(`${problem}${rest}`, { client: this.#options.id });
  }
}
