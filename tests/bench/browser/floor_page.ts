/**
 * The floor of the browser bench: the barest page that plays our stream. One SourceBuffer, an append a message,
 * a fixed distance from the end of the buffer, no recovery of any kind. Whatever a player does beyond it shows
 * as the difference between the two.
 *
 * @module
 */

/** What the bare page keeps ahead: as low as goes without stalling, by `sound` or not, s. */
const AHEAD_S = { picture: 0.055, sound: 0.17 } as const;

/** The page; `socket` is the stream's WebSocket address. */
function html(socket: string, having: "picture" | "sound"): string {
  return `<!doctype html><title>floor</title><video ${having === "sound" ? "" : "muted"}
  style="width:1280px;height:720px"></video><script>
  const video = document.querySelector("video");
  const ahead = ${AHEAD_S[having]};
  const socket = new WebSocket(${JSON.stringify(socket)});
  socket.binaryType = "arraybuffer";
  let buffer, queue = [], mime;
  const pump = () => { if (buffer && !buffer.updating && queue.length) buffer.appendBuffer(queue.shift()); };
  const steer = () => {
    const { buffered } = video;
    if (!buffered.length || video.seeking || video.readyState < 1) return;
    const last = buffered.length - 1;
    const edge = Math.max(buffered.start(last), buffered.end(last) - ahead);
    const behind = edge - video.currentTime;
    if (behind > 0.3 || video.currentTime < buffered.start(last)) video.currentTime = edge;
    else video.playbackRate = behind > 0.04 ? 1.05 : behind < -0.02 ? 0.97 : 1;
    if (video.paused) video.play();
  };
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") {
      const message = JSON.parse(data);
      if (message.type !== "stream" || mime) return;
      mime = message.mime;
      const source = new MediaSource();
      video.src = URL.createObjectURL(source);
      source.onsourceopen = () => {
        buffer = source.addSourceBuffer(mime);
        buffer.onupdateend = () => { steer(); pump(); };
        pump();
      };
    } else { queue.push(data); pump(); }
  };
  </script>`;
}

/** A server of the bare page; `?sound` plays with sound. */
export class FloorPage implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  readonly #query: string;

  /** @param stream the stream's page, `http://…/live/{name}`. */
  constructor(stream: string, query: "" | "?sound") {
    this.#query = query;
    const socket = `${stream.replace(/^http/, "ws")}/ws`;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: (): void => {} },
      (request) => {
        const having = new URL(request.url).searchParams.has("sound") ? "sound" : "picture";
        return new Response(html(socket, having), { headers: { "content-type": "text/html" } });
      },
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/${this.#query}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
