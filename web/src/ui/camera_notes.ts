/**
 * Why a page cannot make a camera of this device, and what helps, as notes in its place. Static.
 *
 * @module
 */

import { html, type TemplateResult } from "lit";
import { secureOrigin } from "../trust/secure_origin.ts";

/** The page came over http. */
export function insecureNote(): TemplateResult {
  const secure = secureOrigin();
  return html`
    <section class="note">
      <h2>The browser keeps its camera to trusted pages</h2>
      <p>This page came over http, where browsers give no page a camera.</p>
      ${secure
        ? html`<a class="button primary" href=${
          secure.authority ? "trust" : new URL("camera", secure.url).href
        }>Go to the trusted page</a>`
        : html`<p>Start the relay with HTTPS (it is on unless switched off), and open this page there.</p>`}
    </section>
  `;
}

/** WebKitGTK has none, nor have browsers whose user switched it off. */
export function withoutWebRtcNote(): TemplateResult {
  return html`
    <section class="note">
      <h2>This browser cannot send its camera</h2>
      <p>It has no WebRTC, by which cameras of browsers come. Open this page in Chrome, Edge or Safari.</p>
    </section>
  `;
}

/** Nobody may publish here. */
export function barredNote(): TemplateResult {
  return html`
    <section class="note">
      <h2>This relay takes no cameras from browsers</h2>
      <p>It gives nobody the right to publish. Whoever runs it starts it with <code>--open publish</code>, on a network
      that they trust; then open this page again.</p>
    </section>
  `;
}
