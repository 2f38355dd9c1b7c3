/** vw's REST API and JSON verbs: its README's whole session, answer by answer, and what bad use of it gets. */

import assert from "node:assert/strict";
import { RawClient } from "../../support/raw_client.ts";
import { TestRelay, until } from "../../support/relay.ts";
import { upgradeStatus } from "../../support/upgrade_status.ts";
import { VwClient, VwSocket } from "../../support/vw_client.ts";
import { FarEnd } from "../../support/vw_far_end.ts";

const JSON_TYPE = "application/json";
const FRONT = "stream/front/large";
/** Where nobody is. */
const NOWHERE = "ws://127.0.0.1:1/in/video0";

async function open(more = ""): Promise<{ relay: TestRelay; vw: VwClient }> {
  const relay = await TestRelay.start([], {}, `compat: {vw: 127.0.0.1:0${more}}`);
  return { relay, vw: new VwClient(relay.compatUrl("vw")) };
}

/** What was asked, and vw's answer as its source and a running vw give it; tokens left out. */
const SESSION:
  readonly (readonly [method: string, path: string, body: string | undefined, answer: string])[] = [
    ["GET", "/healthcheck", undefined, '"ok"'],
    ["GET", "/api", undefined, ""],
    ["GET", "/api/streams/all", undefined, "{}"],
    ["GET", "/api/destinations/all", undefined, "{}"],
    [
      "POST",
      "/api/streams",
      '{"stream":"/stream/front/large","feeds":["video0","audio0"]}',
      '{"stream":"stream/front/large","feeds":["video0","audio0"]}',
    ],
    [
      "POST",
      "/api/destinations",
      `{"stream":"/stream/front/large","destination":"${NOWHERE}?a=1&b=2","id":"0","token":"secret"}`,
      `{"id":"0","stream":"stream/front/large","destination":"${NOWHERE}?a=1\\u0026b=2"}`,
    ],
    ["GET", "/api/streams/all", undefined, '{"stream/front/large":["video0","audio0"]}'],
    ["GET", `/api/streams/${FRONT}`, undefined, '["video0","audio0"]'],
    [
      "PUT",
      "/api/streams",
      '{"stream":"/stream/front/large","feeds":["video0"]}',
      '{"stream":"stream/front/large","feeds":["video0"]}',
    ],
    ["GET", `/api/streams/${FRONT}`, undefined, '["video0"]'],
    [
      "POST",
      "/api/destinations",
      `{"stream":"/stream/front/large","destination":"${NOWHERE}/1","id":"0"}`,
      `{"id":"0","stream":"stream/front/large","destination":"${NOWHERE}/1"}`,
    ],
    [
      "GET",
      "/api/destinations/all",
      undefined,
      `{"0":{"id":"0","stream":"stream/front/large","destination":"${NOWHERE}/1"}}`,
    ],
    [
      "GET",
      "/api/destinations/0",
      undefined,
      `{"id":"0","stream":"stream/front/large","destination":"${NOWHERE}/1"}`,
    ],
    ["GET", "/api/destinations/9", undefined, '{"id":"","stream":"","destination":""}'],
    ["DELETE", `/api/streams/${FRONT}`, undefined, '"stream/front/large"'],
    ["DELETE", "/api/streams/never/was", undefined, '"never/was"'],
    ["DELETE", "/api/destinations/0", undefined, '"0"'],
    ["GET", "/api/streams/all", undefined, "{}"],
    ["POST", "/api/streams", '{"STREAM":"Up","Feeds":[]}', '{"stream":"Up","feeds":[]}'],
    ["POST", "/api/streams", '{"stream":"none"}', '{"stream":"none","feeds":null}'],
    ["GET", "/api/streams/all", undefined, '{"Up":[],"none":null}'],
    ["DELETE", "/api/streams/all", undefined, '"deleteAll"'],
    ["DELETE", "/api/destinations/all", undefined, '"deleteAll"'],
    ["GET", "/api/streams/all", undefined, "{}"],
  ];

Deno.test("the README's session by curl, answer by answer", async () => {
  const { relay, vw } = await open();
  await using _relay = relay;
  for (const [method, path, body, answer] of SESSION) {
    const { status, type, text } = await vw.ask(method, path, body);
    const asked = `${method} ${path} ${body ?? ""}`;
    assert.equal(text, answer, asked);
    assert.equal(status, 200, asked);
    const expected = path === "/healthcheck"
      ? "text/plain; charset=utf-8"
      : path === "/api"
      ? ""
      : JSON_TYPE;
    assert.equal(type, expected, asked);
  }
  assert.ok(!relay.log.join("\n").includes("secret"), "no token in the log");
});

