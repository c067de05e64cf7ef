/**
 * One long poll: gathers what matches while its backlog is read, then answers with the first batch that does.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";
import type { Delivery, Match } from "./delivery.ts";
import { Gathered } from "./gathered.ts";
import type { Selection } from "./selection.ts";
import type { PollClient, SubscribeCommand, SubscribeOutcome } from "./subscribe.ts";
import type { Subscriber } from "./subscriber-index.ts";

/** How waiting ends: with matches, none where its time is over, or for another reason. */
export type PollEnd = readonly Match[] | "gone" | "denied";

const NOTHING: readonly Match[] = Object.freeze([]);

/** What a poll needs of the polls' room. */
export interface PollRoom {
  /** Lets go of a poll that ends. @returns what it is answered. */
  ended(poll: HeldPoll, end: PollEnd): SubscribeOutcome;
}

/** A poll from its entry into the index to its answer. */
export class HeldPoll implements Subscriber {
  readonly command: SubscribeCommand;
  readonly selection: Selection;
  /** When it is answered empty, on the monotonic clock. */
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #room: PollRoom;
  readonly #client: PollClient;
  #gathered: Gathered | undefined;
  #isOld = false;
  #passed: Timetoken;
  #isStale = false;
  #answer: ((outcome: SubscribeOutcome) => void) | undefined;

  constructor(room: PollRoom, command: SubscribeCommand, selection: Selection, client: PollClient) {
    this.command = command;
    this.selection = selection;
    this.#room = room;
    this.#client = client;
    this.#passed = command.after;
  }

  get keyset(): string {
    return this.command.keyset;
  }

  get after(): Timetoken {
    return this.command.after;
  }

  /** Ends where its client has gone away or may no longer hear this. */
  look(): void {
    this.#isOld = true;
    if (this.#client.isGone) this.end("gone");
    else this.accessChanged();
  }

  /** The cursor of an empty answer: everything up to here has been looked at, and filtered out. */
  get passed(): Timetoken {
    return this.#isStale ? this.after : this.#passed;
  }

  /** Notes that everything up to an instant has been filtered out. */
  pass(timetoken: Timetoken): void {
    if (timetoken > this.#passed) this.#passed = timetoken;
  }

  /** Whether a group changed before it could answer: its next poll sees the members of then, so this one says nothing. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Takes what has been gathered so far. */
  gathered(): readonly Match[] {
    return this.#gathered?.take() ?? NOTHING;
  }

  /** Begins to wait. @param answer is called once. */
  wait(answer: (outcome: SubscribeOutcome) => void): void {
    this.#answer = answer;
  }

  offer(delivery: Delivery, requested: string): boolean {
    const { filter } = this.command;
    if (filter && !filter(delivery)) {
      if (!this.#gathered || this.#gathered.isEmpty) this.pass(delivery.message.timetoken);
      return false;
    }
    this.#gathered ??= new Gathered(this.selection);
    return this.#gathered.add(delivery, requested);
  }

  flush(): void {
    if (this.#answer && this.#gathered && !this.#gathered.isEmpty) this.end(this.#gathered.take());
  }

  groupChanged(): void {
    if (this.#answer) this.end([]);
    else this.#isStale = true;
  }

  // One that does not wait yet is about to: it is judged again when it does.
  accessChanged(): void {
    if (this.#answer && !this.command.isStillAllowed()) this.end("denied");
  }

  /** Answers, once; later calls do nothing. */
  end(matches: PollEnd): void {
    const answer = this.#answer;
    this.#answer = undefined;
    // Most polls of a busy channel end young, and asking costs a tenth of a delivery: those are answered for nobody.
    answer?.(this.#room.ended(this, this.#isOld && this.#client.isGone ? "gone" : matches));
  }
}
