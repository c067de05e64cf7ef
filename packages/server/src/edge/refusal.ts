/**
 * From a failure to the error that is answered: a row of the table, or a bug told by an identifier.
 *
 * Rules: spec/ERRORS.md ERR1-ERR3.
 *
 * @module
 */
import { NetworkError, printErrorBody, printTimetoken, timetokenFromMs } from "@longwave/protocol";
import type { Services } from "./services.ts";

/** An error and its body, as it goes over the wire. */
export interface Refusal {
  readonly error: NetworkError;
  /** Compact JSON. */
  readonly body: string;
}

/** Where a failure happened. */
export interface FailurePlace {
  readonly method: string;
  /** The path as asked, undecoded. */
  readonly path: string;
}

/** What a failure is answered with. It is counted, and logged if it is a bug. */
export function refusalOfFailure({ clock, log, metrics }: Services, failure: unknown, place: FailurePlace): Refusal {
  if (failure instanceof NetworkError) {
    metrics.refused(failure.code);
    const timetoken = printTimetoken(timetokenFromMs(clock.wallMs()));
    return { error: failure, body: printErrorBody(failure.code, { ...failure.detail, timetoken, path: place.path }) };
  }
  const id = crypto.randomUUID();
  const stack = failure instanceof Error ? failure.stack : String(failure);
  log.error("a request met a bug", { id, method: place.method, route: place.path.split("/")[1], stack });
  metrics.refused("internal");
  return { error: new NetworkError("internal"), body: printErrorBody("internal", { id }) };
}
