/** The Record button in Firefox, see record_button_suite.ts. */

import { launchFirefox } from "../support/browsers/firefox.ts";
import { testRecordButton } from "./record_button_suite.ts";

testRecordButton("firefox", launchFirefox);
