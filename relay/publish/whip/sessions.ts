/**
 * WHIP's sessions: a publisher's peer connection and its stream, joined from the offer to whichever ends first. Knows no
 * HTTP.
 *
 * @module
 */

import { RecordWriter } from "../../rtp/records.ts";
import { encodeTable } from "../../rtp/table.ts";
import type { Publication } from "../../streams/publication.ts";
import { type AcceptedOffer, tableOf } from "./offer.ts";
import { type Answer, Peers, type PeersOptions } from "./peers.ts";

/** Publishers by WebRTC at once. */
export const MAX_SESSIONS = 64;

/** A publisher's session. */
export interface Session {
  readonly id: string;
  readonly name: string;
  /** Of the ICE session, which is never restarted. */
  readonly etag: string;
  readonly ufrag: string;
  readonly publication: Publication;
}

/** All of them. */
export class Sessions {
  readonly #peers: Peers;
  readonly #sessions = new Map<string, Session>();

  constructor(options: PeersOptions) {
    this.#peers = new Peers(options);
  }

  get isFull(): boolean {
    return this.#sessions.size >= MAX_SESSIONS;
  }

  /** The session of that number, if it is this stream's and not over. */
  get(id: string | null, name: string): Session | undefined {
    const session = this.#sessions.get(id ?? "");
    return session?.name === name ? session : undefined;
  }

  /** Asks a session's publisher for a key picture. */
  keyPicture(id: string): void {
    this.#peers.keyPicture(id);
  }

  /** Begins a session, of which everything is known but the answer. */
  async begin(
    session: Session,
    { sdp, accepted, echo = false }: {
      readonly sdp: string;
      readonly accepted: AcceptedOffer;
      /** What comes goes back to the publisher too. */
      readonly echo?: boolean;
    },
  ): Promise<Answer> {
    const { id, publication } = session;
    this.#sessions.set(id, session);
    void publication.ended.then(() => this.#end(id));
    const table = new RecordWriter();
    table.add(encodeTable(tableOf(accepted)), 0);
    void publication.write(table.take(0));
    const answer = await this.#peers.answer({ id, sdp, accepted, echo }, {
      // What is too much ends the publication: a publisher that sends by UDP cannot be held back.
      media: (bytes) => void publication.write(bytes),
      ended: (reason, clean) => publication.close(reason, clean ? "ended" : "failed"),
    });
    if ("problem" in answer) publication.close(answer.problem);
    return answer;
  }

  /** Ends all, because the relay stops. */
  close(): void {
    this.#peers.close();
  }

  #end(id: string): void {
    this.#sessions.delete(id);
    this.#peers.end(id);
  }
}
