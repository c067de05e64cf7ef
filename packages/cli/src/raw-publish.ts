/**
 * Publishes a payload as the JSON text it is.
 *
 * The SDK publishes values: it prints them itself, and a text that was parsed for it would come out with other digits
 * (12345678901234567890 as 12345678901234567000), other escapes and other spacing. So the text goes into the body of a POST
 * as it is, which the network checks and carries byte for byte. Rules: spec/CLI.md CLI7, CLI10.
 *
 * @module
 */
import { LIMITS, utf8Bytes } from "@longwave/protocol";
import { type Reply, ask, isPassing, pause, pauseMs } from "./ask.ts";
import { describeFailure, isOfOneMessage } from "./network-failure.ts";

/** Where messages go, and what goes with each of them. */
export interface PublishTarget {
  readonly origin: string;
  readonly publishKey: string;
  readonly subscribeKey: string;
  readonly channel: string;
  /** Query parameters; those without a value are left out. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

/** What came of publishing. */
export type PublishOutcome =
  | { readonly kind: "sent"; readonly timetoken: string }
  /** `isFinal` where every later message would meet the same. */
  | { readonly kind: "failed"; readonly sentence: string; readonly isFinal: boolean }
  /** The person gave up while an attempt was being repeated. */
  | { readonly kind: "interrupted" };

/** Attempts in all for one message: about half a minute with their pauses. */
const ATTEMPTS_MAX = 11;
const PATIENCE_MS = 30_000;

/** Publishes messages to one channel, one after the other. */
export class RawPublisher {
  readonly #target: PublishTarget;
  readonly #query: string;
  readonly #metaBytes: number;
  readonly #signal: AbortSignal;
  #wasReached = false;

  /** @param signal ends the pauses between attempts. */
  constructor(target: PublishTarget, signal: AbortSignal) {
    const given = Object.entries(target.parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
    this.#target = target;
    this.#query = new URLSearchParams(given).toString();
    this.#metaBytes = utf8Bytes(target.parameters["meta"] ?? "", LIMITS.messageBytesMax);
    this.#signal = signal;
  }

  /**
   * Publishes one message and waits for its acknowledgement.
   *
   * Passing failures are repeated, with an id by which a Longwave network delivers the message once. A network that was never
   * reached is not waited for: the address is more likely wrong than the network late.
   *
   * @param payload JSON text.
   */
  async publish(payload: string): Promise<PublishOutcome> {
    const url = `${this.#urlFor(payload)}&lw_id=${crypto.randomUUID()}`;
    for (let attempt = 1; ; attempt += 1) {
      const reply = await ask(url, { method: "POST", body: payload, patienceMs: PATIENCE_MS });
      if (reply.kind === "answer") this.#wasReached = true;
      if (!isPassing(reply) || !this.#wasReached || attempt === ATTEMPTS_MAX) return this.#outcomeOf(reply);
      await pause(pauseMs(attempt, Math.random()), this.#signal);
      if (this.#signal.aborted) return { kind: "interrupted" };
    }
  }

  // Beyond the ordinary size there is a form for large messages, which older networks lack: only where it is needed.
  #urlFor(payload: string): string {
    const { origin, publishKey, subscribeKey, channel } = this.#target;
    const isLarge = utf8Bytes(payload, LIMITS.messageBytesMax) + this.#metaBytes > LIMITS.messageBytesMax;
    const keys = `${encodeURIComponent(publishKey)}/${encodeURIComponent(subscribeKey)}`;
    return `${origin}${isLarge ? "/v2" : ""}/publish/${keys}/0/${encodeURIComponent(channel)}/0?${this.#query}`;
  }

  #outcomeOf(reply: Reply): PublishOutcome {
    const timetoken = reply.kind === "answer" && reply.status === 200 ? SENT.exec(reply.text)?.[1] : undefined;
    if (timetoken !== undefined) return { kind: "sent", timetoken };
    return {
      kind: "failed",
      sentence: describeFailure(reply, this.#target.origin),
      isFinal: !isOfOneMessage(reply),
    };
  }
}

const SENT = /^\s*\[\s*1\s*,\s*"Sent"\s*,\s*"(\d{1,20})"\s*\]\s*$/;
