/** Another relay's clock from its answers: the quickest counts, and each grows old. */
import assert from "node:assert/strict";
import { OriginEstimator } from "../../../../relay/sources/pull/origin_estimate.ts";

Deno.test("the quickest answer is believed, with half of what it took as its error", () => {
  const estimator = new OriginEstimator(100);
  assert.equal(estimator.estimate(0), undefined);
  estimator.take(1_005_000, { asked: 0, came: 20_000 }); // held up on its way back
  assert.deepEqual(estimator.estimate(20_000), { offset: 995_000, error: 10_100 });
  estimator.take(1_021_000, { asked: 20_000, came: 22_000 });
  assert.deepEqual(estimator.estimate(22_000), { offset: 1_000_000, error: 1_100 });
  estimator.take(1_040_000, { asked: 30_000, came: 60_000 });
  assert.equal(estimator.estimate(60_000)?.offset, 1_000_000);
});

Deno.test("an old answer is believed less, and makes room at last", () => {
  const estimator = new OriginEstimator(0);
  const minute = 60_000_000;
  estimator.take(500, { asked: 0, came: 1_000 });
  assert.deepEqual(estimator.estimate(minute + 1_000), { offset: 0, error: 500 + 6_000 });
  estimator.take(minute + 2_000, { asked: minute, came: minute + 2_000 });
  assert.deepEqual(estimator.estimate(minute + 2_000), { offset: 1_000, error: 1_000 });
  for (let n = 1; n <= 8; n++) {
    estimator.take(2 * minute, { asked: 2 * minute - 5_000, came: 2 * minute });
  }
  assert.equal(estimator.estimate(2 * minute)?.offset, 2_500, "only so many are compared");
});
