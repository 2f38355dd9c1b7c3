/**
 * `<rill-camera-controls>`: a camera's own controls, as its driver has them: sliders, switches, menus. Shows nothing where
 * the camera has none. What is set is what the camera answers, not what was asked.
 *
 * @module
 */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { CameraControl, ControlList, ControlValue } from "../../../shared/api.ts";
import { controlLabel, isCoarse } from "./control_label.ts";
import { sharedStyles } from "./shared_styles.ts";

/** A slider that is being moved is sent so often at most. */
const SEND_MS = 150;
/** The camera is asked again, ms: somebody else may have set it. */
const LOOK_MS = 5_000;
/** One that has none may be another camera later: every so many looks. */
const RARELY = 6;

/** A camera takes its time; a network that has gone says nothing for minutes. */
const ANSWER_WITHIN_MS = 15_000;

/** Nothing answered, or nothing that is a relay. */
function isSilence(error: unknown): boolean {
  return error instanceof TypeError || error instanceof SyntaxError ||
    error instanceof DOMException;
}

/** Set `name` to the stream's. */
export class RillCameraControls extends LitElement {
  static override properties = {
    name: { attribute: false },
    list: { state: true },
    problem: { state: true },
  };
  declare name: string;
  declare list: ControlList | undefined;
  declare problem: string;

  #wanted: Record<string, ControlValue> = {};
  #timer: number | undefined;
  #looks: number | undefined;
  #sending = false;
  #looking = false;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
      }
      summary {
        min-height: 44px;
        display: flex;
        align-items: center;
        cursor: pointer;
        font-weight: 600;
      }
      .grid {
        display: grid;
        gap: 12px;
        padding: 4px 0 12px;
      }
      label {
        display: grid;
        grid-template-columns: minmax(9rem, 1fr) 2fr 3.5rem;
        gap: 12px;
        align-items: center;
        min-height: 44px;
      }
      output {
        text-align: end;
        font-variant-numeric: tabular-nums;
        color: var(--rill-text-2);
      }
      input[type="range"],
      select {
        width: 100%;
        min-height: 32px;
      }
      input[type="checkbox"] {
        width: 24px;
        height: 24px;
        justify-self: start;
      }
      .wide {
        grid-column: 2 / 4;
        justify-self: start;
      }
      p {
        color: var(--rill-text-2);
        margin: 0;
      }
      @media (max-width: 480px) {
        label {
          grid-template-columns: 1fr 3.5rem;
        }
        label > span {
          grid-column: 1 / 3;
        }
        .wide {
          grid-column: 1 / 3;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.name = "";
    this.problem = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#look();
    let turn = 0;
    this.#looks = setInterval(() => {
      const hasNone = this.list?.controls.length === 0;
      if (!hasNone || ++turn % RARELY === 0) void this.#look();
    }, LOOK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#looks);
    clearTimeout(this.#timer);
  }

  get #url(): URL {
    return new URL(`api/streams/${this.name}/controls`, document.baseURI);
  }

  /** Somebody is setting something. */
  get #setting(): boolean {
    return this.#sending || Object.keys(this.#wanted).length > 0;
  }

  /** Leaves what somebody is setting alone. */
  async #look(): Promise<void> {
    if (document.hidden || this.#looking || this.#setting) return;
    this.#looking = true;
    try {
      const answer = await fetch(this.#url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      const list: ControlList | undefined = answer.ok ? await answer.json() : undefined;
      if (!this.#setting) this.list = list ?? this.list; // somebody may have begun to, meanwhile
    } catch (error) {
      if (!isSilence(error)) throw error; // no answer: the page says so elsewhere
    } finally {
      this.#looking = false;
    }
  }

  #want(name: string, value: ControlValue): void {
    this.#wanted[name] = value;
    this.#timer ??= setTimeout(() => void this.#send(), SEND_MS);
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    if (this.#sending) return; // what came meanwhile follows
    const values = this.#wanted;
    this.#wanted = {};
    this.#sending = true;
    try {
      const answer = await fetch(this.#url, {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(values),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const body: ControlList & { detail?: string } = await answer.json();
      this.problem = answer.ok ? "" : body.detail ?? "The camera did not do it.";
      if (answer.ok) this.list = body;
    } catch (error) {
      if (!isSilence(error)) throw error;
      this.problem = "The relay does not answer.";
    } finally {
      this.#sending = false;
    }
    if (Object.keys(this.#wanted).length > 0) void this.#send();
    else if (this.problem !== "") void this.#look(); // what it really is
  }

  #slider(control: CameraControl, disabled: boolean): TemplateResult {
    const { name, value = 0, min = 0, max = 100, step = 1 } = control;
    return html`
      <label>
        <span>${controlLabel(name)}</span>
        <input
          type="range"
          min=${min}
          max=${max}
          step=${step}
          .value=${live(String(value))}
          ?disabled=${disabled}
          @input=${(event: InputEvent): void => {
            const input = event.target as HTMLInputElement;
            (input.nextElementSibling as HTMLOutputElement).value = input.value;
            this.#want(name, Number(input.value));
          }}
        />
        <output>${value}</output>
      </label>
    `;
  }

  #control(control: CameraControl, allowed: boolean): TemplateResult {
    const { name, kind, value = 0, step = 1, options = [] } = control;
    const disabled = !allowed || control.inactive === true;
    const label = controlLabel(name);
    switch (kind) {
      case "integer":
        return isCoarse(control) ? this.#slider(control, disabled) : html`
          <label>
            <span>${label}</span>
            <input
              class="wide"
              type="number"
              min=${control.min ?? nothing}
              max=${control.max ?? nothing}
              step=${step}
              .value=${live(String(value))}
              ?disabled=${disabled}
              @change=${(event: Event): void => {
                const { valueAsNumber } = event.target as HTMLInputElement;
                if (Number.isInteger(valueAsNumber)) this.#want(name, valueAsNumber);
              }}
            />
          </label>
        `;
      case "boolean":
        return html`
          <label>
            <span>${label}</span>
            <input
              type="checkbox"
              .checked=${live(value === 1)}
              ?disabled=${disabled}
              @change=${(event: Event): void =>
                this.#want(name, (event.target as HTMLInputElement).checked)}
            />
          </label>
        `;
      case "menu":
        return html`
          <label>
            <span>${label}</span>
            <select
              class="wide"
              ?disabled=${disabled}
              @change=${(event: Event): void =>
                this.#want(name, Number((event.target as HTMLSelectElement).value))}
            >
              ${options.map((option) =>
                html`
                  <option value=${option.value} .selected=${live(option.value === value)}>
                    ${option.label}
                  </option>
                `
              )}
            </select>
          </label>
        `;
      case "button":
        return html`
          <div>
            <button
              class="button"
              ?disabled=${disabled}
              @click=${(): void => this.#want(name, true)}
            >
              ${label}
            </button>
          </div>
        `;
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    const { list } = this;
    if (!list || list.controls.length === 0) return nothing;
    return html`
      <details>
        <summary>Camera controls</summary>
        ${list.allowed
          ? nothing
          : html`<p>They can be read, not set: the relay was started without leave for that.</p>`}
        <div class="grid">
          ${list.controls.map((control) => this.#control(control, list.allowed))}
        </div>
        <p role="status">${this.problem}</p>
      </details>
    `;
  }
}

customElements.define("rill-camera-controls", RillCameraControls);

declare global {
  interface HTMLElementTagNameMap {
    "rill-camera-controls": RillCameraControls;
  }
}
