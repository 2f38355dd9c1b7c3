/** Which pages may reach which relay, as browsers have it. */

import assert from "node:assert/strict";
import { explainUnreachable } from "../../../web/src/player/unreachable.ts";

Deno.test("a page over https and a relay over http: a sentence with the way out, but not for this machine", () => {
  const cases: readonly (readonly [page: string, stream: string, refused: boolean])[] = [
    ["https://site.example/", "http://cam.local:8000/live/porch", true],
    ["https://site.example/", "http://192.168.1.7:8000/live/porch", true],
    ["https://site.example/", "http://127.evil.example/live/porch", true],
    ["https://site.example/", "http://localhost.example/live/porch", true],
    ["https://site.example/", "https://cam.local:8443/live/porch", false],
    ["https://site.example/", "http://localhost:8000/live/porch", false],
    ["https://site.example/", "http://127.0.0.1:8000/live/porch", false],
    ["https://site.example/", "http://[::1]:8000/live/porch", false],
    ["http://site.example/", "http://cam.local:8000/live/porch", false],
    ["file:///home/me/page.html", "http://cam.local:8000/live/porch", false],
    ["about:srcdoc", "http://cam.local:8000/live/porch", false],
  ];
  for (const [page, stream, refused] of cases) {
    const words = explainUnreachable(page, stream);
    assert.equal(words !== "", refused, `${stream} in ${page}`);
    if (refused) assert.match(words, /https address .*src/);
  }
});

Deno.test("what is no address is named", () => {
  for (const page of ["https://site.example/", "http://site.example/", "about:srcdoc"]) {
    assert.match(explainUnreachable(page, "http://"), /cannot be read: http:\/\/$/);
  }
});
