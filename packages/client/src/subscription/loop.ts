/**
 * The loop that performs a subscription's effects: one request at a time, or one pause.
 *
 * The only place that knows network and time; what to do next is the machine's. Rules: spec/SDK.md SDK11-SDK16, SDK19,
 * SDK38.
 *
 * @module
 */
import type { Envelope } from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import type { OpenedEnvelope } from "../crypto/payload.ts";
import { refusalOf } from "../errors.ts";
import { errorOfAnswer, errorOfFailure, errorOfMalformed } from "../endpoints/failure.ts";
import { type CallRequest, encodeRequest } from "../endpoints/request.ts";
import { TIME } from "../endpoints/time.ts";
import { parseTime } from "../endpoints/timetoken-result.ts";
import { pauseMsOf } from "../retry/policy.ts";
import { Machine } from "../machine.ts";
import { type Timers, unlessAborted } from "../timers.ts";
import type { OpenStream } from "../transport/stream.ts";
import type { Transport, TransportAnswer } from "../transport/transport.ts";
import { type SubscribeReading, isForGood, readRefusal, readSubscribeAnswer } from "./answer.ts";
import { transition } from "./machine.ts";
import { NO_NAMES, type Names } from "./names.ts";
import type { Notice } from "./notice.ts";
import { handshakeRequest, subscribeRequest } from "./request.ts";
import { StreamReceiver } from "./stream.ts";
import { INITIAL_STATE, type SubscriptionEffect, type SubscriptionEvent } from "./states.ts";

const OPERATION = "PNSubscribeOperation";

/** How long a poll must have been held for its end to count as a proxy's impatience rather than a loss, in milliseconds. */
export const SETTLED_MS = 10_000;

/** What the loop works with. */
export interface LoopParts {
  readonly configuration: Configuration;
  readonly transport: Transport;
  /** Opens WebSockets; nothing where the runtime has none. */
  readonly openStream: OpenStream | undefined;
  readonly timers: Timers;
  /** A number from 0 to below 1. */
  readonly random: () => number;
  /** The states that this client keeps for names. */
  readonly statesOf: (names: Names) => Readonly<Record<string, unknown>>;
  /** Takes whether the network takes a message with an id once. */
  readonly learn: (knowsIds: boolean) => void;
  /** Decrypts what was received; nothing where it comes as it is. */
  readonly open?: ((envelopes: readonly Envelope[]) => Promise<readonly OpenedEnvelope[]>) | undefined;
  /** Takes what is delivered, item by item. */
  readonly deliver: (envelope: OpenedEnvelope) => void;
  /** Takes what the subscription says of itself. */
  readonly announce: (notice: Notice) => void;
}

type EffectOf<Kind> = Extract<SubscriptionEffect, { readonly kind: Kind }>;

/** One client's subscription. */
export class SubscriptionLoop {
  readonly #parts: LoopParts;
  readonly #machine = new Machine(INITIAL_STATE, transition, (effect: SubscriptionEffect) => this.#perform(effect));
  #receiver: StreamReceiver | undefined; // while answers come over a WebSocket
  #closing: Promise<void> | undefined; // while a WebSocket that was given up is still being opened
  #offersStream = false; // whether the network did so when it was asked last
  #isStreamBlocked = false; // whether a WebSocket that was offered did not get through

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** The names of the present mix. */
  get names(): Names {
    return this.#machine.state.name === "idle" ? NO_NAMES : this.#machine.state;
  }

  /** Takes an event and performs what follows from it. */
  handle(event: SubscriptionEvent): void {
    this.#machine.handle(event);
  }

