/**
 * Sends again what got no answer, where that cannot deliver it twice.
 *
 * A message travels with an id of its own (`lw_id`); a network that knows ids takes each once and answers a repeat with the
 * first one's timetoken. Whether this one does is told by its handshakes, else asked for before the first repeat. Rules:
 * spec/SDK.md SDK70-SDK72.
 *
 * @module
 */
import { base64Of } from "../base64.ts";
import type { Configuration } from "../configuration.ts";
import { encodeRequest } from "../endpoints/request.ts";
import { TIME } from "../endpoints/time.ts";
import { readKnowsIds } from "../endpoints/timetoken-result.ts";
import { type Timers, pause } from "../timers.ts";
import {
  type Transport,
  type TransportAnswer,
  TransportFailure,
  type TransportRequest,
} from "../transport/transport.ts";
import { pauseMsOf } from "./policy.ts";

/** Pauses of one message together, in milliseconds: whoever waits for its answer is told within about a minute. */
export const PAUSES_MS_MAX = 60_000;

const ID_BYTES = 16;
const ID_CHARACTERS = 22;
const TOO_MANY_REQUESTS = 429;

/** What repeats are sent with. */
export interface RepeatParts {
  readonly configuration: Configuration;
  readonly transport: Transport;
  readonly timers: Timers;
  /** A number from 0 to below 1. */
  readonly random: () => number;
}

type Outcome = { readonly answer: TransportAnswer } | { readonly failure: TransportFailure };

/** What is sent, with an id that no other message has, of 22 characters: without a policy nothing is sent again, so none then. */
export function identified<Parameters extends object>(
  { retryConfiguration }: Configuration,
  parameters: Parameters,
): Parameters {
  if (retryConfiguration.kind === "none") return parameters;
  return { publishId: newId(), ...parameters };
}

function newId(): string {
  return base64Of(crypto.getRandomValues(new Uint8Array(ID_BYTES)))
    .slice(0, ID_CHARACTERS)
    .replaceAll(/\W/g, "_");
}

/** One client's repeats. */
export class Repeats {
  readonly #parts: RepeatParts;
  #knowsIds: boolean | undefined; // until the network has said so

  constructor(parts: RepeatParts) {
    this.#parts = parts;
  }

  /** Takes what a handshake has told. */
  learn(knowsIds: boolean): void {
    this.#knowsIds = knowsIds;
  }

  /**
   * Sends a request that carries an id, again and again as the reconnection policy has it.
   *
   * @returns the first answer that another attempt would not change, else the last one.
   * @throws {TransportFailure} when the last attempt had none, or its signal has aborted it.
   */
  readonly send: Transport = async (request) => {
    const { configuration, random } = this.#parts;
    let pausedMs = 0;
    let outcome = await this.#attempt(request);
    for (let attempt = 1; isPassing(outcome); attempt++) {
      const pauseMs = pauseMsOf(configuration.retryConfiguration, attempt, retryAfterMsOf(outcome), random);
      if (pauseMs === undefined || (pausedMs += pauseMs) > PAUSES_MS_MAX) break;
      await pause(this.#parts.timers, pauseMs, request.signal);
      // Too many requests: nothing of the first one has happened, so any network may be asked again.
      const isSafe = "answer" in outcome && outcome.answer.status === TOO_MANY_REQUESTS;
      const mayRepeat = isSafe || (await this.#asks(request));
      if (mayRepeat === false) break;
      if (mayRepeat) outcome = await this.#attempt(request);
    }
    return settle(outcome);
  };

  async #attempt(request: TransportRequest): Promise<Outcome> {
    try {
      return { answer: await this.#parts.transport(request) };
    } catch (failure) {
      if (failure instanceof TransportFailure) return { failure };
      throw failure;
    }
  }

  /** Whether the network knows ids; nothing while it does not answer that either. */
  async #asks({ signal, timeoutMs }: TransportRequest): Promise<boolean | undefined> {
    if (this.#knowsIds !== undefined) return this.#knowsIds;
    const question = encodeRequest(this.#parts.configuration, { ...TIME, query: { lw: 1 } });
    const outcome = await this.#attempt({ ...question, timeoutMs, signal });
    if (isPassing(outcome)) return undefined;
    const { status, text } = settle(outcome);
    this.#knowsIds = status < 400 && readKnowsIds(text);
    return this.#knowsIds;
  }
}

// Statuses that pass by themselves, and no answer at all; not what the application has called off.
function isPassing(outcome: Outcome): boolean {
  if ("failure" in outcome) return outcome.failure.kind !== "cancelled";
  const { status } = outcome.answer;
  return status >= 500 || status === 408 || status === TOO_MANY_REQUESTS;
}

function retryAfterMsOf(outcome: Outcome): number | undefined {
  const seconds = "answer" in outcome ? outcome.answer.retryAfterSeconds : undefined;
  return seconds === undefined ? undefined : seconds * 1_000;
}

function settle(outcome: Outcome): TransportAnswer {
  if ("failure" in outcome) throw outcome.failure;
  return outcome.answer;
}
