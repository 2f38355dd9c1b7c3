/**
 * Whether a page can reach a relay at all: by an address, and one that came over https may not speak plain http to another machine (W3C
 * Mixed Content §4; loopback is exempt, Secure Contexts §3.1). Pure.
 *
 * @module
 */

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Why the browser will refuse, as a sentence for the viewer; empty when it will not.
 * @param page address of the page. @param stream address of the stream's page.
 */
export function explainMixedContent(page: string, stream: string): string {
  const target = parse(stream);
  if (target === undefined) return `The stream's address cannot be read: ${stream}`;
  const { protocol, hostname } = target;
  const mixed = parse(page)?.protocol === "https:" && protocol === "http:";
  if (!mixed || LOOPBACK.test(hostname)) return "";
  return "This page came over https, so the browser lets it load nothing over plain http. " +
    `Use the https address of the relay on ${hostname} in src.`;
}

function parse(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
