/**
 * Refusals of requests about objects: what is wrong with which part, in the form that this service's clients read.
 *
 * Rules: spec/OBJECTS.md OBJ31-OBJ34.
 *
 * @module
 */
import { type FieldError, NetworkError } from "@longwave/protocol";

/** A refusal that names the parts of a request that are to blame, never their content. */
export function refuseFields(fields: readonly FieldError[]): NetworkError {
  return new NetworkError("objectMalformed", { fields });
}

/** A refusal of one query parameter. */
export function refuseQuery(location: string, message: string): NetworkError {
  return refuseFields([{ message, location, locationType: "query" }]);
}
