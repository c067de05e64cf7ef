/**
 * The rooms behind publish and subscribe, without sockets, under a clock that stands still; for tests.
 *
 * @module
 */
import { openInMemory } from "../adapters/embedded/data-directory.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { MemoryBroker, type QueueOptions } from "../adapters/embedded/memory-broker.ts";
import { SqliteMessageStore } from "../adapters/embedded/sqlite-message-store.ts";
import type { SubscribeAnswer } from "../channels/answer.ts";
import type { GroupMembers } from "../channels/group-members.ts";
import { type PublishOutcome, publish } from "../channels/publish.ts";
import { groupName } from "../channels/selection.ts";
import type { Stream, StreamEnd, StreamSink } from "../channels/stream.ts";
import { type SubscribeCommand, type SubscribeOutcome, Subscriptions } from "../channels/subscribe.ts";
import { Turns } from "../channels/turns.ts";
import type { ReadAnswer, ReadRequest } from "../ports/broker.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { MessageDraft } from "../ports/message.ts";
import { KEYSET, draft, names } from "./fixtures.ts";

/** How long polls are held. */
export const HOLD_SECONDS = 280;

/** Channel groups in memory. */
class Groups implements GroupMembers {
  readonly #members = new Map<string, ReadonlySet<string>>();
  #version = 0;

  async members(_keyset: string, group: string): Promise<ReadonlySet<string>> {
    return this.#members.get(group) ?? new Set();
  }

  changed(): void {
    this.#version += 1;
  }

  version(): number {
    return this.#version;
  }

  set(group: string, members: readonly string[]): void {
    this.#members.set(group, new Set(members));
  }
}

/** What a poll is asked with besides its channels. */
export type PollOptions = Partial<Pick<SubscribeCommand, "keyset" | "filter" | "tellsGaps" | "isStillAllowed">> & {
  readonly groups?: readonly string[];
};

/** A poll under way. */
export interface Poll {
  isHeld: boolean;
  readonly gone: AbortController;
  outcome: Promise<SubscribeOutcome>;
}

/** Everything that a stream was sent; full when it is told to be. */
export class RecordingSink implements StreamSink {
  isFull = false;
  readonly answers: SubscribeAnswer[] = [];
  readonly ends: StreamEnd[] = [];

  send(answer: SubscribeAnswer): void {
    this.answers.push(answer);
  }

  ended(reason: StreamEnd): void {
    this.ends.push(reason);
  }
}

/** A broker whose reads can be made to take a turn, as those of one on another machine do. */
class WorldBroker extends MemoryBroker {
  isFar = false;

  override read(request: ReadRequest): MaybePromise<ReadAnswer> {
    const answer = super.read(request);
    return this.isFar ? Promise.resolve(answer) : answer;
  }
}

/** Publish and subscribe with everything behind them. */
export class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly turns = new Turns(this.clock);
  readonly subscriptions: Subscriptions;
  readonly #groups = new Groups();
  readonly #storage = openInMemory();
  readonly #messages: SqliteMessageStore;
  readonly #broker: WorldBroker;

  constructor(queue: QueueOptions = {}, holdSeconds = HOLD_SECONDS) {
    const { clock } = this;
    this.#messages = new SqliteMessageStore(clock, this.#storage.reading, this.#storage.writer, {
      committed: () => {},
    });
    this.#broker = new WorldBroker(clock, this.#messages, queue);
    const ports = { broker: this.#broker, messages: this.#messages, clock, groups: this.#groups, turns: this.turns };
    this.subscriptions = new Subscriptions(ports, holdSeconds);
  }

  /** Makes reads of the backlog take a turn. */
  moveBrokerAway(): void {
    this.#broker.isFar = true;
  }

  async publish(given: Partial<MessageDraft> = {}, keyset = KEYSET): Promise<bigint> {
    const ports = { broker: this.#broker, messages: this.#messages };
    const outcome: PublishOutcome = await publish(ports, { keyset, draft: draft(given), isFire: false });
    if (outcome.kind !== "sent") throw new Error(outcome.kind);
    return outcome.timetoken;
  }

  /** Gives a group other members, and says so in the keyset's order. */
  async setGroup(group: string, ...members: readonly string[]): Promise<void> {
    this.#groups.set(group, members);
    await this.#broker.announce(KEYSET, { kind: "groupChanged", group });
  }

  /** Says in the keyset's order that what subscribers may do has changed. */
  async changeAccess(): Promise<void> {
    await this.#broker.announce(KEYSET, { kind: "accessChanged" });
  }

  poll(after: bigint, ...wanted: readonly string[]): Poll {
    return this.pollWith({}, after, ...wanted);
  }

  pollWith(options: PollOptions, after: bigint, ...wanted: readonly string[]): Poll {
    const gone = new AbortController();
    const poll: Poll = { isHeld: false, gone, outcome: Promise.resolve({ kind: "gone" }) };
    const client = {
      get isGone(): boolean {
        return gone.signal.aborted;
      },
      held: (): void => {
        poll.isHeld = true;
      },
    };
    poll.outcome = Promise.resolve(this.subscriptions.subscribe(commandOf(options, after, wanted), client));
    return poll;
  }

  async open(sink: StreamSink, options: PollOptions, after: bigint, ...wanted: readonly string[]): Promise<Stream> {
    const outcome = await this.subscriptions.open(commandOf(options, after, wanted), sink);
    if (outcome.kind !== "open") throw new Error(outcome.kind);
    outcome.stream.start();
    await settle();
    return outcome.stream;
  }

  async handshake(...wanted: readonly string[]): Promise<bigint> {
    return (await answerOf(this.poll(0n, ...wanted))).cursor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.subscriptions.stop();
    await this.#broker.stop();
    await this.#messages.stop();
    this.#storage.close();
  }
}

/** The command of a request. */
export function commandOf(options: PollOptions, after: bigint, wanted: readonly string[]): SubscribeCommand {
  const { keyset = KEYSET, groups = [], filter, tellsGaps = false, isStillAllowed = always } = options;
  return { keyset, names: names(...wanted), groups: groups.map(groupName), after, filter, tellsGaps, isStillAllowed };
}

const always = (): boolean => true;

/** What a poll is answered with. */
export async function answerOf(poll: Poll): Promise<SubscribeAnswer> {
  const outcome = await poll.outcome;
  if (outcome.kind !== "answer") throw new Error(outcome.kind);
  return outcome.answer;
}

/** Lets what is under way come to rest. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** What matched, as lines: payload, channel, the name that matched. */
export function summary({ matches }: Pick<SubscribeAnswer, "matches">): readonly string[] {
  return matches.map(
    ({ delivery, matched }) => `${delivery.message.payload} ${delivery.message.channel} ${matched ?? "-"}`,
  );
}
