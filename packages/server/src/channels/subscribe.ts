/**
 * Subscribe: a poll answers with what came after its cursor, or holds until something does; a stream goes on from there.
 *
 * Either is entered into the index before its backlog is read, so nothing falls between the two. Called by the edge.
 * Rules: spec/SUBSCRIBE.md SUB1-SUB21, spec/STREAMS.md.
 *
 * @module
 */
import { LIMITS, type Predicate, type SubscribeName, type Timetoken } from "@longwave/protocol";
import type { LogEntry } from "../ports/broker.ts";
import { type Timer, every } from "../ports/clock.ts";
import { type MaybePromise, after } from "../ports/maybe-promise.ts";
import { type SubscribeAnswer, answerOf, emptyAnswer, withGaps } from "./answer.ts";
import { type BacklogPorts, type Gap, readBacklog } from "./backlog.ts";
import type { Match } from "./delivery.ts";
import { type GroupMembers, isEmptySelection, select } from "./group-members.ts";
import { HeldPoll, type PollEnd, type PollRoom } from "./held-poll.ts";
import { RecentPages } from "./recent-pages.ts";
import { type GroupName, type Selection, namesToRead } from "./selection.ts";
import { Stream, type StreamRoom, type StreamSink } from "./stream.ts";
import { SubscriberIndex } from "./subscriber-index.ts";
import type { Turns } from "./turns.ts";

/** A subscribe request whose every part has been checked. */
export interface SubscribeCommand {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  /** Channels and wildcards, without repetition. */
  readonly names: readonly SubscribeName[];
  /** Channel groups, without repetition; with the names at least one. */
  readonly groups: readonly GroupName[];
  /** Everything after it is wanted; `0n` asks for the cursor of now. */
  readonly after: Timetoken;
  /** Messages that it does not pass are skipped. */
  readonly filter?: Predicate | undefined;
  /** Whether the subscriber is told of messages that can no longer be delivered. */
  readonly tellsGaps: boolean;
  /** Whether it would be let in now as it was; asked again while it is held. */
  readonly isStillAllowed: () => boolean;
}

/** What came of a poll. */
export type SubscribeOutcome =
  | { readonly kind: "answer"; readonly answer: SubscribeAnswer }
  /** The client went away; there is nobody to answer. */
  | { readonly kind: "gone" }
  /** What let it in has been taken back, or has expired. */
  | { readonly kind: "denied" }
  | SubscribeRefusal;

/** Why a poll or a stream does not begin. */
export type SubscribeRefusal =
  /** The keyset holds as many polls and streams as it may. */
  | { readonly kind: "tooMany" }
  /** There are only groups, and nobody is in them. */
  | { readonly kind: "groupsEmpty" };

/** What came of opening a stream. */
export type StreamOutcome = { readonly kind: "open"; readonly stream: Stream } | SubscribeRefusal;

/** Who waits for a poll's answer. */
export interface PollClient {
  /** Whether it has gone away. Asked once in a while, and when something comes for a poll that has waited long. */
  readonly isGone: boolean;
  /** Told when nothing was there and the poll is held. */
  held(): void;
}

/** What subscribe needs from outside. */
export interface SubscribePorts extends BacklogPorts {
  readonly groups: GroupMembers;
  readonly turns: Turns;
}

const GONE: SubscribeOutcome = Object.freeze({ kind: "gone" });
const DENIED: SubscribeOutcome = Object.freeze({ kind: "denied" });
const TOO_MANY: SubscribeRefusal = Object.freeze({ kind: "tooMany" });
const GROUPS_EMPTY: SubscribeRefusal = Object.freeze({ kind: "groupsEmpty" });
const SWEEP_MS = 1_000;

/** What a poll found in the past. */
interface Missed {
  readonly matches: readonly Match[];
  readonly gaps: readonly Gap[];
  /** Whether there may be more behind it. */
  readonly isFull: boolean;
  /** The cursor where nothing of it is delivered. */
  readonly reached: Timetoken;
}

const NO_GAPS: readonly Gap[] = Object.freeze([]);
const NO_MATCHES: readonly Match[] = Object.freeze([]);

