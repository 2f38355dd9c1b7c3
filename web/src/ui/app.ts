/**
 * `<rill-app>`: the shell around the views. Turns addresses into views and keeps title, focus and
 * history as a page load would. Draws no camera itself.
 *
 * @module
 */

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { wordmark } from "./brand.ts";
import { icon } from "./icons.ts";
import { parseRoute, type Route, routeTitle } from "./router.ts";
import { secureNote } from "./secure_note.ts";
import { sharedStyles } from "./shared_styles.ts";
import { ViewCode } from "./view_code.ts";
import "./camera_list.ts";

/** What brings the code of views that not every visit needs. */
const CODE: Partial<Record<Route["kind"], () => Promise<unknown>>> = {
  live: () => import("./live_view.ts"),
  camera: () => import("./camera_view.ts"),
};

/** No attributes: the address is its state. */
export class RillApp extends LitElement {
  static override properties = { route: { state: true } };
  declare protected route: Route;

  #detach: AbortController | undefined;
  #code = new ViewCode(this);

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 100dvh;
      }
      header {
        display: flex;
        align-items: center;
        gap: 20px;
        padding: max(10px, env(safe-area-inset-top))
          max(var(--rill-gutter), env(safe-area-inset-right)) 10px
          max(var(--rill-gutter), env(safe-area-inset-left));
      }
      .home {
        display: inline-flex;
        align-items: center;
        min-height: 44px;
        margin-inline-start: -6px;
        padding-inline: 6px;
        border-radius: 8px;
        color: var(--rill-text);
      }
      .wordmark {
        height: 30px;
      }
      .drop {
        fill: var(--rill-live);
      }
      .back {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        min-height: 44px;
        padding-inline: 2px 8px;
        border-radius: 8px;
        color: var(--rill-text-2);
        font-size: 0.9375rem;
        font-weight: 600;
        text-decoration: none;
      }
      .back:hover {
        color: var(--rill-text);
      }
      .back svg {
        width: 20px;
        height: 20px;
      }
      main {
        flex: 1;
        width: 100%;
      }
      main:focus-visible {
        outline: none; /* where reading begins, not a control */
      }
      .page {
        max-width: 1520px;
        margin-inline: auto;
        padding: 0 max(var(--rill-gutter), env(safe-area-inset-right))
          max(48px, env(safe-area-inset-bottom))
          max(var(--rill-gutter), env(safe-area-inset-left));
      }
      .skip {
        position: absolute;
        z-index: 2;
        inset-block-start: 8px;
        inset-inline-start: 50%;
        translate: -50% -80px;
      }
      .skip:focus {
        translate: -50% 0;
      }
      .lost {
        display: flex;
        flex-direction: column;
        align-items: flex-start;
        gap: 14px;
        padding-block: 10vh;
      }
      .lost h1 {
        font-size: 1.625rem;
        letter-spacing: -0.02em;
      }
      .lost p {
        overflow-wrap: anywhere;
      }
      .secure-note {
        padding: 16px max(var(--rill-gutter), env(safe-area-inset-right))
          max(20px, env(safe-area-inset-bottom))
          max(var(--rill-gutter), env(safe-area-inset-left));
        color: var(--rill-text-2);
        font-size: 0.875rem;
      }
      .secure-note a {
        padding-block: 14px;
        font-weight: 600;
      }
      /* A phone on its side: all for the picture */
      @media (orientation: landscape) and (max-height: 500px) {
        :host([view="live"]) footer,
        :host([view="live"]) header {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.route = parseRoute(location.href, document.baseURI);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#detach = new AbortController();
    const { signal } = this.#detach;
    globalThis.addEventListener("popstate", () => {
      this.#go();
      void this.#focusView();
    }, { signal });
    this.addEventListener("click", (event) => this.#clicked(event), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#detach?.abort();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    document.title = routeTitle(this.route);
    this.setAttribute("view", this.route.kind);
    if (changed.has("route")) this.#code.want(CODE[this.route.kind]);
  }

  #go(): void {
    this.route = parseRoute(location.href, document.baseURI);
  }

  /** Follows links inside the app without a page load; leaves all others to the browser. */
  #clicked(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!link || link.target !== "" || link.hasAttribute("download")) return;
    if (parseRoute(link.href, document.baseURI).kind === "unknown") return;
    if (new URL(link.href).origin !== location.origin) return;
    event.preventDefault();
    if (link.href !== location.href) history.pushState(null, "", link.href);
    this.#go();
    globalThis.scrollTo(0, 0);
    void this.#focusView();
  }

  /** A new view begins at its heading, as a new page would. */
  async #focusView(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector("main")?.focus({ preventScroll: true });
  }

  #view(): TemplateResult {
    const { route } = this;
    if (this.#code.missing) return MISSING;
    switch (route.kind) {
      case "cameras":
        return html`
          <div class="page">
            <rill-camera-list></rill-camera-list>
          </div>
        `;
      case "camera":
        return html`
          <div class="page">
            <rill-camera></rill-camera>
          </div>
        `;
      case "live":
        // One stream's view is never another's: what is asked, set or under way belongs to one camera.
        return html`${
          keyed(
            route.name,
            html`<rill-live-view .name=${route.name} .options=${route.options}></rill-live-view>`,
          )
        }`;
      case "unknown":
        return html`
          <div class="page lost">
            <h1>There is nothing at this address</h1>
            <p>${route.path}</p>
            <a class="button primary" href="./">See the cameras</a>
          </div>
        `;
    }
  }

  protected override render(): TemplateResult {
    const { route } = this;
    if (route.kind === "live" && !route.options.controls) return html`<main>${this.#view()}</main>`;
    return html`
      <button
        class="button primary skip"
        @click=${(): void => void this.#focusView()}
      >Skip to content</button>
      <header>
        <a class="home" href="./" aria-label="Rill, all cameras">${wordmark()}</a>
        ${route.kind === "live" || route.kind === "camera"
          ? html`<nav aria-label="Site"><a class="back" href="./">${
            icon("back")
          }All cameras</a></nav>`
          : nothing}
      </header>
      <main tabindex="-1">${this.#view()}</main>
      <footer>${secureNote()}</footer>
    `;
  }
}

/** Its code did not come. */
const MISSING = html`
  <div class="page lost">
    <h1>This page did not load</h1>
    <p>The relay does not answer, or has another version by now.</p>
    <button class="button primary" @click=${(): void => location.reload()}>Load it again</button>
  </div>
`;

customElements.define("rill-app", RillApp);

declare global {
  interface HTMLElementTagNameMap {
    "rill-app": RillApp;
  }
}
