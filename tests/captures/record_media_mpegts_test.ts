/** The captures of MPEG-TS, recorded. */

import { isTransportStream, testRecorded } from "./record_media_suite.ts";

testRecorded(isTransportStream);