/** Bodies that are no rule, and Go's words for them. */
const BAD_BODIES: readonly (readonly [body: string, sentence: RegExp])[] = [
  ["nonsense", /^invalid character 'o'/],
  ["", /^unexpected end of JSON input$/],
  ['{"a":1', /^unexpected end of JSON input$/],
  ['{"stream":"x', /^unexpected end of JSON input$/],
  [
    '{"stream":5}',
    /^json: cannot unmarshal number into Go struct field Rule\.stream of type string$/,
  ],
  [
    '{"stream":"a","feeds":"b"}',
    /^json: cannot unmarshal string into Go struct field Rule\.feeds of type \[\]string$/,
  ],
  [
    '{"stream":"a","feeds":[1]}',
    /^json: cannot unmarshal number into Go struct field Rule\.feeds of type string$/,
  ],
  ["[]", /^json: cannot unmarshal array into Go value of type agg\.Rule$/],
  ['"s"', /^json: cannot unmarshal string into Go value of type agg\.Rule$/],
  ['{"stream":"x"} y', /^invalid character 'y'/],
  [`{"stream":"${"x".repeat(5000)}"}`, /longer than 4096 characters/],
  [JSON.stringify({ stream: "x", feeds: Array(65).fill("f") }), /at most 64 feeds/],
  [" ".repeat(2 * 1024 * 1024), /request body too large/],
];

Deno.test("malformed JSON is answered with 500 and a sentence, and changes nothing", async () => {
  const { relay, vw } = await open();
  await using _relay = relay;
  for (const [body, sentence] of BAD_BODIES) {
    const { status, type, text } = await vw.ask("POST", "/api/streams", body);
    assert.equal(status, 500, body.slice(0, 60));
    assert.equal(type, "text/plain; charset=utf-8");
    assert.match(text.trimEnd(), sentence);
  }
  assert.equal((await vw.ask("GET", "/api/streams/all")).text, "{}");
  assert.equal((await vw.ask("POST", "/api/destinations", "[]")).status, 500);
  for (let i = 0; i < 64; i++) {
    await vw.destination({ id: `d${i}`, stream: "x", destination: "nowhere" });
  }
  const many = await vw.ask("POST", "/api/destinations", '{"id":"one more","stream":"x"}');
  assert.deepEqual([many.status, many.text], [500, "there are 64 destinations already\n"]);
});

Deno.test("other addresses and methods, as vw has them; nothing of the relay's own", async () => {
  const { relay, vw } = await open();
  await using _relay = relay;
  const status = async (method: string, path: string): Promise<number> =>
    (await vw.ask(method, path)).status;
  assert.equal((await vw.ask("GET", "/api/streams/nope")).text, "Stream not found\n");
  for (
    const path of [
      "/",
      "/api/streams/a_b",
      "/ts/a_b",
      "/api/streams/",
      "/live/x",
      "/metrics",
      "/%00",
    ]
  ) {
    assert.equal(await status("GET", path), 404, path);
  }
  for (
    const [method, path] of [["PATCH", "/api/streams"], ["POST", "/healthcheck"], [
      "GET",
      "/api/streams",
    ]]
  ) {
    assert.equal(await status(method ?? "", path ?? ""), 405, `${method} ${path}`);
  }
  assert.equal(await status("GET", "/ws/video0"), 400);
  const port = Number(new URL(vw.url).port);
  const host = `127.0.0.1:${port}`;
  const ask = (path: string, headers: Readonly<Record<string, string>>): Promise<number> =>
    upgradeStatus({ port, path, headers });
  const foreign = { host, origin: "http://site.example" };
  assert.equal(await ask("/ws/api", foreign), 403);
  assert.equal(await ask("/ws/api", { host, origin: "http://localhost:3000" }), 403, "commands");
  assert.equal(await ask("/ws/video0", foreign), 403);
  assert.equal(await ask("/ws/video0", { host, origin: "http://localhost:3000" }), 101);
  const posted = await fetch(`${vw.url}/api/streams`, {
    method: "POST",
    body: '{"stream":"x"}',
    headers: { origin: "http://site.example" },
  });
  assert.equal(posted.status, 403);
  await posted.body?.cancel();
  assert.equal((await vw.ask("GET", "/api/streams/all")).text, "{}");
});

