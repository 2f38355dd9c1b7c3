/**
 * Streams that a page cannot reach, whatever the network: an address that is none, and plain http to another machine from a
 * page that came over https (W3C Mixed Content §4; loopback is exempt, Secure Contexts §3.1). Pure.
 *
 * @module
 */

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Why it cannot, as a sentence for the viewer; empty when it can.
 * @param page address of the page. @param stream address of the stream's page.
 */
export function explainUnreachable(page: string, stream: string): string {
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
