/**
 * What stands over the picture of `<rill-player>`: badge, notice and the help on keys. Templates only.
 *
 * @module
 */

import { html, nothing, type TemplateResult } from "lit";
import { runningMark } from "./brand.ts";
import { icon } from "./icons.ts";
import type { Badge, Notice, NoticeCommand } from "./player_words.ts";
import { SHORTCUTS } from "./shortcuts.ts";

/** LIVE, or how old the picture is. */
export function badgeTemplate(badge: Badge | undefined): TemplateResult | typeof nothing {
  if (badge === undefined) return nothing;
  return html`
    <p class="badge ${badge.live ? "live" : ""}" title=${badge.title}>
      <span class="dot"></span>
      <span class="word">${badge.label}</span>
      ${badge.figure ? html`<span class="figure">${badge.figure}</span>` : nothing}
    </p>
  `;
}

/** What is the matter, and what can be done. `overPicture`: the notice must not hide it all. */
export function noticeTemplate(
  notice: Notice | undefined,
  run: (command: NoticeCommand) => void,
): TemplateResult | typeof nothing {
  if (notice === undefined) return nothing;
  const { action } = notice;
  if (notice.tone === "invite" && action) {
    return html`
      <button class="invite" @click=${(): void => run(action.command)}>
        <span class="disc">${icon("play")}</span>
        <span class="title">${notice.title}</span>
        ${notice.detail ? html`<span class="detail">${notice.detail}</span>` : nothing}
      </button>
    `;
  }
  return html`
    <div class="notice ${notice.tone}">
      ${notice.tone === "wait" ? runningMark() : nothing}
      <p class="title">${notice.title}</p>
      ${notice.detail ? html`<p class="detail">${notice.detail}</p>` : nothing} ${action
        ? html`
          <button class="pill" @click=${(): void => run(action.command)}>
            ${icon("retry")}${action.label}
          </button>
        `
        : nothing}
    </div>
  `;
}

/** The keys and what they do. */
export function helpTemplate(): TemplateResult {
  return html`
    <dialog class="help" aria-labelledby="help-title">
      <form method="dialog">
        <h2 id="help-title">Keys</h2>
        <button class="control" aria-label="Close help">${icon("close")}</button>
      </form>
      <dl>
        ${SHORTCUTS.map(({ written, meaning }) =>
          html`
            <div>
              <dt>${written.map((key) => html`<kbd>${key}</kbd>`)}</dt>
              <dd>${meaning}</dd>
            </div>
          `
        )}
      </dl>
    </dialog>
  `;
}
