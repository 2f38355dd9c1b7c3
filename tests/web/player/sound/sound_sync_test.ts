/** The table of where sound may be and what is done about it, and a simulation of ten minutes. */

import assert from "node:assert/strict";
import {
  leastLate,
  MAX_LATE_S,
  MAX_NEED_S,
  MAX_NUDGE,
  pictureNeed,
  type SoundMove,
  type SoundSituation,
  syncSound,
} from "../../../../web/src/player/sound/sound_sync.ts";

/** In its place: as late as it must be, with its margin left. */
const IN_PLACE: SoundSituation = { late: 0.03, ahead: 0.015, margin: 0.015, fresh: false };
const EVEN: SoundMove = { kind: "rate", rate: 1 };

const CASES: readonly (readonly [string, Partial<SoundSituation>, SoundMove])[] = [
  ["in place", {}, EVEN],
  ["a little late is within what is known", { late: 0.037, ahead: 0.022 }, EVEN],
  ["late, with enough ahead: a little faster", { late: 0.05, ahead: 0.035 }, {
    kind: "rate",
    rate: 1.005,
  }],
  ["late, with nothing ahead to spare: it must be so", { late: 0.05, ahead: 0.015 }, EVEN],
  ["later than the margin demands, up to the limit: faster", { late: 0.1, ahead: 0.015 }, {
    kind: "rate",
    rate: 1.005,
  }],
  ["the margin is too thin: slower", { late: 0.03, ahead: 0.003 }, { kind: "rate", rate: 0.997 }],
  ["early: slower", { late: -0.04, ahead: 0.2 }, { kind: "rate", rate: 0.995 }],
  ["sound that is there long before its picture is not late", { late: 0, ahead: 0.3 }, EVEN],
  ["far too late: jump on", { late: 0.3, ahead: 0.4 }, { kind: "jump", by: 0.3 }],
  ["far too early: jump back", { late: -0.2, ahead: 0.5 }, { kind: "jump", by: -0.2 }],
  ["just begun: jump for less", { late: 0.1, ahead: 0.2, fresh: true }, { kind: "jump", by: 0.1 }],
  ["no pictures: the margin and a little is kept", { late: undefined, ahead: 0.045 }, EVEN],
  ["no pictures, too much ahead: jump", { late: undefined, ahead: 0.545 }, {
    kind: "jump",
    by: 0.5,
  }],
];

for (const [what, change, expected] of CASES) {
  Deno.test(`sound sync: ${what}`, () => {
    const move = syncSound({ ...IN_PLACE, ...change });
    assert.equal(move.kind, expected.kind);
    const value = (of: SoundMove): number => of.kind === "rate" ? of.rate : of.by;
    assert.ok(Math.abs(value(move) - value(expected)) < 1e-9, JSON.stringify(move));
  });
}

Deno.test("the pictures wait for sound only beyond what may be late", () => {
  const margin = 0.015;
  const need = pictureNeed({ picture: 7, sound: 6.9, margin });
  assert.ok(Math.abs(need - (0.1 + margin - MAX_LATE_S)) < 1e-9, `${need}`);
  assert.equal(pictureNeed({ picture: 7, sound: 7.1, margin }), 0);
});

Deno.test("pictures of another timeline ask for no more than can be borne", () => {
  assert.equal(pictureNeed({ picture: 84, sound: 3, margin: 0.015 }), MAX_NEED_S);
});

for (const partsPerMillion of [-300, 300]) {
  Deno.test(`a sound card ${partsPerMillion} ppm off is followed for ten minutes, unheard`, () => {
    let late = 0.03;
    let ahead = 0.05;
    let worst = 0;
    let rate = 1;
    for (let second = 0; second < 600; second += 0.25) {
      const move = syncSound({ late, ahead, margin: 0.015, fresh: false });
      assert.equal(move.kind, "rate", "no jump");
      if (move.kind === "rate") rate = move.rate;
      assert.ok(Math.abs(rate - 1) <= MAX_NUDGE + 1e-12);
      const gained = 0.25 * (rate * (1 + partsPerMillion / 1e6) - 1);
      late -= gained;
      ahead -= gained;
      if (second > 60) worst = Math.max(worst, Math.abs(late));
      assert.ok(leastLate({ late, ahead, margin: 0.015, fresh: false }) < MAX_LATE_S);
    }
    assert.ok(worst < 0.02, `${worst} s apart`);
  });
}
