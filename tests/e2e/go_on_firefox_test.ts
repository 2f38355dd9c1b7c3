/** Going on in Firefox, see go_on_suite.ts. */

import { launchFirefox } from "../support/browsers/firefox.ts";
import { testGoingOn } from "./go_on_suite.ts";

testGoingOn("firefox", launchFirefox);
