/** The way to https in Chromium, see trust_suite.ts. */

import { launchChromium } from "../support/browsers/chromium.ts";
import { testPlainPort, testTrust } from "./trust_suite.ts";

testTrust("chromium", launchChromium);
testPlainPort("chromium", launchChromium);