/** Commands of the README, and their replies. */
const VERBS: readonly (readonly [command: string, reply: string])[] = [
  ['{"verb":"healthcheck"}', '{"healthcheck":"ok"}'],
  [
    `{"verb":"add","what":"destination","rule":{"stream":"video0","destination":"${NOWHERE}","id":"0","token":"t"}}`,
    `{"id":"0","stream":"video0","destination":"${NOWHERE}"}`,
  ],
  [
    '{"verb":"add","what":"stream","rule":{"stream":"video0","feeds":["video0","audio0"]}}',
    '{"stream":"video0","feeds":["video0","audio0"]}',
  ],
  ['{"verb":"list","what":"stream","which":"video0"}', '{"feeds":["video0","audio0"]}'],
  ['{"verb":"list","what":"stream","which":"doesnotexist"}', '{"feeds":null}'],
  [
    '{"verb":"list","what":"destination","which":"0"}',
    `{"id":"0","stream":"video0","destination":"${NOWHERE}"}`,
  ],
  ['{"verb":"list","what":"stream","which":"all"}', '{"video0":["video0","audio0"]}'],
  ['{"verb":"delete","what":"stream","which":"video0"}', '{"deleted":"video0"}'],
  ['{"verb":"delete","what":"destination","which":"0"}', '{"deleted":"0"}'],
  ['{"verb":"delete","what":"stream","which":"all"}', '{"deleted":"deleteAll"}'],
  ['{"verb":"delete","what":"destination","which":"apiRule"}', '{"error":"Cannot delete apiRule"}'],
  ["Not even JSON", '{"error":"Unrecognised Command"}'],
  ['{"verb":"add","what":"stream"}', '{"error":"Unrecognised Command"}'],
  ['{"verb":"list","what":"stream"}', '{"error":"Unrecognised Command"}'],
  ['{"verb":"jump","what":"stream","which":"all"}', '{"error":"Unrecognised Command"}'],
  ['{"verb":"list","what":"moon","which":"all"}', '{"error":"Unrecognised Command"}'],
  ["[]", '{"error":"Unrecognised Command"}'],
];

Deno.test("the JSON verbs at /ws/api, reply by reply", async () => {
  const { relay, vw } = await open();
  await using _relay = relay;
  await using socket = await VwSocket.open(vw.url, "api");
  assert.equal(socket.protocol, "null");
  for (const [command, reply] of VERBS) {
    const count = socket.messages.length;
    socket.send(command);
    await until(() => socket.messages.length > count, { what: `a reply to ${command}` });
    assert.equal(socket.messages.at(-1), reply, command);
  }
  assert.equal(socket.messages.length, VERBS.length);
});

Deno.test("vw_api: the relay dials out, and obeys who is at the other end", async () => {
  await using far = await FarEnd.start();
  const { relay, vw } = await open(`, vw_api: "${far.url}/bi/unique"`);
  await using _relay = relay;
  await until(() => far.connections === 1, { what: "the connection" });
  far.send('{"verb":"healthcheck"}');
  await until(() => far.texts.length === 1, { what: "a reply" });
  far.send('{"verb":"list","what":"destination","which":"all"}');
  await until(() => far.texts.length === 2, { what: "a list" });
  assert.deepEqual(far.texts, [
    '{"healthcheck":"ok"}',
    `{"apiRule":{"id":"apiRule","stream":"api","destination":"${far.url}/bi/unique"}}`,
  ]);
  far.send('{"error":"said by another vw at the same place"}');
  far.send('{"verb":"delete","what":"destination","which":"all"}');
  await until(() => far.connections === 2, { what: "the connection anew" });
  far.send('{"verb":"healthcheck"}');
  await until(() => far.texts.includes('{"healthcheck":"ok"}') && far.texts.length > 2, {
    what: "a reply",
  });
  assert.ok(!far.texts.some((text) => text.includes("Unrecognised")), "no answer to an answer");
  assert.match((await vw.ask("GET", "/api/destinations/all")).text, /^\{"apiRule":/);
});

Deno.test("a path with slashes too many leads to one without, and nothing in it becomes a header or ends the relay", async () => {
  const { relay, vw } = await open();
  await using _ = relay;
  const port = Number(new URL(vw.url).port);
  for (
    const [path, location] of [
      ["/api//streams///all?a=1", "/api/streams/all"],
      ["/api//x%0d%0aSet-Cookie:%20a=b", "/api/x%0d%0aSet-Cookie:%20a=b"],
      ["/api//%E2%82%AC", "/api/%E2%82%AC"],
      ["/\\elsewhere.example//x", "/elsewhere.example/x"],
    ] as const
  ) {
    using client = await RawClient.request(port, `GET ${path} HTTP/1.1`, ["Connection: close"]);
    await client.until((text) => text.includes("\r\n\r\n"));
    const head = new TextDecoder("latin1").decode(client.received).toLowerCase();
    if (path.startsWith("/\\")) {
      // A URL that begins with two slashes names a host: it is no path at all.
      assert.doesNotMatch(head, /location: *[/\\]{2}/, path);
    } else {
      assert.match(head, /^http\/1.1 301 /, path);
      assert.ok(head.includes(`location: ${location.toLowerCase()}\r\n`), head);
    }
    assert.doesNotMatch(head, /\r\nset-cookie/);
  }
  assert.equal((await vw.ask("GET", "/healthcheck")).text, '"ok"');
});
