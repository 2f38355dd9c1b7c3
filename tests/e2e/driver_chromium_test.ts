/** The driver of Chromium, see driver_suite.ts. */

import { launchChromium } from "../support/browsers/chromium.ts";
import { testDriver } from "./driver_suite.ts";

testDriver("chromium", launchChromium);