  #perform(effect: SubscriptionEffect): void {
    switch (effect.kind) {
      case "handshake":
        void this.#ask((signal) => this.#greet(effect, signal));
        break;
      case "receive":
        void this.#ask((signal) => this.#receive(effect, signal), this.#receiver?.serves(effect));
        break;
      case "wait":
        this.#wait(effect, this.#replace());
        break;
      case "cancel":
        this.#replace();
        break;
      case "deliver":
        this.#deliver(effect.envelopes);
        break;
      case "announce":
        this.#parts.announce(effect.notice);
        break;
    }
  }

  /** Cancels what is under way, and makes room for the next. */
  #replace(keepsStream = false): AbortSignal {
    if (!keepsStream) {
      this.#closing = this.#receiver?.close() ?? this.#closing;
      this.#receiver = undefined;
    }
    return this.#machine.replace();
  }

  /** Waits until the network knows that a WebSocket which was given up is over; nothing where there is none. */
  get closing(): Promise<void> | undefined {
    return this.#closing;
  }

  // Sent at the end of the turn: an application that subscribes to ten channels one by one asks the network once.
  async #ask(ask: (signal: AbortSignal) => Promise<SubscriptionEvent>, keepsStream?: boolean): Promise<void> {
    const signal = this.#replace(keepsStream);
    await Promise.resolve();
    if (signal.aborted) return;
    const event = await ask(signal);
    const { open } = this.#parts;
    // Before it is an event for the machine, so that the order and what unsubscribing promises are those of plain messages.
    const opened = open && event.kind === "answered" ? { ...event, envelopes: await open(event.envelopes) } : event;
    if (!signal.aborted) this.handle(opened);
  }

  // Answered at once, so its time limit is that of ordinary calls; a network that may not be there is asked for the time first.
  async #greet(effect: EffectOf<"handshake">, signal: AbortSignal): Promise<SubscriptionEvent> {
    const { configuration, statesOf } = this.#parts;
    const { transactionalRequestTimeout, connectTimeout } = configuration;
    if (effect.isProbed && connectTimeout !== undefined) {
      const time = await this.#request(TIME, connectTimeout, signal, readProbe);
      if (time.kind !== "answered") return time;
    }
    const request = handshakeRequest(configuration, effect, statesOf(effect));
    return this.#request(request, transactionalRequestTimeout, signal, (text) => {
      const answer = readSubscribeAnswer(text);
      return answer && this.#choose(answer);
    });
  }

  // A WebSocket is used where it is offered; where it is the only transport that is wanted, a network without is refused.
  #choose(answer: SubscribeReading): SubscriptionEvent {
    const { configuration, openStream, learn } = this.#parts;
    learn(answer.knowsIds);
    this.#offersStream = answer.offersStream && openStream !== undefined && configuration.transport !== "long-poll";
    if (configuration.transport !== "websocket" || this.#offersStream) return eventOf(answer);
    const who = openStream === undefined ? "this runtime has no WebSocket" : "the network offers no WebSocket";
    return { kind: "refused", error: refusalOf("Nothing is received", `${who}; set transport to "auto"`, OPERATION) };
  }

  async #receive(effect: EffectOf<"receive">, signal: AbortSignal): Promise<SubscriptionEvent> {
    const { configuration, timers } = this.#parts;
    let isSettled = false;
    const forget = timers.after(SETTLED_MS, () => {
      isSettled = configuration.retryConfiguration.kind !== "none"; // without a policy a loss is told, whatever it was
    });
    const event = (await this.#listen(effect, signal)) ?? (await this.#poll(effect, signal));
    forget();
    return event.kind === "lost" ? { ...event, isSettled } : event;
  }

  #poll(effect: EffectOf<"receive">, signal: AbortSignal): Promise<SubscriptionEvent> {
    const { configuration } = this.#parts;
    const request = subscribeRequest(configuration, effect, effect.cursor);
    return this.#request(request, configuration.subscribeRequestTimeout, signal, readAnswer);
  }

  // Nothing where a poll is to be sent: no WebSocket is offered, or it was and did not get through, as behind some proxies.
  async #listen(effect: EffectOf<"receive">, signal: AbortSignal): Promise<SubscriptionEvent | undefined> {
    const { configuration, openStream: open, timers } = this.#parts;
    if (!this.#offersStream || this.#isStreamBlocked || open === undefined) return undefined;
    const receiver = this.#receiver ?? new StreamReceiver({ configuration, open, timers }, effect, effect.cursor);
    this.#receiver = receiver;
    try {
      return this.#eventOfFrame(await receiver.next());
    } catch (failure) {
      this.#closing = receiver.close() ?? this.#closing;
      if (!signal.aborted) this.#receiver = undefined;
      this.#isStreamBlocked ||= !receiver.hasSpoken && !signal.aborted && configuration.transport === "auto";
      if (this.#isStreamBlocked) return undefined;
      return { kind: "lost", error: errorOfFailure(failure, OPERATION, configuration) };
    }
  }

  #eventOfFrame(text: string): SubscriptionEvent {
    return this.#eventOf(readRefusal(text) ?? { status: 200, text }, readAnswer);
  }

  async #request(
    request: CallRequest,
    timeoutMs: number,
    signal: AbortSignal,
    read: (text: string) => SubscriptionEvent | undefined,
  ): Promise<SubscriptionEvent> {
    const { configuration, transport } = this.#parts;
    try {
      const answer = await transport({ ...encodeRequest(configuration, request), timeoutMs, signal });
      return this.#eventOf(answer, read);
    } catch (failure) {
      return { kind: "lost", error: errorOfFailure(failure, OPERATION, configuration) };
    }
  }

  #eventOf(answer: TransportAnswer, read: (text: string) => SubscriptionEvent | undefined): SubscriptionEvent {
    const { status, retryAfterSeconds } = answer;
    if (status < 400) return read(answer.text) ?? { kind: "lost", error: errorOfMalformed(answer, OPERATION) };
    const error = errorOfAnswer(answer, OPERATION, this.#parts.configuration);
    if (isForGood(status)) return { kind: "refused", error };
    return {
      kind: "lost",
      error,
      retryAfterMs: retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000,
    };
  }

  #wait({ attempt, retryAfterMs }: EffectOf<"wait">, signal: AbortSignal): void {
    const { configuration, random, timers } = this.#parts;
    const pauseMs = pauseMsOf(configuration.retryConfiguration, attempt, retryAfterMs, random);
    if (pauseMs === undefined) return this.handle({ kind: "gaveUp" });
    unlessAborted(timers, pauseMs, signal, () => this.handle({ kind: "retry" }));
  }

  // A listener may unsubscribe in the middle of a batch: what it no longer asks for is not delivered.
  #deliver(envelopes: readonly Envelope[]): void {
    for (const envelope of envelopes) {
      const match = envelope.b ?? envelope.c;
      const { channels, groups } = this.names;
      if (channels.includes(match) || groups.includes(match)) this.#parts.deliver(envelope);
    }
  }
}

function readAnswer(text: string): SubscriptionEvent | undefined {
  const answer = readSubscribeAnswer(text);
  return answer && eventOf(answer);
}

function eventOf({ t, m, gaps }: SubscribeReading): SubscriptionEvent {
  return { kind: "answered", cursor: t, envelopes: m, gaps };
}

// Only that it answers counts.
function readProbe(text: string): SubscriptionEvent | undefined {
  const time = parseTime(text);
  return time && { kind: "answered", cursor: { t: time.timetoken, r: 0 }, envelopes: [], gaps: [] };
}
