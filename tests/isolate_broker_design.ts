/** @module */
import { Method, Service, StreamingResult, String } from "@x/goats/design";

export const talk = Service("talk", Method("listen", StreamingResult(String)));
