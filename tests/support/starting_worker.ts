/** Starts a program, waits for its end, and starts it again, for good: what a relay's cameras do in threads of their own. */

/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

for (;;) await new Deno.Command("true", { stdin: "null", stdout: "null" }).spawn().status;
