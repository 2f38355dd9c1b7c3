/** The player on other pages in Firefox, see embed_suite.ts. */

import { launchFirefox } from "../support/browsers/firefox.ts";
import { testEmbedding, testEmbeddingOverTls } from "./embed_suite.ts";

testEmbedding("firefox", launchFirefox);
testEmbeddingOverTls("firefox", launchFirefox);
