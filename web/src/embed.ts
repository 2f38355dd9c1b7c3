/**
 * What other pages load as `embed.js` to have `<rill-player src="https://host/live/name">`. The relay is the one that
 * `src` names, whichever this file came from.
 *
 * @module
 */

import "./ui/player_element.ts";
