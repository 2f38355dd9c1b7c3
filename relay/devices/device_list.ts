/**
 * What `v4l2-ctl --list-devices`, `rpicam-hello --list-cameras` and `arecord -l` print, read. Pure.
 *
 * @module
 */

/** A device's name, and the nodes it has. */
export interface NamedNodes {
  readonly name: string;
  readonly nodes: readonly string[];
}

/** Groups of nodes: a heading with a colon at its end, then a node a line, behind a tab. */
export function parseV4l2Devices(text: string): NamedNodes[] {
  const devices: { name: string; nodes: string[] }[] = [];
  for (const line of text.split("\n")) {
    const node = /^\s+(\/dev\/video\d+)\s*$/.exec(line)?.[1];
    if (node !== undefined) devices.at(-1)?.nodes.push(node);
    const heading = /^(\S.*):\s*$/.exec(line)?.[1];
    if (heading !== undefined) devices.push({ name: heading, nodes: [] });
  }
  return devices.filter(({ nodes }) => nodes.length > 0);
}

/** A Raspberry Pi's image processors, whose nodes say they were cameras. */
const PROCESSORS = /^(bcm2835-isp|pispbe)\b/;

/**
 * Whether what `v4l2-ctl --info` prints is a camera's: an encoder lists formats as one does, and so does a camera's bare
 * sensor, which gives nothing until other programs have set it up.
 */
export function isCamera(
  { name, info }: { readonly name: string; readonly info: string },
): boolean {
  // Before these stands what any node of the device can do, behind them what it is linked to.
  const own = /^\s*Device Caps\b.*\n((?:\t\t.*\n?)*)/m.exec(info)?.[1];
  if (PROCESSORS.test(name)) return false;
  return own === undefined ||
    (/\bVideo Capture\b/.test(own) && !/Memory-to-Memory|I\/O MC/.test(own));
}

/** `0 : imx219 [3280x2464 10-bit RGGB] (/base/…)` */
export function parseRpicamCameras(
  text: string,
): { readonly number: number; readonly name: string }[] {
  return [...text.matchAll(/^\s*(\d+) : (\S+) \[([^\]]*)\]/gm)].map((match) => ({
    number: Number(match[1]),
    name: `${match[2]} ${match[3]}`,
  }));
}

/** `card 1: C920 [HD Pro Webcam C920], device 0: USB Audio [USB Audio]` */
export function parseMicrophones(
  text: string,
): { readonly source: string; readonly name: string }[] {
  return [...text.matchAll(/^card \d+: (\S+) \[([^\]]*)\], device (\d+):/gm)].map(
    ([, card, name = "", device]) => ({
      source: device === "0"
        ? `alsa:sysdefault:CARD=${card}`
        : `alsa:plughw:CARD=${card},DEV=${device}`,
      name,
    }),
  );
}
