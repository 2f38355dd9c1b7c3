/** What is taken of a WHIP offer, and what is said of one that cannot be taken. */

import assert from "node:assert/strict";
import {
  extensionNumber,
  forPackage,
  TRANSPORT_WIDE,
  withFeedback,
} from "../../../../relay/publish/whip/description.ts";
import { readOffer, tableOf } from "../../../../relay/publish/whip/offer.ts";
import { linkOf, readIceServer } from "../../../../relay/publish/whip/ice_servers.ts";
import {
  BROWSER_OFFER,
  GSTREAMER_OFFER,
  OBS_OFFER,
  WITHOUT_H264,
} from "../../../support/offers.ts";

function taken(sdp: string): Exclude<ReturnType<typeof readOffer>, string> {
  const offer = readOffer(sdp);
  assert.ok(typeof offer !== "string", String(offer));
  return offer;
}

Deno.test("OBS: its one H.264 and its Opus", () => {
  const { video, audio, ufrag } = taken(OBS_OFFER);
  assert.deepEqual([video?.payloadType, video?.retransmission, audio?.payloadType], [
    96,
    undefined,
    111,
  ]);
  assert.equal(ufrag, "UGcX");
});

Deno.test("a browser: H.264 that can be split before the one that cannot, with its retransmissions", () => {
  const { video, audio } = taken(BROWSER_OFFER);
  assert.deepEqual([video?.payloadType, video?.retransmission], [102, 103]);
  assert.equal(audio?.payloadType, 111);
  const table = tableOf(taken(BROWSER_OFFER));
  assert.deepEqual(table.tracks.map(({ codec, payloadType }) => [codec, payloadType]), [
    ["h264", 102],
    ["opus", 111],
  ]);
});

Deno.test("pictures alone, or sound alone, are taken", () => {
  const silent = OBS_OFFER.replace(/m=audio \d+/, "m=audio 0");
  assert.equal(taken(silent).audio, undefined);
  const blind = OBS_OFFER.replace("m=video 44323", "m=video 0");
  assert.equal(taken(blind).video, undefined);
});

Deno.test("GStreamer: sound that only shares the picture's port is there; a port of 0 by itself is a refusal", () => {
  assert.deepEqual([
    taken(GSTREAMER_OFFER).video?.payloadType,
    taken(GSTREAMER_OFFER).audio?.payloadType,
  ], [96, 97]);
  assert.match(forPackage(GSTREAMER_OFFER), /m=audio 9 /);
  const refused = GSTREAMER_OFFER.replace("a=bundle-only\r\n", "");
  assert.equal(taken(refused).audio, undefined);
  assert.match(forPackage(refused), /m=audio 0 /);
});

Deno.test("parameter sets of the description go into the table", () => {
  const offer = OBS_OFFER.replace(
    "profile-level-id",
    "sprop-parameter-sets=Z0L=,aM4=;profile-level-id",
  );
  assert.deepEqual(tableOf(taken(offer)).tracks[0]?.sets, ["Z0L=", "aM4="]);
});

const REFUSED: readonly (readonly [what: string, sdp: string, sentence: RegExp])[] = [
  ["no H.264", WITHOUT_H264, /offered as VP8, VP9 and not as H\.264.*Chrome, Edge or Safari/],
  ["nothing", "", /no session description/],
  ["a sentence", "hello", /no session description/],
  ["no media", "v=0\r\ns=-\r\n", /no session description/],
  ["no ICE", OBS_OFFER.replace(/a=ice-ufrag.*\r\n/, ""), /no a=ice-ufrag/],
  ["half of ICE", OBS_OFFER.replace(/a=ice-pwd.*\r\n/, ""), /a=ice-pwd/],
  ["a receiver", OBS_OFFER.replaceAll("a=sendonly", "a=recvonly"), /sends no picture and no sound/],
  ["two pictures", OBS_OFFER + OBS_OFFER.slice(OBS_OFFER.indexOf("m=video")), /more than one/],
  [
    "media without end",
    OBS_OFFER + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n".repeat(500),
    /has 50\d media; send one picture and one sound/,
  ],
  [
    "a picture beside sound that is no Opus",
    OBS_OFFER.replace("opus/48000/2", "PCMU/8000"),
    /sound is PCMU; Rill takes Opus: .* or send no sound/,
  ],
  [
    "sound that is no Opus",
    OBS_OFFER.replace("m=video 44323", "m=video 0").replace("opus/48000/2", "PCMU/8000"),
    /sound is PCMU; Rill takes Opus/,
  ],
];

Deno.test("a payload type of more than seven bits is none", () => {
  const offer = OBS_OFFER.replaceAll(/(m=video .*|a=[a-z-]+:)96\b/g, "$1300");
  assert.match(String(readOffer(offer)), /not as H\.264/);
});

for (const [what, sdp, sentence] of REFUSED) {
  Deno.test(`refused in words: ${what}`, () => {
    const offer = readOffer(sdp);
    assert.equal(typeof offer, "string");
    assert.match(String(offer), sentence);
  });
}

Deno.test("the answer names the feedback that was offered and is given, and no other", () => {
  const offer = BROWSER_OFFER;
  const accepted = taken(offer);
  assert.ok(!/rtcp-fb/.test(forPackage(offer)));
  const answer = withFeedback(
    "m=video 9 UDP/TLS/RTP/SAVPF 102\r\na=rtpmap:102 H264/90000\r\na=rtcp-fb:102 ccm fir\r\n" +
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n",
    { offer, accepted },
  );
  assert.deepEqual(answer.match(/a=rtcp-fb:.*/g), [
    "a=rtcp-fb:102 transport-cc",
    "a=rtcp-fb:102 nack",
    "a=rtcp-fb:102 nack pli",
    "a=rtcp-fb:111 transport-cc",
  ]);
  const obs = withFeedback("a=rtpmap:96 H264/90000\r\n", {
    offer: OBS_OFFER,
    accepted: taken(OBS_OFFER),
  });
  assert.deepEqual(obs.match(/a=rtcp-fb:.*/g), ["a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli"]);
  assert.equal(extensionNumber(offer, TRANSPORT_WIDE), 3);
  assert.equal(extensionNumber(OBS_OFFER, TRANSPORT_WIDE), undefined);
});

Deno.test("ICE servers are told as RFC 9725 has them", () => {
  const turn = readIceServer("turn:ann:s%40crt@turn.example.org:3478?transport=udp");
  assert.ok(turn);
  assert.equal(
    linkOf(turn),
    '<turn:turn.example.org:3478?transport=udp>; rel="ice-server"; username="ann"; credential="s@crt"; ' +
      'credential-type="password"',
  );
  const stun = readIceServer("stun:stun.example.org");
  assert.equal(stun && linkOf(stun), '<stun:stun.example.org>; rel="ice-server"');
  const odd = readIceServer("turn:100%:s%22crt@turn.example.org");
  assert.deepEqual(odd?.login, { username: "100%", credential: 's"crt' });
  const unsendable = ["turn:ann:%0d%0aa@host", "turn:%E2%82%AC:a@host"]; // by a header
  for (const text of ["", "turn:host", "http://host", "stun:", "stun:a b", ...unsendable]) {
    assert.equal(readIceServer(text), undefined, text);
  }
});
