/** A group that breaks decoders is tried twice and then passed over. */

import assert from "node:assert/strict";
import { AvoidedGroup, SAME_CAUSE_MS } from "../../../web/src/player/avoided_group.ts";

const picture = (decodeStart: number): { decodeStart: number; key: boolean } => ({
  decodeStart,
  key: false,
});
const keyPicture = (decodeStart: number): { decodeStart: number; key: boolean } => ({
  decodeStart,
  key: true,
});

Deno.test("the first time it may have been the decoder's fault: all is tried again", () => {
  const avoided = new AvoidedGroup();
  avoided.broke(12, 0);
  assert.equal(avoided.holds(keyPicture(10), 100), false);
  assert.equal(avoided.holds(picture(11), 100), false);
});

Deno.test("the second time it is passed over, up to the next key picture", () => {
  const avoided = new AvoidedGroup();
  avoided.broke(12, 0);
  avoided.broke(12.5, 1000);
  assert.equal(avoided.holds(keyPicture(10), 1100), true);
  assert.equal(avoided.holds(picture(12.5), 1100), true);
  assert.equal(avoided.holds(picture(13), 1600), true, "nothing can begin there");
  assert.equal(avoided.holds(keyPicture(14), 2600), false);
  assert.equal(avoided.holds(picture(14.1), 2700), false);
});

Deno.test("two that have nothing to do with one another are two first times", () => {
  const avoided = new AvoidedGroup();
  avoided.broke(12, 0);
  avoided.broke(60, SAME_CAUSE_MS + 1);
  assert.equal(avoided.holds(keyPicture(58), SAME_CAUSE_MS + 100), false);
});

Deno.test("another timeline, or a group without end, is not avoided", () => {
  const avoided = new AvoidedGroup();
  avoided.broke(100, 0);
  avoided.broke(100, 10);
  assert.equal(avoided.holds(picture(1), 20), false);
  avoided.broke(100, 30);
  assert.equal(avoided.holds(picture(101), 40), true);
  assert.equal(avoided.holds(picture(140), 30 + SAME_CAUSE_MS), false);
});

Deno.test("a decoder that was given nothing says nothing of any group", () => {
  const avoided = new AvoidedGroup();
  avoided.broke(-Infinity, 0);
  avoided.broke(-Infinity, 10);
  assert.equal(avoided.holds(picture(1), 20), false);
});
