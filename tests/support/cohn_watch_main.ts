/**
 * Watches a camera on the home's network in a process of its own, which the authority of that camera's certificate was
 * given for the web (NODE_EXTRA_CA_CERTS); the source is told of another. Writes what came of it.
 *
 * @module
 */

import type { Identity } from "../../relay/certificates/x509.ts";
import { authorityOf, watchAtHome } from "./cohn_camera.ts";
import { IMPATIENT } from "./gopro_scene.ts";

const actual = JSON.parse(Deno.env.get("ACTUAL") ?? "") as Identity;
await watchAtHome(await authorityOf("GoPro Root"), actual, async (out, running) => {
  const watched = out.until((seen) => seen.all("data").length > 0).then(() => "watched");
  const outcome = await Promise.race([watched, running.then(() => "ended", String)]);
  await Deno.stdout.write(new TextEncoder().encode(outcome));
}, { timings: IMPATIENT });
Deno.exit();
