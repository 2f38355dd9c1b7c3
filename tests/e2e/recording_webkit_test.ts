/** Recordings in WebKitGTK, see recording_suite.ts. */

import { launchWebkit } from "../support/browsers/webkit.ts";
import { testRecordings } from "./recording_suite.ts";

testRecordings("webkit", launchWebkit);