/** The polls and streams of one node. */
export class Subscriptions implements PollRoom {
  readonly index: SubscriberIndex;
  readonly #ports: SubscribePorts;
  readonly #holdMs: number;
  readonly #held = new Set<HeldPoll>(); // in the order of their deadlines, since all are held equally long
  readonly #streams = new Set<Stream>();
  readonly #pages = new RecentPages();
  readonly #sweep: Timer;
  readonly #unfollow: () => void;
  #delivered = 0;

  /** @param holdSeconds how long a poll is held when nothing matches. */
  constructor(ports: SubscribePorts, holdSeconds: number) {
    this.#ports = ports;
    this.index = new SubscriberIndex(ports.turns);
    this.#holdMs = holdSeconds * 1_000;
    this.#sweep = every(ports.clock, SWEEP_MS, () => this.#sweepHeld());
    this.#unfollow = ports.broker.follow(
      (entries) => this.#deliver(entries),
      (message) => this.index.isWanted(message),
    );
  }

  /** Polls that are held now. */
  get held(): number {
    return this.#held.size;
  }

  /** Streams that are open now. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Messages given to subscribers so far, a message once for each of them. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Answers one poll: at once where something is there already. */
  subscribe(command: SubscribeCommand, client: PollClient): MaybePromise<SubscribeOutcome> {
    return after(select(this.#ports.groups, command), (selection) => this.#begin(command, selection, client));
  }

  #begin(command: SubscribeCommand, selection: Selection, client: PollClient): MaybePromise<SubscribeOutcome> {
    if (isEmptySelection(selection)) return GROUPS_EMPTY;
    if (command.after === 0n) return this.#handshake(command);
    if (this.#isFull(command)) return TOO_MANY;
    const poll = new HeldPoll(this, command, selection, client);
    this.index.add(poll);
    return after(this.#missedOrLeave(poll), (missed) => this.#answer(poll, missed, client));
  }

  async #handshake({ keyset }: SubscribeCommand): Promise<SubscribeOutcome> {
    return { kind: "answer", answer: emptyAnswer(await this.#ports.broker.position(keyset)) };
  }

  /** Opens a stream; {@link Stream.start} begins it. */
  async open(command: SubscribeCommand, sink: StreamSink): Promise<StreamOutcome> {
    const cursor = await this.cursorOf(command);
    const selection = await select(this.#ports.groups, command); // last, so that it is still true when it enters the index
    if (isEmptySelection(selection)) return GROUPS_EMPTY;
    if (this.#isFull(command)) return TOO_MANY;
    const stream = new Stream(this.#room(), { ...command, after: cursor }, selection, sink);
    this.#streams.add(stream);
    return { kind: "open", stream };
  }

  #room(): StreamRoom {
    return {
      ports: this.#ports,
      groups: this.#ports.groups,
      index: this.index,
      pages: this.#pages,
      delivered: (matches) => {
        this.#delivered += matches;
      },
      closed: (stream) => this.#streams.delete(stream),
    };
  }

  /** The cursor that a command goes on from: its own, or that of now. */
  async cursorOf(command: SubscribeCommand): Promise<Timetoken> {
    return command.after === 0n ? this.#ports.broker.position(command.keyset) : command.after;
  }

  /** Ends streams, and held polls with empty answers, evenly over a time, and those that come meanwhile at its end. */
  async drain(drainMs: number): Promise<void> {
    const { clock } = this.#ports;
    const stepMs = 50;
    const endMs = clock.monotonicMs() + drainMs;
    const perStep = Math.ceil(((this.#held.size + this.#streams.size) * stepMs) / Math.max(drainMs, stepMs));
    while (this.#held.size + this.#streams.size > 0 && clock.monotonicMs() < endMs) {
      for (const end of this.#endings().slice(0, perStep)) end();
      if (this.#held.size + this.#streams.size > 0) await new Promise<void>((resolve) => clock.after(stepMs, resolve));
    }
    for (const end of this.#endings()) end();
  }

  /** Ends timers and lets go of the broker. */
  stop(): void {
    this.#sweep.cancel();
    this.#unfollow();
    for (const end of this.#endings()) end();
  }

  #endings(): readonly (() => void)[] {
    const streams = [...this.#streams].map((stream) => () => stream.end("draining"));
    return [...streams, ...[...this.#held].map((poll) => () => this.#end(poll))];
  }

  #isFull({ keyset }: SubscribeCommand): boolean {
    return this.index.countOf(keyset) >= LIMITS.heldPollsPerKeysetMax;
  }

  #deliver(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (!("control" in entry) || entry.control.kind !== "groupChanged") continue;
      this.#ports.groups.changed(entry.keyset, entry.control.group);
    }
    this.index.deliver(entries);
  }

  #answer(poll: HeldPoll, missed: Missed | undefined, client: PollClient): MaybePromise<SubscribeOutcome> {
    if (!poll.isStale && !missed) return this.#hold(poll, client);
    this.#leave(poll);
    return poll.isStale || !missed
      ? { kind: "answer", answer: emptyAnswer(poll.after) }
      : this.#answered(poll.command, missed);
  }

  #leave(poll: HeldPoll): void {
    this.index.remove(poll);
    this.#held.delete(poll);
  }

  /** Lets go of a poll that ends. Called by the poll alone. */
  ended(poll: HeldPoll, end: PollEnd): SubscribeOutcome {
    this.#leave(poll);
    if (end === "gone") return GONE;
    if (end === "denied") return DENIED;
    return this.#answered(poll.command, { matches: end, gaps: NO_GAPS, isFull: false, reached: poll.passed });
  }

  #answered({ tellsGaps }: SubscribeCommand, { matches, gaps, isFull, reached }: Missed): SubscribeOutcome {
    const answer = answerOf(matches, reached);
    this.#delivered += answer.matches.length;
    if (!tellsGaps) return { kind: "answer", answer };
    return { kind: "answer", answer: withGaps(answer, gaps, isFull || answer.matches.length < matches.length) };
  }

  // A backlog that cannot be read leaves nobody in the index.
  #missedOrLeave(poll: HeldPoll): MaybePromise<Missed | undefined> {
    const failed = (failure: unknown): never => {
      this.#leave(poll);
      throw failure;
    };
    try {
      const missed = this.#missed(poll, poll.after);
      return missed instanceof Promise ? missed.catch(failed) : missed;
    } catch (failure) {
      return failed(failure);
    }
  }

  // Page by page, since a filter may leave nothing of one; what it left out need not be looked at again.
  #missed(poll: HeldPoll, from: Timetoken): MaybePromise<Missed | undefined> {
    const { keyset, filter, tellsGaps } = poll.command;
    const names = namesToRead(poll.selection);
    const request = { keyset, names, after: from, messagesMax: LIMITS.answerMessagesMax };
    return after(readBacklog(this.#ports, request), ({ messages, gaps, reached, isFull }) => {
      const wanted = { selection: poll.selection, filter };
      const matches = messages.length === 0 ? NO_MATCHES : this.#pages.matchesOf(request, messages, wanted);
      if (matches.length > 0 || (tellsGaps && gaps.length > 0)) return { matches, gaps, isFull, reached };
      poll.pass(reached);
      return isFull ? this.#missed(poll, reached) : undefined;
    });
  }

  #hold(poll: HeldPoll, client: PollClient): MaybePromise<SubscribeOutcome> {
    const gathered = poll.gathered(); // what came while the backlog was read
    if (gathered.length > 0) return this.ended(poll, gathered);
    poll.deadlineMs = this.#ports.clock.monotonicMs() + this.#holdMs;
    this.#held.add(poll);
    client.held();
    return new Promise((resolve) => poll.wait(resolve));
  }

  // Tokens expire without anybody saying so. And a listener for each client's going away would be a third of what a poll
  // holds in memory.
  #sweepHeld(): void {
    this.#endExpired();
    this.#pages.turn();
    for (const poll of this.#held) poll.look();
    for (const stream of this.#streams) stream.accessChanged();
  }

  #endExpired(): void {
    const nowMs = this.#ports.clock.monotonicMs();
    for (const poll of this.#held) {
      if (poll.deadlineMs > nowMs) return;
      this.#end(poll);
    }
  }

  #end(poll: HeldPoll): void {
    poll.end(NO_MATCHES);
  }
}
