/**
 * The one caller: turns a row of the table of calls into a request, and its answer into a result or an error.
 *
 * @module
 */
import type { Configuration } from "../configuration.ts";
import { PubNubError } from "../errors.ts";
import { STATUS_CATEGORIES, categoryOf } from "../status.ts";
import {
  type Transport,
  type TransportAnswer,
  TransportFailure,
  type TransportRequest,
} from "../transport/transport.ts";

/** What a call asks of the network. */
export interface CallRequest {
  /** Segments, not yet encoded; a list becomes one segment, its names encoded each and joined by commas. */
  readonly path: readonly (string | readonly string[])[];
  /** Parameters, not yet encoded; those without a value are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  /** JSON text to POST. */
  readonly body?: string | undefined;
}

/** One row of the table of calls. */
export interface Call<Parameters, Result> {
  /** As in statuses and errors. */
  readonly operation: string;
  /** Checks the parameters and says what to ask. Throws a {@link PubNubError} for what cannot be sent. */
  readonly request: (parameters: Parameters, configuration: Configuration) => CallRequest;
  /** Reads a successful answer; undefined where it is not what it should be. */
  readonly parse: (text: string) => Result | undefined;
}

/** What calls are made with. */
export interface Caller {
  readonly configuration: Configuration;
  readonly transport: Transport;
}

/**
 * Makes a call.
 *
 * @param signal aborts it.
 * @throws {PubNubError} whatever goes wrong.
 */
export async function perform<Parameters, Result>(
  { configuration, transport }: Caller,
  call: Call<Parameters, Result>,
  parameters: Parameters,
  signal?: AbortSignal,
): Promise<Result> {
  const { operation } = call;
  const request = buildRequest(configuration, call.request(parameters, configuration));
  const answer = await transport({ ...request, timeoutMs: configuration.requestTimeoutMs, signal }).catch((failure) => {
    throw errorOfFailure(failure, operation);
  });
  if (answer.status >= 400) throw errorOfAnswer(answer, operation);
  const result = call.parse(answer.text);
  if (result !== undefined) return result;
  throw new PubNubError("The answer is not what this call is answered with; is the origin a Longwave network?", {
    category: STATUS_CATEGORIES.malformedResponse,
    operation,
    status: answer.status,
  });
}

/** Encodes a request's path and query and adds what every request carries. */
export function buildRequest(
  { origin, uuid }: Pick<Configuration, "origin" | "uuid">,
  { path, query, body }: CallRequest,
): Pick<TransportRequest, "method" | "url" | "body"> {
  const parameters = Object.entries({ ...query, uuid, pnsdk: SDK_NAME }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encode(value.toString())}`],
  );
  const url = `${origin}/${path.map(encodeSegment).join("/")}?${parameters.join("&")}`;
  return body === undefined ? { method: "GET", url } : { method: "POST", url, body };
}

/** What the network learns about this program. */
export const SDK_NAME = "Longwave-TypeScript/0.1.0";

function encodeSegment(segment: string | readonly string[]): string {
  return typeof segment === "string" ? encode(segment) : segment.map(encode).join(",");
}

// What encodeURIComponent leaves and servers of this protocol sign in encoded form.
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!~*'()]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

const FAILURE_CATEGORIES = {
  network: STATUS_CATEGORIES.networkIssues,
  timeout: STATUS_CATEGORIES.timeout,
  cancelled: STATUS_CATEGORIES.cancelled,
} as const;

/** The error of a request that got no answer. */
export function errorOfFailure(failure: unknown, operation: string): PubNubError {
  if (failure instanceof TransportFailure) {
    return new PubNubError(failure.message, { category: FAILURE_CATEGORIES[failure.kind], operation });
  }
  const reason = failure instanceof Error ? failure.message : String(failure);
  return new PubNubError(reason, { category: STATUS_CATEGORIES.unknown, operation });
}

/** The error of an answer with an error status: what the network said. */
export function errorOfAnswer({ status, text }: TransportAnswer, operation: string): PubNubError {
  const said = messageOf(text) ?? `The network answered ${status}`;
  return new PubNubError(said, { category: categoryOf(status), operation, status });
}

// An array [0,"message",…] or an object with a message or an error_message; anything else says nothing.
function messageOf(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const said: unknown = Array.isArray(body)
      ? body[1]
      : (memberOf(body, "message") ?? memberOf(body, "error_message"));
    return typeof said === "string" ? said : undefined;
  } catch {
    return undefined;
  }
}

function memberOf(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}
