/** What a window keeps before it knows how long a picture lasts: no more of anything than it needs. */

import assert from "node:assert/strict";
import { Window } from "../../../../relay/deliveries/hls/window.ts";
import { describeStream, steadyPictures, steadySounds } from "../../../support/batches.ts";

Deno.test("sound that comes before any picture does not pile up", () => {
  const sounds = steadySounds({ count: 5_000 })
    .map((each, at) => ({ ...each, alone: true, arrival: at * 21_333 }));
  const pictures = steadyPictures({ count: 61, group: 30, first: 100 * 90_000 })
    .map((each) => ({ ...each, arrival: 5_000 * 21_333 }));
  const { segment, batches } = describeStream([...sounds, ...pictures]);
  const window = new Window({ epoch: "e", sequence: 0, now: () => 0 });
  window.init(segment);
  for (const batch of batches) window.push(batch);
  const held = window.segment(0)?.parts[0]?.batches ?? [];
  assert.ok(held.some(({ key, fragments }) => key && fragments[0]?.track === 1));
  assert.ok(held.length < 40, `${held.length} batches are in the first part`);
});

Deno.test("one picture, and then none: what came of sound beside it is let go when the stream stops", () => {
  const sounds = steadySounds({ count: 200 }).map((each) => ({ ...each, alone: true }));
  const { segment, batches } = describeStream([...steadyPictures({ count: 1 }), ...sounds]);
  const later = describeStream([
    ...steadyPictures({ count: 61, group: 30, first: 900_000 }),
    ...steadySounds({ count: 1 }),
  ]);
  const window = new Window({ epoch: "e", sequence: 0, now: () => 0 });
  window.init(segment);
  for (const batch of batches) window.push(batch);
  window.offline();
  for (const batch of later.batches) window.push(batch);
  const held = window.segment(0)?.parts[0]?.batches ?? [];
  assert.equal(held[0], later.batches[0]);
  assert.match(
    window.playlist({ delta: false }),
    /PART-TARGET=0\.1/,
    "learned from what came later",
  );
});
