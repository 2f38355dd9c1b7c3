/** Cameras and microphones as the programs list them, and as people read them. */

import assert from "node:assert/strict";
import {
  isCamera,
  parseMicrophones,
  parseRpicamCameras,
  parseV4l2Devices,
} from "../../../relay/devices/device_list.ts";
import { printDevices } from "../../../relay/devices/print_devices.ts";
import { parseControls } from "../../../relay/sources/v4l2/control_list.ts";
import { parseFormats } from "../../../relay/sources/v4l2/format_list.ts";
import { CONTROLS, H264_FORMATS } from "../../support/v4l2_stand_in.ts";

Deno.test("v4l2-ctl's groups: cameras and their nodes, nothing else", () => {
  const text =
    "vivid (platform:vivid-000):\n\t/dev/video0\n\t/dev/video1\n\t/dev/radio0\n\t/dev/media0\n\n" +
    "HD Pro Webcam C920 (usb-0000:00:14.0-1):\n\t/dev/video4\n\nonly a radio (x):\n\t/dev/radio1\n";
  assert.deepEqual(parseV4l2Devices(text), [
    { name: "vivid (platform:vivid-000)", nodes: ["/dev/video0", "/dev/video1"] },
    { name: "HD Pro Webcam C920 (usb-0000:00:14.0-1)", nodes: ["/dev/video4"] },
  ]);
  assert.deepEqual(parseV4l2Devices(""), []);
});

/** As `v4l2-ctl --info` prints it. */
function info(own: readonly string[], device: readonly string[] = own): string {
  const caps = (words: readonly string[]): string => words.map((word) => `\t\t${word}\n`).join("");
  return "Driver Info:\n\tDriver name      : x\n\tCapabilities     : 0x84208000\n" +
    `${caps([...device, "Device Capabilities"])}\tDevice Caps      : 0x04208000\n${
      caps(own)
    }Entity Info:\n\tName             : Video Capture 4\n`;
}

Deno.test("what gives pictures of its own is a camera: no encoder, no metadata, no bare sensor, no step in between", () => {
  const is = (name: string, text: string): boolean => isCamera({ name, info: text });
  const webcam = ["Video Capture", "Metadata Capture", "Streaming", "Extended Pix Format"];
  assert.ok(is("HD Pro Webcam C920 (usb-1)", info(["Video Capture", "Streaming"], webcam)));
  assert.ok(is("rk_hdmirx (platform:x)", info(["Video Capture Multiplanar", "Streaming"])));
  assert.ok(is("from a v4l2-ctl that does not tell", "Driver Info (not using libv4l2):\n"));
  const others: [string, string][] = [
    ["HD Pro Webcam C920 (usb-1)", info(["Metadata Capture", "Streaming"], webcam)],
    ["bcm2835-codec (platform:bcm2835-codec)", info(["Video Memory-to-Memory Multiplanar"])],
    ["rp1-cfe (platform:1f00110000.csi)", info(["Video Capture", "Streaming", "I/O MC"])],
    ["bcm2835-isp (platform:bcm2835-isp)", info(["Video Capture", "Streaming"])],
    ["pispbe (platform:1000880000.pisp_be)", info(["Video Capture Multiplanar", "Streaming"])],
  ];
  for (const [name, text] of others) assert.ok(!is(name, text), name);
});

Deno.test("rpicam's cameras", () => {
  const text = "Available cameras\n-----------------\n" +
    "0 : imx219 [3280x2464 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx219@10)\n" +
    "    Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]\n" +
    "1 : imx708 [4608x2592 10-bit RGGB] (/base/x)\n";
  assert.deepEqual(parseRpicamCameras(text), [
    { number: 0, name: "imx219 3280x2464 10-bit RGGB" },
    { number: 1, name: "imx708 4608x2592 10-bit RGGB" },
  ]);
  assert.deepEqual(parseRpicamCameras("No cameras available!\n"), []);
});

Deno.test("arecord's cards, by names that stay", () => {
  const text = "**** List of CAPTURE Hardware Devices ****\n" +
    "card 1: C920 [HD Pro Webcam C920], device 0: USB Audio [USB Audio]\n  Subdevices: 1/1\n" +
    "card 0: Loopback [Loopback], device 1: Loopback PCM [Loopback PCM]\n";
  assert.deepEqual(parseMicrophones(text), [
    { source: "alsa:sysdefault:CARD=C920", name: "HD Pro Webcam C920" },
    { source: "alsa:plughw:CARD=Loopback,DEV=1", name: "Loopback" },
  ]);
});

Deno.test("the list at a terminal says what to write", () => {
  const text = printDevices({
    cameras: [{
      source: "v4l2:/dev/v4l/by-id/usb-C920-video-index0",
      name: "C920",
      modes: parseFormats(H264_FORMATS),
      controls: parseControls(CONTROLS),
    }],
    microphones: [{ source: "alsa:sysdefault:CARD=C920", name: "C920" }],
    notes: ["rpicam-hello is not installed"],
  });
  assert.match(text, /^v4l2:\/dev\/v4l\/by-id\/usb-C920-video-index0 {3}C920$/m);
  assert.match(text, /^ {2}h264: 320x240 to 90 fps, 1280x720 to 30 fps$/m);
  assert.match(text, /^ {2}h264_profile = High {3}of Baseline, Constrained Baseline, Main, High$/m);
  assert.match(text, /^ {2}brightness = 128 {3}from 0 to 255$/m);
  assert.match(text, /^ {2}alsa:sysdefault:CARD=C920/m);
  const wide = parseControls(
    " x 0x0098f906 (int64) : min=0 max=9223372036854775807 step=1 default=0 value=9007199254740993",
  );
  const camera = { source: "v4l2:/dev/video0", name: "C", modes: [], controls: wide };
  assert.match(
    printDevices({ cameras: [camera], microphones: [], notes: [] }),
    /^ {2}x {3}from 0 to 9007199254740991$/m,
  );
  assert.match(printDevices({ cameras: [], microphones: [], notes: [] }), /No camera was found/);
});
