/**
 * The line that says, on a page that came over http, what the browser keeps off there and where to turn it on.
 * Nothing on a secure page, and nothing where there is no https to go to.
 *
 * @module
 */

import { html, nothing, type TemplateResult } from "lit";
import { secureOrigin } from "../trust/secure_origin.ts";

/** One paragraph, or nothing. */
export function secureNote(): TemplateResult | typeof nothing {
  if (globalThis.isSecureContext) return nothing;
  const secure = secureOrigin();
  if (!secure) return nothing;
  return html`
    <p class="secure-note">
      On this http address the browser plays, and keeps off what needs a trusted one: the fastest way
      to play, sound as close to live as the picture, installing Rill as an app, and making a camera of
      this device.
      <a href=${secure.authority ? "trust" : secure.url}>Turn them on</a>
    </p>
  `;
}
