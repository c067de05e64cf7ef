/**
 * The loop that performs a subscription's effects: one request at a time, or one pause.
 *
 * The only place that knows network and time; what to do next is the machine's. Rules: spec/SDK.md SDK11-SDK16, SDK19.
 *
 * @module
 */
import type { Envelope } from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import { errorOfAnswer, errorOfFailure, errorOfMalformed } from "../endpoints/failure.ts";
import { encodeRequest } from "../endpoints/request.ts";
import type { Listeners } from "../listeners.ts";
import type { Timers } from "../timers.ts";
import type { Transport, TransportAnswer } from "../transport/transport.ts";
import { isForGood, readSubscribeAnswer } from "./answer.ts";
import { transition } from "./machine.ts";
import { subscribeRequest } from "./request.ts";
import { INITIAL_STATE, type SubscriptionEffect, type SubscriptionEvent, type SubscriptionState } from "./states.ts";

const OPERATION = "PNSubscribeOperation";

/** Pauses before attempts, in milliseconds; the last one repeats. */
export const RETRY_PAUSES_MS: readonly [number, ...number[]] = [250, 500, 1_000, 2_000, 3_000];

/** What the loop works with. */
export interface LoopParts {
  readonly configuration: Configuration;
  readonly transport: Transport;
  readonly listeners: Listeners;
  readonly timers: Timers;
}

type Ask = Extract<SubscriptionEffect, { readonly kind: "handshake" | "receive" }>;

/** One client's subscription. */
export class SubscriptionLoop {
  readonly #parts: LoopParts;
  readonly #effects: SubscriptionEffect[] = []; // still to be performed, in order
  #state: SubscriptionState = INITIAL_STATE;
  #isPerforming = false;
  #current = new AbortController(); // of the request or pause under way

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** The names of the present mix. */
  get channels(): readonly string[] {
    return this.#state.name === "idle" ? [] : this.#state.channels;
  }

  /**
   * Takes an event and performs what follows from it.
   *
   * The state is the new one at once. Where a listener causes the event, its effects follow those that are being performed.
   */
  handle(event: SubscriptionEvent): void {
    const { state, effects } = transition(this.#state, event);
    this.#state = state;
    this.#effects.push(...effects);
    if (this.#isPerforming) return;
    this.#isPerforming = true;
    for (let next = this.#effects.shift(); next !== undefined; next = this.#effects.shift()) this.#perform(next);
    this.#isPerforming = false;
  }

  #perform(effect: SubscriptionEffect): void {
    switch (effect.kind) {
      case "handshake":
      case "receive":
        void this.#ask(effect, this.#replace());
        break;
      case "wait":
        this.#wait(effect.attempt, this.#replace());
        break;
      case "cancel":
        this.#replace();
        break;
      case "deliver":
        this.#deliver(effect.envelopes);
        break;
      case "announce":
        this.#parts.listeners.status(effect.status);
        break;
    }
  }

  /** Cancels what is under way, and makes room for the next. */
  #replace(): AbortSignal {
    this.#current.abort();
    this.#current = new AbortController();
    return this.#current.signal;
  }

  // Sent at the end of the turn: an application that subscribes to ten channels one by one asks the network once.
  async #ask(effect: Ask, signal: AbortSignal): Promise<void> {
    await Promise.resolve();
    if (signal.aborted) return;
    const event = await this.#eventOf(effect, signal);
    if (!signal.aborted) this.handle(event);
  }

  async #eventOf(effect: Ask, signal: AbortSignal): Promise<SubscriptionEvent> {
    const { configuration, transport } = this.#parts;
    const isHandshake = effect.kind === "handshake"; // answered at once, so its time limit is that of ordinary calls
    const timeoutMs = isHandshake ? configuration.requestTimeoutMs : configuration.subscribeTimeoutMs;
    const cursor = isHandshake ? undefined : effect.cursor;
    try {
      const request = encodeRequest(configuration, subscribeRequest(configuration, effect.channels, cursor));
      return this.#readAnswer(await transport({ ...request, timeoutMs, signal }));
    } catch (failure) {
      return { kind: "lost", error: errorOfFailure(failure, OPERATION, configuration) };
    }
  }

  #readAnswer(answer: TransportAnswer): SubscriptionEvent {
    if (answer.status >= 400) {
      const kind = isForGood(answer.status) ? "refused" : "lost";
      return { kind, error: errorOfAnswer(answer, OPERATION, this.#parts.configuration) };
    }
    const parsed = readSubscribeAnswer(answer.text);
    if (parsed === undefined) return { kind: "lost", error: errorOfMalformed(answer, OPERATION) };
    return { kind: "answered", cursor: parsed.t, envelopes: parsed.m };
  }

  #wait(attempt: number, signal: AbortSignal): void {
    const pauseMs = RETRY_PAUSES_MS[attempt - 1] ?? Math.max(...RETRY_PAUSES_MS);
    const cancel = this.#parts.timers.after(pauseMs, () => this.handle({ kind: "retry" }));
    signal.addEventListener("abort", cancel, { once: true });
  }

  // A listener may unsubscribe in the middle of a batch: what it no longer asks for is not delivered.
  #deliver(envelopes: readonly Envelope[]): void {
    for (const envelope of envelopes) {
      if (this.channels.includes(envelope.b ?? envelope.c)) this.#parts.listeners.envelope(envelope);
    }
  }
}
