/** Playing in Chromium, see play_suite.ts. */

import { launchChromium } from "../support/browsers/chromium.ts";
import { testPlaying } from "./play_suite.ts";

testPlaying("chromium", launchChromium);
