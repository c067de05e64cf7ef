/**
 * Subscribe by long poll: answers at once with what came after the cursor, or holds until something does.
 *
 * A poll is entered into the index before the backlog is read, so nothing falls between the two. Called by the edge.
 * Rules: spec/SUBSCRIBE.md SUB1-SUB14.
 *
 * @module
 */
import { LIMITS, type Predicate, type SubscribeName, type Timetoken, timetokenFromMs } from "@longwave/protocol";
import { type Timer, every } from "../ports/clock.ts";
import { isExpired } from "../ports/message.ts";
import { type BacklogPorts, readBacklog } from "./backlog.ts";
import { type Match, cursorAfter, cutAnswer, matchesOf } from "./delivery.ts";
import { HeldPoll } from "./held-poll.ts";
import { SubscriberIndex } from "./subscriber-index.ts";

/** A subscribe request whose every part has been checked. */
export interface SubscribeCommand {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  /** At least one, without repetition. */
  readonly names: readonly SubscribeName[];
  /** Everything after it is wanted; `0n` asks for the cursor of now. */
  readonly after: Timetoken;
  /** Messages that it does not pass are skipped. */
  readonly filter?: Predicate | undefined;
}

/** What came of a poll. */
export type SubscribeOutcome =
  | { readonly kind: "answer"; readonly cursor: Timetoken; readonly matches: readonly Match[] }
  /** The client went away; there is nobody to answer. */
  | { readonly kind: "gone" }
  /** The keyset holds as many polls as it may. */
  | { readonly kind: "tooMany" };

/** How a poll is held. */
export interface HoldOptions {
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** Called when nothing was there and the poll is held. */
  readonly onHold: () => void;
}

const GONE: SubscribeOutcome = Object.freeze({ kind: "gone" });
const SWEEP_MS = 1_000;

/** The polls of one node. */
export class Subscriptions {
  readonly index = new SubscriberIndex();
  readonly #ports: BacklogPorts;
  readonly #holdMs: number;
  readonly #held = new Set<HeldPoll>(); // in the order of their deadlines, since all are held equally long
  readonly #sweep: Timer;
  readonly #unfollow: () => void;
  #delivered = 0;

  /** @param holdSeconds how long a poll is held when nothing matches. */
  constructor(ports: BacklogPorts, holdSeconds: number) {
    this.#ports = ports;
    this.#holdMs = holdSeconds * 1_000;
    this.#sweep = every(ports.clock, SWEEP_MS, () => this.#endExpired());
    this.#unfollow = ports.broker.follow(
      (messages) => this.index.deliver(messages),
      (message) => this.index.isWanted(message),
    );
  }

  /** Polls that are held now. */
  get held(): number {
    return this.#held.size;
  }

  /** Messages given to subscribers so far, a message once for each of them. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Answers one poll. */
  async subscribe(command: SubscribeCommand, hold: HoldOptions): Promise<SubscribeOutcome> {
    if (command.after === 0n) {
      return { kind: "answer", cursor: await this.#ports.broker.position(command.keyset), matches: [] };
    }
    if (this.index.countOf(command.keyset) >= LIMITS.heldPollsPerKeysetMax) return { kind: "tooMany" };
    const poll = new HeldPoll(command);
    this.index.add(poll);
    try {
      const matches = (await this.#missed(command, poll)) ?? (await this.#hold(poll, hold));
      if (matches === "gone") return GONE;
      const answered = cutAnswer(matches);
      this.#delivered += answered.length;
      return { kind: "answer", cursor: cursorAfter(answered, poll.passed), matches: answered };
    } finally {
      this.index.remove(poll);
      this.#held.delete(poll);
    }
  }

  /** Ends held polls with empty answers, evenly over a time, and those that come meanwhile at its end. */
  async drain(drainMs: number): Promise<void> {
    const { clock } = this.#ports;
    const stepMs = 50;
    const endMs = clock.monotonicMs() + drainMs;
    const perStep = Math.ceil((this.#held.size * stepMs) / Math.max(drainMs, stepMs));
    while (this.#held.size > 0 && clock.monotonicMs() < endMs) {
      for (const poll of [...this.#held].slice(0, perStep)) this.#end(poll);
      if (this.#held.size > 0) await new Promise<void>((resolve) => clock.after(stepMs, resolve));
    }
    for (const poll of this.#held) this.#end(poll);
  }

  /** Ends timers and lets go of the broker. */
  stop(): void {
    this.#sweep.cancel();
    this.#unfollow();
    for (const poll of this.#held) this.#end(poll);
  }

  // Page by page, since a filter may leave nothing of one; what it left out need not be looked at again.
  async #missed(command: SubscribeCommand, poll: HeldPoll): Promise<readonly Match[] | undefined> {
    const { keyset, names, filter } = command;
    const messagesMax = LIMITS.answerMessagesMax;
    for (let { after } = command; ;) {
      const messages = await readBacklog(this.#ports, { keyset, names, after, messagesMax });
      const now = timetokenFromMs(this.#ports.clock.wallMs());
      const alive = messages.filter((message) => !isExpired(message, now));
      const matches = matchesOf(alive, names, filter);
      const last = messages.at(-1);
      if (matches.length > 0) return matches;
      if (last) poll.pass(last.timetoken);
      if (!last || messages.length < messagesMax) return undefined;
      after = last.timetoken;
    }
  }

  async #hold(poll: HeldPoll, { signal, onHold }: HoldOptions): Promise<readonly Match[] | "gone"> {
    if (signal.aborted) return "gone";
    poll.deadlineMs = this.#ports.clock.monotonicMs() + this.#holdMs;
    const answered = poll.wait();
    if (!poll.isWaiting) return answered; // something came while the backlog was read
    this.#held.add(poll);
    onHold();
    signal.addEventListener("abort", () => poll.end("gone"), { once: true });
    return answered;
  }

  #endExpired(): void {
    const nowMs = this.#ports.clock.monotonicMs();
    for (const poll of this.#held) {
      if (poll.deadlineMs > nowMs) return;
      this.#end(poll);
    }
  }

  #end(poll: HeldPoll): void {
    this.#held.delete(poll);
    poll.end([]);
  }
}
