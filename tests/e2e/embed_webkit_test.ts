/** The player on other pages in Webkit, see embed_suite.ts. */

import { launchWebkit } from "../support/browsers/webkit.ts";
import { testEmbedding } from "./embed_suite.ts";

testEmbedding("webkit", launchWebkit);
