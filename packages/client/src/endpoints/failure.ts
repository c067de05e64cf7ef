/**
 * Failures: makes the one error class of an answer that says no, and of no answer at all.
 *
 * Rules: spec/SDK.md SDK4.
 *
 * @module
 */
import type { Configuration } from "../configuration.ts";
import { PubNubError } from "../errors.ts";
import { type JsonRecord, isRecord, parseJson, recordIn } from "../json.ts";
import { STATUS_CATEGORIES, type StatusCategory, categoryOf } from "../status.ts";
import { type TransportAnswer, TransportFailure } from "../transport/transport.ts";

/** Characters of the network's own words that a message repeats. */
const SAID_CHARACTERS_MAX = 200;

/** What to do about a status, or about a category. */
const REMEDIES: Readonly<Record<string, string>> = {
  404: "Check the names, and that origin is the network.",
  412: "It was changed meanwhile; read it again.",
  409: "It is there already; give another one, or leave it.",
  429: "Try again later.",
  [STATUS_CATEGORIES.badRequest]: "Check the keys and the parameters.",
  [STATUS_CATEGORIES.accessDenied]: "Give this client the permission, or leave it.",
  [STATUS_CATEGORIES.malformedFilter]: "Correct filterExpression.",
  [STATUS_CATEGORIES.serverError]: "Try again later.",
};

const ELSEWHERE = "Check that origin is the network.";

/** The error of an answer with an error status: what the network said, without keys. */
export function errorOfAnswer(answer: TransportAnswer, operation: string, configuration: Configuration): PubNubError {
  const { status } = answer;
  const category = categoryOf(status);
  const said = withoutKeys(messageOf(answer.text), configuration);
  const words = said === undefined ? "" : ` "${said}"`;
  const remedy = REMEDIES[status] ?? REMEDIES[category] ?? ELSEWHERE;
  return new PubNubError(`The network answered ${status}${words}. ${remedy}`, { category, operation, status });
}

/** The error of an answer that is not what the call is answered with. */
export function errorOfMalformed({ status }: TransportAnswer, operation: string): PubNubError {
  const category = STATUS_CATEGORIES.malformedResponse;
  const sentence = `The network answered ${status} with something else than asked. ${ELSEWHERE}`;
  return new PubNubError(sentence, { category, operation, status });
}

/** The error of anything that was thrown on the way. */
export function errorOfFailure(failure: unknown, operation: string, { origin }: Configuration): PubNubError {
  if (failure instanceof PubNubError) {
    return failure.operation === undefined ? new PubNubError(failure.message, { ...failure, operation }) : failure;
  }
  const [category, sentence] =
    failure instanceof TransportFailure
      ? reasonOf(failure, origin)
      : ([
          STATUS_CATEGORIES.unknown,
          "Something unexpected was thrown. Check the parameters, and the transport.",
        ] as const);
  return new PubNubError(sentence, { category, operation });
}

function reasonOf({ kind, code }: TransportFailure, origin: string): readonly [StatusCategory, string] {
  switch (kind) {
    case "network": {
      const reason = code === undefined ? "" : ` (${code})`;
      return [
        STATUS_CATEGORIES.networkIssues,
        `${origin} cannot be reached${reason}. Check the connection, and that origin is right.`,
      ];
    }
    case "timeout":
      return [STATUS_CATEGORIES.timeout, `${origin} did not answer in time. Try again, or set a longer time limit.`];
    case "cancelled":
      return [STATUS_CATEGORIES.cancelled, "The call was cancelled by its signal."];
  }
}

// An array [0,"message",…], or an object with a message, an error_message or an error with a message; anything else says nothing.
function messageOf(text: string): string | undefined {
  const body = parseJson(text);
  const said: unknown = Array.isArray(body) ? body[1] : isRecord(body) ? wordsIn(body) : undefined;
  return typeof said === "string" ? said : undefined;
}

function wordsIn(body: JsonRecord): unknown {
  return body["message"] ?? body["error_message"] ?? recordIn(body, "error")?.["message"] ?? body["error"];
}

// Some services repeat the path that was asked for, and the path holds the keys.
function withoutKeys(said: string | undefined, configuration: Configuration): string | undefined {
  if (said === undefined) return undefined;
  const { publishKey, subscribeKey, secretKey, credentials } = configuration;
  const keys = [publishKey, subscribeKey, secretKey, credentials.auth].filter((key) => key !== undefined);
  const clean = keys.reduce((text, key) => text.replaceAll(key, "…"), said);
  return clean.length > SAID_CHARACTERS_MAX ? `${clean.slice(0, SAID_CHARACTERS_MAX)}…` : clean;
}
