/** The way to https in Chromium, see trust_suite.ts. */

import { launchChromium } from "../support/browsers/chromium.ts";
import { testTrust } from "./trust_suite.ts";

testTrust("chromium", launchChromium);
