/** The driver of Webkit, see driver_suite.ts. */

import { launchWebkit } from "../support/browsers/webkit.ts";
import { testDriver } from "./driver_suite.ts";

testDriver("webkit", launchWebkit);
