/**
 * The message-store port: keeps messages, and with them the promise that an acknowledged one is never lost.
 *
 * A message that has expired is in no answer of any method, from its instant on; the space it took is given back later.
 *
 * Rules: spec/STORE.md STO1-STO16; suite: conformance/message-store.ts.
 *
 * @module
 */
import type { SubscribeName, Timetoken } from "@longwave/protocol";
import type { Message, PublishId } from "./message.ts";

/** What came of a commit. */
export type CommitOutcome =
  /** On disk, as durable as the store was configured to be. */
  | "committed"
  /** The disk refused it. It is not kept. */
  | "unavailable"
  /** Too much is waiting for the disk already. It is not kept. */
  | "overloaded";

/** What came of a commit at an instant that was chosen. */
export type CommitAtOutcome =
  | "committed"
  | "unavailable" /** The channel has a message there. It is not kept. */
  | "occupied";

/** A request for the past of one name. */
export interface StoredReadRequest {
  readonly keyset: string;
  readonly name: SubscribeName;
  /** Exclusive. */
  readonly after: Timetoken;
  /** Inclusive. */
  readonly through: Timetoken;
  /** At most this many, the oldest ones. */
  readonly messagesMax: number;
}

/** A stretch of one channel's past. Both ends inclusive; nothing where `from` is later than `through`. */
export interface MessageRange {
  readonly keyset: string;
  readonly channel: string;
  readonly from: Timetoken;
  readonly through: Timetoken;
}

/** A request for a page of history. */
export interface PageRequest extends MessageRange {
  /** Which end of the range to begin at. */
  readonly take: "oldest" | "newest";
  /** At least 1. */
  readonly messagesMax: number;
  /** Bytes of messages, by `weightOf`; the first message is taken whatever it weighs. */
  readonly bytesMax: number;
}

/** A page of history. */
export interface Page {
  /** In timetoken order, whichever end was taken. */
  readonly messages: readonly Message[];
  /** Whether the bytes ended it: the range holds more, and fewer than `messagesMax` were taken. */
  readonly isCut: boolean;
}

/** A request to count what one channel keeps after an instant. */
export interface CountRequest {
  readonly keyset: string;
  readonly channel: string;
  /** Exclusive. */
  readonly after: Timetoken;
  /** Counting stops here. */
  readonly countMax: number;
}

/** What came of a deletion. */
export type DeleteOutcome =
  /** Everything in the range is gone, as durably as a commit is kept. */
  | "deleted"
  /** The disk refused. Some of it may be gone; asking again does no harm. */
  | "unavailable";

/** A publisher's id for a message, and where it is unique. */
export interface IdRequest {
  readonly keyset: string;
  readonly channel: string;
  readonly id: string;
}

/** What is kept of a stored message's id: for 24 hours (`idempotencyIdAgeMsMax`), also where the message has gone. */
export interface KeptId {
  readonly timetoken: Timetoken;
  readonly digest: string;
}

/** Keeps messages and a reservation of timetokens. */
export interface MessageStore {
  /** Every timetoken up to here may have been given out before this process started. */
  readonly reservedThrough: Timetoken;
  /**
   * Of the messages that were acknowledged from memory before this process started, some at or before this instant may be
   * missing: the process before ended without a chance to write them. `0n` after an orderly end.
   */
  readonly lostThrough: Timetoken;
  /** Everything up to here has had its time in the queues, counted in time that a server ran: no backlog holds it. */
  readonly agedThrough: Timetoken;
  /** Whether so much of a keyset waits that {@link commit} would refuse more; ask before making a message visible. */
  isOverloaded(keyset: string): boolean;
  /**
   * Keeps a message. Calls in flight share transactions (group commit) in the order of the calls.
   *
   * Until the outcome is known, {@link read} already shows the message.
   *
   * @param id kept in the same transaction: both are there, or neither.
   */
  commit(message: Message, id?: PublishId): Promise<CommitOutcome>;
  /** The newest message that an earlier process kept an id of; `0n` for none. Ids of later ones came after the start. */
  readonly idsThrough: Timetoken;
  /** What a committed id stands for, nothing once it is old. Commits under way are not looked at. */
  findId(request: IdRequest): Promise<KeptId | undefined>;
  /**
   * Keeps a message at an instant that its publisher chose, unless the channel has one there already.
   *
   * @param message at an instant that the broker has passed, so that no later one can be given it.
   */
  commitAt(message: Message): Promise<CommitAtOutcome>;
  /**
   * Notes a message that is acknowledged from memory, so that an orderly restart finds it while it is young.
   *
   * Written behind, within {@link JOURNAL_INTERVAL_MS}; a crash may lose what came later.
   */
  journal(message: Message): void;
  /** Committed, committing, and journalled-before-this-start messages of one name, in timetoken order. */
  read(request: StoredReadRequest): Promise<readonly Message[]>;
  /** Stored messages of one channel: committed and committing ones, none that was only journalled. */
  readPage(request: PageRequest): Promise<Page>;
  /** How many stored messages a channel has after an instant, committed and committing, at most `countMax`. */
  countAfter(request: CountRequest): Promise<number>;
  /**
   * Deletes the stored messages of a range, those whose commit is under way too.
   *
   * In small transactions, oldest first, between those of commits; messages that are committed after the call stay out
   * of it only where `through` leaves them out.
   */
  deleteRange(range: MessageRange): Promise<DeleteOutcome>;
  /**
   * Promises that no start after this one gives out a timetoken at or before `through`.
   *
   * @returns whether the promise is on disk.
   */
  reserve(through: Timetoken): Promise<boolean>;
  /** Writes what is waiting, notes the last timetoken given out, and closes. May be called twice. */
  stop(last?: Timetoken): Promise<void>;
}

/** How long a journalled message may wait for the disk, in milliseconds. */
export const JOURNAL_INTERVAL_MS = 100;
