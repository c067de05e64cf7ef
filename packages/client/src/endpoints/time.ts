/**
 * The call that asks for the network's clock.
 *
 * @module
 */
import type { Call, CallOptions } from "./call.ts";
import type { CallRequest } from "./request.ts";
import { type TimetokenResult, parseTime } from "./timetoken-result.ts";

/** The request for the network's clock. */
export const TIME: CallRequest = { path: ["time", "0"], isOpen: true };

/** Asks for the network's clock. */
export const timeCall: Call<CallOptions, TimetokenResult> = {
  operation: "PNTimeOperation",
  request: () => TIME,
  parse: parseTime,
};
