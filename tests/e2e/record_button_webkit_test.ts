/** The Record button in WebKitGTK, see record_button_suite.ts. */

import { launchWebkit } from "../support/browsers/webkit.ts";
import { testRecordButton } from "./record_button_suite.ts";

testRecordButton("webkit", launchWebkit);
