/** Recordings in Firefox, see recording_suite.ts. */

import { launchFirefox } from "../support/browsers/firefox.ts";
import { testRecordings } from "./recording_suite.ts";

testRecordings("firefox", launchFirefox);
