/**
 * The address of a script that Vite builds by itself, for `audioWorklet.addModule`.
 *
 * @module
 */

declare module "*?worker&url" {
  const address: string;
  export default address;
}
