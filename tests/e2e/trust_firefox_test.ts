/** The way to https in Firefox, see trust_suite.ts. */

import { launchFirefox } from "../support/browsers/firefox.ts";
import { testTrust } from "./trust_suite.ts";

testTrust("firefox", launchFirefox);
