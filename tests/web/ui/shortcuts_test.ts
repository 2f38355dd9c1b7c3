/**
 * The player's keys.
 *
 * @module
 */

import assert from "node:assert/strict";
import { actionOf, type KeyPress, SHORTCUTS } from "../../../web/src/ui/shortcuts.ts";

const BODY = { tag: "body", editable: false };

function press(key: string, changes: Partial<KeyPress> = {}): KeyPress {
  return {
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    defaultPrevented: false,
    ...changes,
  };
}

Deno.test("every written key works, in both cases", () => {
  for (const { keys, action } of SHORTCUTS) {
    for (const key of keys) {
      assert.equal(actionOf(press(key), BODY), action, key);
      assert.equal(actionOf(press(key.toUpperCase()), BODY), action, key);
    }
  }
});

Deno.test("no key has two meanings", () => {
  const keys = SHORTCUTS.flatMap((shortcut) => shortcut.keys);
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("the browser keeps its own keys", () => {
  assert.equal(actionOf(press("f", { ctrlKey: true }), BODY), undefined);
  assert.equal(actionOf(press("m", { metaKey: true }), BODY), undefined);
  assert.equal(actionOf(press("i", { altKey: true }), BODY), undefined);
  assert.equal(actionOf(press("x"), BODY), undefined);
});

Deno.test("what somebody else has handled is left alone", () => {
  assert.equal(actionOf(press("k", { defaultPrevented: true }), BODY), undefined);
});

Deno.test("the space bar presses the button that has the focus; letters still work there", () => {
  for (const tag of ["button", "a", "input"]) {
    assert.equal(actionOf(press(" "), { tag, editable: false }), undefined, tag);
    assert.equal(actionOf(press("k"), { tag, editable: false }), "play", tag);
  }
});

Deno.test("letters typed into a field stay there", () => {
  assert.equal(actionOf(press("m"), { tag: "input", editable: true }), undefined);
});
