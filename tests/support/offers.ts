/**
 * WHIP offers as clients write them, shortened to what is particular to each: OBS (libdatachannel), GStreamer's webrtcbin,
 * Chromium, and a browser without H.264.
 *
 * @module
 */

const SESSION = ["v=0", "o=rtc 3767197920 0 IN IP4 127.0.0.1", "s=-", "t=0 0"];
const SECURITY = [
  "a=ice-ufrag:UGcX",
  "a=ice-pwd:ObTmJaEYWUWhBiCUQQlTUd",
  "a=fingerprint:sha-256 " +
  "B5:1C:0A:59:0E:59:C2:0A:7F:5D:19:6C:30:27:98:4F:2B:41:0B:C8:6F:5E:4B:2E:6F:43:77:30:10:6A:71:E3",
  "a=setup:actpass",
];

function description(lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n`;
}

/** OBS 30: sendonly, one H.264, candidates within, no trickle, security for the whole session. */
export const OBS_OFFER = description([
  ...SESSION,
  "a=group:BUNDLE 0 1",
  "a=group:LS 0 1",
  "a=msid-semantic:WMS *",
  ...SECURITY,
  "a=ice-options:ice2,trickle",
  "m=audio 44323 UDP/TLS/RTP/SAVPF 111",
  "c=IN IP4 192.0.2.9",
  "a=mid:0",
  "a=sendonly",
  "a=ssrc:3484371945 cname:hfcqIXhwJxBV3jHc",
  "a=ssrc:3484371945 msid:obs audio",
  "a=msid:obs audio",
  "a=rtcp-mux",
  "a=rtpmap:111 opus/48000/2",
  "a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1",
  "a=candidate:1 1 UDP 2114977791 192.0.2.9 44323 typ host",
  "a=end-of-candidates",
  "m=video 44323 UDP/TLS/RTP/SAVPF 96",
  "c=IN IP4 192.0.2.9",
  "a=mid:1",
  "a=sendonly",
  "a=ssrc:3484371946 cname:hfcqIXhwJxBV3jHc",
  "a=ssrc:3484371946 msid:obs video",
  "a=msid:obs video",
  "a=rtcp-mux",
  "a=rtpmap:96 H264/90000",
  "a=rtcp-fb:96 nack",
  "a=rtcp-fb:96 nack pli",
  "a=rtcp-fb:96 goog-remb",
  "a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1",
]);

/** GStreamer 1.22, `bundle-policy=max-bundle`: the sound has no port of its own, security in each section. */
export const GSTREAMER_OFFER = description([
  ...SESSION,
  "a=ice-options:trickle",
  "a=group:BUNDLE video0 audio1",
  "m=video 9 UDP/TLS/RTP/SAVPF 96 98",
  "c=IN IP4 0.0.0.0",
  ...SECURITY,
  "a=rtcp-mux",
  "a=rtcp-rsize",
  "a=sendonly",
  "a=rtpmap:96 H264/90000",
  "a=rtcp-fb:96 nack",
  "a=rtcp-fb:96 nack pli",
  "a=rtcp-fb:96 ccm fir",
  "a=rtcp-fb:96 transport-cc",
  "a=framerate:30",
  "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtoCgL/lwFqDAwNSgAAAAwCAAAAeR4sXUA==,aM48gA==;" +
  "profile-level-id=42c01e;level-asymmetry-allowed=1",
  "a=rtpmap:98 rtx/90000",
  "a=fmtp:98 apt=96",
  "a=ssrc-group:FID 2769207596 2771468166",
  "a=ssrc:2769207596 cname:user248307678",
  "a=ssrc:2771468166 cname:user248307678",
  "a=mid:video0",
  "a=rtcp-mux-only",
  "a=candidate:1 1 UDP 2015363327 192.0.2.9 40743 typ host",
  "a=candidate:2 1 TCP 1015021823 192.0.2.9 9 typ host tcptype active",
  "m=audio 0 UDP/TLS/RTP/SAVPF 97",
  "c=IN IP4 0.0.0.0",
  ...SECURITY,
  "a=bundle-only",
  "a=rtcp-mux",
  "a=rtcp-rsize",
  "a=sendonly",
  "a=rtpmap:97 OPUS/48000/2",
  "a=rtcp-fb:97 transport-cc",
  "a=fmtp:97 sprop-stereo=0;sprop-maxcapturerate=48000",
  "a=ssrc:2869186127 cname:user248307678",
  "a=mid:audio1",
  "a=rtcp-mux-only",
]);

/** A browser: several codecs, of H.264 both packetisation modes, retransmissions, trickle. */
export const BROWSER_OFFER = description([
  ...SESSION,
  "a=group:BUNDLE 0 1",
  "a=extmap-allow-mixed",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0",
  "c=IN IP4 0.0.0.0",
  ...SECURITY,
  "a=ice-options:trickle",
  "a=mid:0",
  "a=sendonly",
  "a=rtcp-mux",
  "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  "a=rtpmap:111 opus/48000/2",
  "a=rtcp-fb:111 transport-cc",
  "a=fmtp:111 minptime=10;useinbandfec=1",
  "a=rtpmap:63 red/48000/2",
  "a=fmtp:63 111/111",
  "a=rtpmap:9 G722/8000",
  "a=rtpmap:0 PCMU/8000",
  "a=ssrc:77 cname:a",
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97 104 105 102 103",
  "c=IN IP4 0.0.0.0",
  ...SECURITY,
  "a=ice-options:trickle",
  "a=mid:1",
  "a=sendonly",
  "a=rtcp-mux",
  "a=rtcp-rsize",
  "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  "a=rtpmap:96 VP8/90000",
  "a=rtcp-fb:96 nack",
  "a=rtpmap:97 rtx/90000",
  "a=fmtp:97 apt=96",
  "a=rtpmap:104 H264/90000",
  "a=rtcp-fb:104 nack",
  "a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f",
  "a=rtpmap:105 rtx/90000",
  "a=fmtp:105 apt=104",
  "a=rtpmap:102 H264/90000",
  "a=rtcp-fb:102 goog-remb",
  "a=rtcp-fb:102 transport-cc",
  "a=rtcp-fb:102 ccm fir",
  "a=rtcp-fb:102 nack",
  "a=rtcp-fb:102 nack pli",
  "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
  "a=rtpmap:103 rtx/90000",
  "a=fmtp:103 apt=102",
  "a=ssrc-group:FID 78 79",
  "a=ssrc:78 cname:a",
  "a=ssrc:79 cname:a",
]);

/** A browser that has no H.264. */
export const WITHOUT_H264 = BROWSER_OFFER
  .replace(/m=video .*/, "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98")
  .replace(/^a=(?:rtpmap|fmtp|rtcp-fb):10[2-5] .*\r\n/gm, "")
  .replace("a=rtpmap:97", "a=rtpmap:98 VP9/90000\r\na=rtpmap:97");
