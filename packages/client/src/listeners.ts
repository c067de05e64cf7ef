/**
 * Listeners: who is told of messages, signals and statuses.
 *
 * @module
 */
import { type Envelope, classifyEnvelope } from "@longwave/protocol";
import type { StatusEvent } from "./status.ts";

/** A signal as listeners get it. */
export interface SignalEvent {
  readonly channel: string;
  /** The requested name that matched, where it is another one than the channel: a wildcard. Null otherwise. */
  readonly subscription: string | null;
  /** When it was accepted, 17 digits. */
  readonly timetoken: string;
  /** The publisher's uuid, where it sent one. */
  readonly publisher: string | undefined;
  readonly message: unknown;
  readonly customMessageType?: string | undefined;
}

/** A message as listeners get it. */
export interface MessageEvent extends SignalEvent {
  /** The meta that was published with it. */
  readonly userMetadata?: unknown;
}

/** Functions to call; each may be left out. */
export interface Listener {
  message?(event: MessageEvent): void;
  signal?(event: SignalEvent): void;
  status?(event: StatusEvent): void;
}

/** The listeners of one client. */
export class Listeners {
  readonly #listeners = new Set<Listener>();

  add(listener: Listener): void {
    this.#listeners.add(listener);
  }

  remove(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  status(event: StatusEvent): void {
    this.#tell((listener) => listener.status?.(event));
  }

  /** Tells of one delivered item; kinds that this version does not know are ignored. */
  envelope(envelope: Envelope): void {
    const kind = classifyEnvelope(envelope);
    if (kind === "message") this.#tell((listener) => listener.message?.(messageOf(envelope)));
    if (kind === "signal") this.#tell((listener) => listener.signal?.(signalOf(envelope)));
  }

  // A listener that throws harms nobody else: its error surfaces as the runtime surfaces uncaught ones.
  #tell(call: (listener: Listener) => void): void {
    for (const listener of Array.from(this.#listeners)) {
      try {
        call(listener);
      } catch (failure) {
        queueMicrotask(() => {
          throw failure;
        });
      }
    }
  }
}

function signalOf(envelope: Envelope): SignalEvent {
  return {
    channel: envelope.c,
    subscription: envelope.b === undefined || envelope.b === envelope.c ? null : envelope.b,
    timetoken: envelope.p.t,
    publisher: envelope.i,
    message: envelope.d,
    ...(envelope.cmt === undefined ? {} : { customMessageType: envelope.cmt }),
  };
}

function messageOf(envelope: Envelope): MessageEvent {
  return { ...signalOf(envelope), ...(envelope.u === undefined ? {} : { userMetadata: envelope.u }) };
}
