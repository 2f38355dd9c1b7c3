/** A GoPro on the home's network: HTTPS with a pinned authority, a name and a password. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { authorityOf, watchAtHome } from "../../../support/cohn_camera.ts";
import { IMPATIENT } from "../../../support/gopro_scene.ts";
import { run } from "../../../support/run.ts";

Deno.test("with its own authority, name and password a camera on the home's network is watched", async () => {
  const authority = await authorityOf("GoPro Root");
  await watchAtHome(authority, authority, async (out) => {
    await out.until((seen) => seen.all("data").length > 20);
    assert.equal(out.all("status")[0]?.status.model, "HERO12 Black");
  });
});

Deno.test("a camera with another authority's certificate is not believed, and hears no password", async () => {
  const [pinned, actual] = await Promise.all([authorityOf("GoPro Root"), authorityOf("Other")]);
  await watchAtHome(pinned, actual, async (_out, running) => {
    await assert.rejects(running, {
      name: "SourceError",
      message: /does not have the certificate of that GoPro/,
    });
  }, { timings: IMPATIENT });
});

Deno.test("an authority that this machine believes for the web is not the camera's", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const actual = await authorityOf("Web Root");
    const believed = join(folder, "web.pem");
    await Deno.writeTextFile(believed, actual.certificate);
    const main = fileURLToPath(new URL("../../../support/cohn_watch_main.ts", import.meta.url));
    const lock = fileURLToPath(new URL("../../../deno.lock", import.meta.url));
    // With the lock nothing is asked of the registry, which is not believed there.
    const { stdout } = await run(
      Deno.execPath(),
      ["run", "-A", "-q", "--no-check", `--lock=${lock}`, "--frozen", main],
      { env: { NODE_EXTRA_CA_CERTS: believed, ACTUAL: JSON.stringify(actual) } },
    );
    assert.match(stdout, /does not have the certificate of that GoPro/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a wrong password is said", async () => {
  const authority = await authorityOf("GoPro Root");
  await watchAtHome(authority, authority, async (_out, running) => {
    await assert.rejects(running, { name: "SourceError", message: /401|password/ });
  }, { password: "wrong", timings: IMPATIENT });
});
