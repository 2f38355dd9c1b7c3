/**
 * What archives are made for: one row a platform, named as Debian and container images name them. Data.
 *
 * @module
 */

/** One archive. */
export interface Platform {
  readonly name: string;
  /** The npm package that is Deno's program there; its version is {@link DENO_VERSION}. */
  readonly denoPackage: string;
}

/** The Deno that is packed; deno.lock beside this file has what its packages must hash to. */
export const DENO_VERSION = "2.9.6";

/** Made where none is named. Linux needs glibc 2.31 or newer: Debian 11, Raspberry Pi OS 11 (64 bits), Ubuntu 20.04. */
export const LINUX: readonly Platform[] = [
  { name: "linux-amd64", denoPackage: "@deno/linux-x64-glibc" },
  { name: "linux-arm64", denoPackage: "@deno/linux-arm64-glibc" },
];

/** All there are. */
export const PLATFORMS: readonly Platform[] = [
  ...LINUX,
  { name: "macos-amd64", denoPackage: "@deno/darwin-x64" },
  { name: "macos-arm64", denoPackage: "@deno/darwin-arm64" },
];
