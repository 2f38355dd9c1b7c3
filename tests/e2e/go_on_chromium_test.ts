/** Going on in Chromium, see go_on_suite.ts. */

import { launchChromium } from "../support/browsers/chromium.ts";
import { testGoingOn } from "./go_on_suite.ts";

testGoingOn("chromium", launchChromium);
