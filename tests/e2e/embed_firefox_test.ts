/** The player on other pages in Firefox, see embed_suite.ts. */

import { launchFirefox } from "../support/browsers/firefox.ts";
import { testEmbedding } from "./embed_suite.ts";

testEmbedding("firefox", launchFirefox);
