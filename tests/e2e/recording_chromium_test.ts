/** Recordings in Chromium, see recording_suite.ts. */

import { launchChromium } from "../support/browsers/chromium.ts";
import { testRecordings } from "./recording_suite.ts";

testRecordings("chromium", launchChromium);
