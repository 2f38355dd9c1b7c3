/** Going on in Webkit, see go_on_suite.ts. */

import { launchWebkit } from "../support/browsers/webkit.ts";
import { testGoingOn } from "./go_on_suite.ts";

testGoingOn("webkit", launchWebkit);
