/** Playing in Webkit, see play_suite.ts. */

import { launchWebkit } from "../support/browsers/webkit.ts";
import { testPlaying } from "./play_suite.ts";

testPlaying("webkit", launchWebkit);
