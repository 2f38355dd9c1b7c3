/** Which dialect a camera is taken to speak. */
import assert from "node:assert/strict";
import type { Answer } from "../../../../relay/sources/gopro/camera_http.ts";
import { DIALECT_NAMES, DIALECTS, recognise } from "../../../../relay/sources/gopro/dialects.ts";

const always = (answer: Answer) => () => Promise.resolve(answer);

Deno.test("the dialect that says yes is taken, with what the camera said", async () => {
  const body = JSON.stringify({ info: { model_name: "HERO5 Black" } });
  const found = await recognise(DIALECT_NAMES, always({ kind: "answered", status: 200, body }));
  assert.equal(found?.dialect, DIALECTS.gpcontrol);
  assert.deepEqual(found?.identity, { status: { model: "HERO5 Black" } });
});

Deno.test("a camera that answers badly is spoken to all the same", async () => {
  const found = await recognise(DIALECT_NAMES, always({ kind: "unreadable" }));
  assert.equal(found?.dialect, DIALECTS.gpcontrol);
  assert.equal(found?.identity, undefined);
});

Deno.test("no answer, no dialect", async () => {
  assert.equal(
    await recognise(DIALECT_NAMES, always({ kind: "failed", why: "refused" })),
    undefined,
  );
});
