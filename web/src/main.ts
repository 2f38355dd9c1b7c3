/**
 * Where the app begins: names its elements, so that the browser makes them.
 *
 * @module
 */

import "./ui/app.ts";
