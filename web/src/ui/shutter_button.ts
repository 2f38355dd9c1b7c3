/**
 * `<rill-shutter>`: begins and ends a camera's own recording, on its card, where the camera takes that and the viewer
 * may. What it shows is what the camera says of itself, never what was asked of it.
 *
 * @module
 */

import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { CameraStatus, ControlList, Problem } from "../../../shared/api.ts";
import { actionStyles } from "./action_styles.ts";
import { icon } from "./icons.ts";
import { sharedStyles } from "./shared_styles.ts";

/** An old camera takes some seconds to stop. */
const ANSWER_WITHIN_MS = 20_000;

/** Set `name` to the stream's and `camera` to what its camera says. */
export class RillShutter extends LitElement {
  static override properties = {
    name: { attribute: false },
    camera: { attribute: false },
    allowed: { state: true },
    asking: { state: true },
    problem: { state: true },
  };
  declare name: string;
  declare camera: CameraStatus;
  declare allowed: boolean;
  declare asking: boolean;
  declare problem: string;

  static override styles = [sharedStyles, actionStyles];

  constructor() {
    super();
    this.name = "";
    this.camera = {};
    this.allowed = false;
    this.asking = false;
    this.problem = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#learn();
  }

  #url(of: string): URL {
    return new URL(`api/streams/${this.name}/${of}`, document.baseURI);
  }

  /** Whether the viewer may. Without an answer there is no button. */
  async #learn(): Promise<void> {
    try {
      const answer = await fetch(this.#url("controls"));
      if (!answer.ok) return;
      const { allowed }: ControlList = await answer.json();
      this.allowed = allowed;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // no answer: the page says so elsewhere
    }
  }

  async #press(on: boolean): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.problem = "";
    try {
      const answer = await fetch(this.#url("camera/shutter"), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ on }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const body: Partial<Problem> = await answer.json();
      if (!answer.ok) this.problem = body.detail ?? "The camera did not do it.";
    } catch (error) {
      const known = error instanceof TypeError || error instanceof SyntaxError ||
        error instanceof DOMException;
      if (!known) throw error;
      this.problem = "The relay does not answer.";
    } finally {
      this.asking = false;
    }
  }

  protected override render(): TemplateResult {
    const on = this.camera.recording === true;
    return html`
      ${this.allowed
        ? html`
          <button class="button" aria-disabled=${this.asking} @click=${(): void =>
            void this.#press(!on)}>
            ${icon(on ? "stop" : "shutter")}${on ? "Stop on the camera" : "Record on the camera"}
          </button>
        `
        : nothing}
      <p role="status">${this.problem !== "" ? this.problem : on ? "Recording on its card" : ""}</p>
    `;
  }
}

customElements.define("rill-shutter", RillShutter);

declare global {
  interface HTMLElementTagNameMap {
    "rill-shutter": RillShutter;
  }
}
