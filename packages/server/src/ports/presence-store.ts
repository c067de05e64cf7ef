/**
 * The presence-store port: who is on which channel of a keyset, until when, and with what state.
 *
 * A member is one uuid on one channel, however many connections it has. Atomicity: each change below is one step for
 * everybody, so of two callers that end or begin the same membership exactly one is told that it did. Order: the changes
 * of one call come in the order in which they happened, and so do the calls of one caller. Deadlines run on the store's own
 * clock, since the clocks of two nodes do not compare; only lengths of time are given.
 *
 * Above a number of occupants, which an adapter is built with for each keyset, the changes of a channel are noted and
 * handed out together by {@link PresenceStore.lease}. Rules: spec/PRESENCE.md PRE30-PRE41; suite: conformance/presence-store.ts.
 *
 * @module
 */
import type { MaybePromise } from "./maybe-promise.ts";

/** What can happen to a member. */
export type PresenceAction = "join" | "leave" | "timeout" | "state-change";

/** Something that happened to a member, for the one caller that made it happen. */
export interface PresenceChange {
  readonly action: PresenceAction;
  readonly keyset: string;
  readonly channel: string;
  readonly uuid: string;
  /** Distinct uuids on the channel after the change. */
  readonly occupancy: number;
  /** Compact JSON object: of a join what came with it, of an end what the member had last, of a state-change the new one. */
  readonly state: string | undefined;
  /** Whether it was noted for an interval, and so must not be announced by itself. */
  readonly isNoted: boolean;
  /** What had been noted before the channel was small enough for single announcements again; it is announced first. */
  readonly noted: IntervalDigest | undefined;
}

/** The net changes of a channel in one interval: who came and went in between is in no list. */
export interface IntervalDigest {
  /** Distinct uuids on the channel when the digest was taken. */
  readonly occupancy: number;
  readonly join: readonly string[];
  readonly leave: readonly string[];
  readonly timeout: readonly string[];
  /** Whether there was more than the lists may hold; then they are empty. */
  readonly isTooLong: boolean;
}

/** A sign of life of one uuid on some channels. */
export interface TouchRequest {
  readonly keyset: string;
  readonly uuid: string;
  /** Each once. */
  readonly channels: readonly string[];
  /** How long a member may be silent from now on; where absent it keeps what it had. */
  readonly timeoutMs: number | undefined;
  /** The same for a member that joins without a time of its own. */
  readonly timeoutMsDefault: number;
  /** New state by channel, compact JSON objects; channels without an entry keep theirs. */
  readonly states: ReadonlyMap<string, string> | undefined;
}

/** What came of a touch or of new state. A channel without a change was refreshed, or had that state already. */
export interface PresenceAnswer {
  readonly changes: readonly PresenceChange[];
  /** Whether something was left out because the keyset, or the store, is full. */
  readonly isFull: boolean;
}

/** One uuid that leaves some channels. */
export interface LeaveRequest {
  readonly keyset: string;
  readonly uuid: string;
  readonly channels: readonly string[];
}

/** New state of one uuid, in place of what it had. */
export interface StateRequest extends LeaveRequest {
  /** A compact JSON object; nothing clears. */
  readonly state: string | undefined;
  /** How long the state of a uuid that is not there waits for it. */
  readonly absentMs: number;
}

/** A wish to announce what was noted of a channel. */
export interface LeaseRequest {
  readonly keyset: string;
  readonly channel: string;
  /** Time that must have passed since the first of the changes was noted. */
  readonly intervalMs: number;
}

/** What came of such a wish. */
export type LeaseAnswer =
  /** To this caller alone. What is noted from now on opens a new interval. */
  | { readonly kind: "granted"; readonly digest: IntervalDigest }
  /** The interval began later than the caller thought; ask again after `waitMs`. */
  | { readonly kind: "early"; readonly waitMs: number }
  /** Somebody else announced it, or it came to nothing. */
  | { readonly kind: "nothing" };

/** Which occupants of which channels are wanted, in the order in which they joined. */
export interface PageRequest {
  readonly keyset: string;
  readonly channels: readonly string[];
  /** Occupants of one channel; 0 asks for occupancies alone. */
  readonly occupantsMax: number;
  readonly offset: number;
  /** Whether occupants come with their state. */
  readonly hasState: boolean;
  /** UTF-16 units of all uuids and states together; a page ends before the first that exceeds it. */
  readonly lengthMax: number;
}

/** One occupant. */
export interface Occupant {
  readonly uuid: string;
  readonly state: string | undefined;
}

/** A page of a channel's occupants. */
export interface ChannelPage {
  readonly channel: string;
  /** Of the whole channel. */
  readonly occupancy: number;
  readonly occupants: readonly Occupant[];
}

/** Keeps who is present. What changes something is there at once where the store is near. */
export interface PresenceStore {
  /** Makes the uuid present where it is absent and moves its deadline where it is not. */
  touch(request: TouchRequest): MaybePromise<PresenceAnswer>;
  /** Ends memberships. A channel without a change had no such member. */
  leave(request: LeaveRequest): MaybePromise<readonly PresenceChange[]>;
  /** Replaces state. Changes are told only of channels on which the uuid is present. */
  setState(request: StateRequest): MaybePromise<PresenceAnswer>;
  /**
   * Ends memberships whose deadline has passed, each for exactly one caller; a touch that came first has moved it.
   *
   * @param membersMax how many to take; as many as that means that there may be more.
   */
  expire(membersMax: number): MaybePromise<readonly PresenceChange[]>;
  /** Elects who announces what was noted of a channel, and hands it over in the same step. */
  lease(request: LeaseRequest): MaybePromise<LeaseAnswer>;
  /** State by channel, of a present uuid or waiting for an absent one; channels without any are left out. */
  states(request: LeaveRequest): Promise<ReadonlyMap<string, string>>;
  /** Occupancies and pages of occupants, in the order of the channels asked for, also of empty ones. */
  page(request: PageRequest): Promise<readonly ChannelPage[]>;
  /** Channels on which a uuid is present, at most so many, in the order in which it joined them. */
  channelsOf(keyset: string, uuid: string, channelsMax: number): Promise<readonly string[]>;
  /** Channels of a keyset with at least one occupant, at most so many. */
  occupied(keyset: string, channelsMax: number): Promise<readonly string[]>;
  /** Writes what is waiting. May be called twice. */
  stop(): Promise<void>;
}
