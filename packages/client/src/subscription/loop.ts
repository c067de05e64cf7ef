/**
 * The loop that performs the subscription's effects: one poll at a time, or one pause.
 *
 * @module
 */
import type { SubscribeAnswer, WireCursor } from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import { buildRequest, errorOfAnswer, errorOfFailure } from "../endpoints/call.ts";
import { PubNubError } from "../errors.ts";
import type { Listeners } from "../listeners.ts";
import { STATUS_CATEGORIES } from "../status.ts";
import type { Timers } from "../timers.ts";
import type { Transport, TransportAnswer } from "../transport/transport.ts";
import {
  INITIAL_STATE,
  type SubscriptionEffect,
  type SubscriptionEvent,
  type SubscriptionState,
  transition,
} from "./machine.ts";

const OPERATION = "PNSubscribeOperation";

/** Pauses before attempts, in milliseconds; the last one repeats. */
export const RETRY_PAUSES_MS: readonly number[] = [250, 500, 1_000, 2_000, 3_000];

/** What the loop works with. */
export interface LoopParts {
  readonly configuration: Configuration;
  readonly transport: Transport;
  readonly listeners: Listeners;
  readonly timers: Timers;
}

/** One client's subscription. */
export class SubscriptionLoop {
  readonly #parts: LoopParts;
  #state: SubscriptionState = INITIAL_STATE;
  #current: AbortController | undefined; // of the poll or pause under way

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** The channels of the present mix. */
  get channels(): readonly string[] {
    return this.#state.channels;
  }

  /** Takes an event and performs what follows from it. */
  handle(event: SubscriptionEvent): void {
    const { state, effects } = transition(this.#state, event);
    const before = this.#state;
    this.#state = state;
    for (const effect of effects) this.#perform(effect, before);
  }

  #perform(effect: SubscriptionEffect, before: SubscriptionState): void {
    switch (effect.kind) {
      case "poll":
        void this.#poll(effect.channels, effect.cursor, this.#begin());
        break;
      case "cancel":
        this.#current?.abort();
        break;
      case "wait":
        this.#wait(effect.attempt, this.#begin());
        break;
      case "deliver":
        for (const envelope of effect.envelopes) this.#parts.listeners.envelope(envelope);
        break;
      case "status":
        this.#announce(effect, before);
        break;
    }
  }

  #begin(): AbortSignal {
    this.#current?.abort();
    this.#current = new AbortController();
    return this.#current.signal;
  }

  async #poll(channels: readonly string[], cursor: WireCursor | undefined, signal: AbortSignal): Promise<void> {
    const event = await this.#ask(channels, cursor, signal);
    if (!signal.aborted) this.handle(event);
  }

  async #ask(
    channels: readonly string[],
    cursor: WireCursor | undefined,
    signal: AbortSignal,
  ): Promise<SubscriptionEvent> {
    const { configuration, transport } = this.#parts;
    const request = buildRequest(configuration, {
      path: ["v2", "subscribe", configuration.subscribeKey, channels, "0"],
      query: { tt: cursor?.t ?? "0", tr: cursor?.r },
    });
    try {
      const answer = await transport({ ...request, timeoutMs: configuration.subscribeTimeoutMs, signal });
      return eventOf(answer);
    } catch (failure) {
      return { kind: "lost", error: errorOfFailure(failure, OPERATION) };
    }
  }

  #wait(attempt: number, signal: AbortSignal): void {
    const pauseMs = RETRY_PAUSES_MS[Math.min(attempt, RETRY_PAUSES_MS.length) - 1] ?? 0;
    const cancel = this.#parts.timers.after(pauseMs, () => this.handle({ kind: "retry" }));
    signal.addEventListener("abort", cancel, { once: true });
  }

  #announce({ category, error }: Extract<SubscriptionEffect, { kind: "status" }>, before: SubscriptionState): void {
    const isEnd = category === STATUS_CATEGORIES.disconnected;
    const timetoken = this.#state.cursor?.t ?? before.cursor?.t;
    this.#parts.listeners.status({
      category,
      operation: isEnd ? "PNUnsubscribeOperation" : OPERATION,
      error: error !== undefined,
      affectedChannels: isEnd ? before.channels : this.#state.channels,
      ...(error?.status === undefined ? {} : { statusCode: error.status }),
      ...(timetoken === undefined ? {} : { currentTimetoken: timetoken }),
    });
  }
}

// 400 and 403 will be answered again and again; everything else may pass.
function eventOf(answer: TransportAnswer): SubscriptionEvent {
  if (answer.status >= 400) {
    const kind = answer.status === 400 || answer.status === 403 ? "refused" : "lost";
    return { kind, error: errorOfAnswer(answer, OPERATION) };
  }
  const parsed = parseAnswer(answer.text);
  if (parsed) return { kind: "answered", cursor: parsed.t, envelopes: parsed.m };
  const error = new PubNubError("The answer is no subscribe answer; is the origin a Longwave network?", {
    category: STATUS_CATEGORIES.malformedResponse,
    operation: OPERATION,
    status: answer.status,
  });
  return { kind: "lost", error };
}

function parseAnswer(text: string): SubscribeAnswer | undefined {
  try {
    const answer = JSON.parse(text) as Partial<SubscribeAnswer> | null;
    const isAnswer = typeof answer?.t?.t === "string" && /^\d{1,17}$/.test(answer.t.t) && Array.isArray(answer.m);
    return isAnswer ? (answer as SubscribeAnswer) : undefined;
  } catch {
    return undefined;
  }
}
