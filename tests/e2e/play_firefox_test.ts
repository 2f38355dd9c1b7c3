/** Playing in Firefox, see play_suite.ts. */

import { launchFirefox } from "../support/browsers/firefox.ts";
import { testPlaying } from "./play_suite.ts";

testPlaying("firefox", launchFirefox);
