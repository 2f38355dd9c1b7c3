/**
 * Puts text on the clipboard: by the Clipboard API on secure origins, else by the old command, which
 * plain HTTP still has.
 *
 * @module
 */

async function byClipboard(text: string): Promise<boolean> {
  if (!globalThis.isSecureContext || navigator.clipboard === undefined) return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    if (error instanceof DOMException) return false; // not permitted here: the old command may be
    throw error;
  }
}

function byCommand(text: string, within: DocumentFragment | HTMLElement): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.style.cssText = "position:fixed;inset:0 auto auto 0;opacity:0;font-size:16px";
  within.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

/**
 * Whether `text` was copied. To be called in the handler of a tap or key; `within` is where the focus may
 * be, such as an open dialogue.
 */
export async function copyText(
  text: string,
  within: DocumentFragment | HTMLElement,
): Promise<boolean> {
  return (await byClipboard(text)) || byCommand(text, within);
}
