/** What the relay's answers mean where a playlist does not play. */

import assert from "node:assert/strict";
import { asksWhy, troubleOf } from "../../../web/src/player/playlist_trouble.ts";

Deno.test("no such stream is a refusal, in the relay's words", () => {
  const detail = "There is no stream called porch.";
  assert.deepEqual(troubleOf(404, { detail }), { kind: "refused", reason: detail });
});

Deno.test("a camera that is not there is told of as the relay tells it", () => {
  const detail = "The camera does not answer.";
  assert.deepEqual(troubleOf(503, { detail }), { kind: "offline", reason: detail });
});

Deno.test("an answer without words has its number", () => {
  for (const problem of [{}, null, "x", { detail: 3 }]) {
    assert.deepEqual(troubleOf(500, problem), { kind: "gone", reason: "The relay answered 500." });
  }
});

/** What a server answers to the question, asked of a real one. */
async function asked(answer: () => Response): ReturnType<typeof asksWhy> {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: (): void => {} },
    answer,
  );
  return await asksWhy(
    `http://127.0.0.1:${server.addr.port}/live/cam/index.m3u8`,
    new AbortController().signal,
  );
}

Deno.test("a playlist that is there is no trouble", async () => {
  assert.equal(await asked(() => new Response("#EXTM3U")), undefined);
});

Deno.test("refused, and what is no relay", async () => {
  const detail = "There is no stream called cam.";
  const refused = await asked(() => Response.json({ detail }, { status: 404 }));
  assert.deepEqual(refused, { kind: "refused", reason: detail });
  const other = await asked(() => new Response("<html>", { status: 502 }));
  assert.deepEqual(other, { kind: "gone", reason: "What answered is no relay." });
});

Deno.test("nobody answers", async () => {
  const trouble = await asksWhy("http://127.0.0.1:9/index.m3u8", new AbortController().signal);
  assert.deepEqual(trouble, { kind: "gone", reason: "The relay cannot be reached." });
});
