/** The driver of Firefox, see driver_suite.ts. */

import { launchFirefox } from "../support/browsers/firefox.ts";
import { testDriver } from "./driver_suite.ts";

testDriver("firefox", launchFirefox);
