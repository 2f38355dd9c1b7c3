/** `/api/devices`: however many ask at once, the machine's programs are asked once. */

import assert from "node:assert/strict";
import { mount } from "../../../relay/api/mount.ts";
import { devicesRoute } from "../../../relay/http/controls_api.ts";

Deno.test("whoever asks for the devices while they are looked for gets the same answer; later ones a new one", async () => {
  let asked = 0;
  let fails = false;
  const find = async (): Promise<{ cameras: []; microphones: []; notes: string[] }> => {
    const note = `search ${++asked}`;
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (fails) throw new Error("no such program");
    return { cameras: [], microphones: [], notes: [note] };
  };
  const app = mount([devicesRoute(find)], "all");
  app.onError((_error, c) => c.text("failed", 500));
  const ask = async (): Promise<string> => await (await app.request("/api/devices")).text();
  const first = await Promise.all([ask(), ask(), ask()]);
  assert.equal(new Set(first).size, 1);
  assert.match(first[0] ?? "", /search 1/);
  assert.match(await ask(), /search 2/);
  fails = true;
  assert.deepEqual(await Promise.all([ask(), ask()]), ["failed", "failed"]);
  fails = false;
  assert.match(await ask(), /search 4/, "a search that failed is not kept");
});
