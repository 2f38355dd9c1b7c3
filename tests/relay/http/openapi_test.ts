/** The API's document: sound by the specification, true of a running relay, and with a right for everything. */

import assert from "node:assert/strict";
import { Hono } from "hono";
import { mount, refuseUndescribed } from "../../../relay/api/mount.ts";
import type { ApiRoute } from "../../../relay/api/route.ts";
import { SCHEMAS } from "../../../relay/api/schemas.ts";
import { whatIsWrong } from "../../support/openapi.ts";
import { TestRelay } from "../../support/relay.ts";

interface Operation {
  readonly "x-right": "none" | "view" | "publish" | "admin";
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

async function read(relay: TestRelay): Promise<Document> {
  return await (await fetch(`${relay.url}/api/openapi.json`)).json();
}

Deno.test("the document is OpenAPI 3.1 by the specification's own schema", async () => {
  await using relay = await TestRelay.silent("cam");
  const document = await read(relay);
  assert.match(document.openapi, /^3\.1\./);
  assert.equal(await whatIsWrong({ ...document }), undefined);
});

Deno.test("every operation of it exists, is refused without its right, and says so", async () => {
  await using relay = await TestRelay.start(["demo"]);
  const { paths } = await read(relay);
  let guarded = 0;
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const right = operation["x-right"];
      assert.ok(["none", "view", "publish", "admin"].includes(right), `${method} ${path}`);
      if (path === "/{file}" || method === "get" && right === "publish") continue; // a WebSocket's
      const address = path.replace("{name}", "none").replaceAll(/\{\w+\}/g, "some");
      const [type] = Object.keys(operation.requestBody?.content ?? {});
      const session = path.startsWith("/whip/") && method !== "post" ? "&session=none" : "";
      const answer = await fetch(`${relay.url}${address}?src=none${session}`, {
        method: method.toUpperCase(),
        ...(type === undefined ? {} : { headers: { "content-type": type } }),
        signal: AbortSignal.timeout(20_000),
      });
      const inWords = /json|text/.test(answer.headers.get("content-type") ?? "");
      const text = inWords ? await answer.text() : "";
      if (!inWords) await answer.body?.cancel();
      const what = `${method} ${path}: ${answer.status} ${text}`;
      assert.doesNotMatch(text, /no-such-route|no-such-resource|method-not-allowed/, what);
      const changes = right === "publish" || right === "admin";
      if (right === "admin") assert.equal(answer.status, 403, what);
      else assert.ok(changes ? answer.status >= 400 : answer.status !== 403, what);
      assert.ok(String(answer.status) in operation.responses, what);
      if (changes) guarded++;
    }
  }
  assert.ok(guarded >= 4, `${guarded} operations are guarded`);
});

Deno.test("answers are of the shapes that it states, and hold nothing that it does not", async () => {
  await using relay = await TestRelay.start(["--open", "all", "demo", "guest=push"]);
  for (
    const [path, name] of [
      ["/api/streams", "StreamList"],
      ["/api/streams/demo", "StreamInfo"],
      ["/healthz", "Health"],
      ["/api/stats", "Stats"],
      ["/api/sandbox", "Sandbox"],
      ["/api/streams/demo/record", "RecordingState"],
      ["/api/recordings", "RecordingList"],
      ["/api/destinations", "DestinationList"],
      ["/api/streams/none", "Problem"],
      ["/api/nothing", "Problem"],
    ] as const
  ) {
    const answer: unknown = await (await fetch(`${relay.url}${path}`)).json();
    const { data, error } = SCHEMAS[name].safeParse(answer);
    assert.equal(error, undefined, path);
    assert.deepEqual(answer, data, path);
  }
});

Deno.test("a route that says in no table which right it needs keeps the relay from starting", () => {
  const told: ApiRoute = {
    method: "GET",
    path: "/api/told/{name}/more",
    right: "view",
    summary: "Told.",
    answers: {},
    handle: (c) => c.text("told"),
  };
  const app = new Hono();
  app.route("/", mount([told], undefined));
  refuseUndescribed(app, [told]);
  app.get("/api/secret", (c) => c.text("secret"));
  assert.throws(() => refuseUndescribed(app, [told]), /GET \/api\/secret/);
});
