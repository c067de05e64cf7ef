/**
 * The call that asks for the network's clock.
 *
 * @module
 */
import type { Call, CallOptions } from "./call.ts";
import { type TimetokenResult, parseTime } from "./timetoken-result.ts";

/** Asks for the network's clock. */
export const timeCall: Call<CallOptions, TimetokenResult> = {
  operation: "PNTimeOperation",
  request: () => ({ path: ["time", "0"] }),
  parse: parseTime,
};
