/** The player on other pages in Chromium, see embed_suite.ts. */

import { launchChromium } from "../support/browsers/chromium.ts";
import { testEmbedding, testEmbeddingOverTls } from "./embed_suite.ts";

testEmbedding("chromium", launchChromium);
testEmbeddingOverTls("chromium", launchChromium);
