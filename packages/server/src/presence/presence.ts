/**
 * Presence: who is there, from signs of life to announcements.
 *
 * Called by the edge for presence requests, and by subscribe for every poll and every living stream: a poll is a sign of
 * life, a stream gives one as often as it shows that its client is there, and both make a uuid present again that had been
 * given up. The end of either is a leave only where the keyset says so. Rules: spec/PRESENCE.md.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { Keyset } from "../access/keysets.ts";
import { type Timer, every } from "../ports/clock.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { ChannelPage, PresenceAnswer, PresenceChange } from "../ports/presence-store.ts";
import { Announcer, type AnnouncerPorts } from "./announcer.ts";
import { type AskedNames, type MembersOf, expandNames, statesByChannel, withoutPresenceNames } from "./names.ts";

/** What presence needs from outside. */
export interface PresencePorts extends AnnouncerPorts {
  readonly membersOf: MembersOf;
}

/** A sign of life. */
export interface Attendance extends AskedNames {
  readonly keyset: Keyset;
  readonly uuid: string;
  /** How long the uuid may be silent from now on; where absent it keeps what it had, or has the keyset's. */
  readonly timeoutSeconds?: number | undefined;
  /** New state by channel or group, compact JSON objects; the others keep theirs. */
  readonly states?: ReadonlyMap<string, string> | undefined;
}

/** What came of a sign of life. */
export type AttendOutcome =
  | "attended"
  /** Some of it was not done: the keyset, or the process, has as many members or as much state as it may. */
  | "full"
  /** The keyset has no presence; nothing happened. */
  | "disabled";

/** One uuid and the channels and groups that are meant. */
export interface Membership extends AskedNames {
  readonly keyset: Keyset;
  readonly uuid: string;
}

/** A question who is there. */
export interface HereNowRequest extends AskedNames {
  readonly keyset: Keyset;
  /** Whether it is asked of every channel that has occupants, in place of the names. */
  readonly isGlobal: boolean;
  /** Occupants of one channel, 0 for none. */
  readonly limit: number;
  readonly offset: number;
  /** Whether they come with their state. */
  readonly hasState: boolean;
}

/** How often members are looked for whose deadline has passed, in milliseconds. */
const EXPIRE_INTERVAL_MS = 1_000;
const EXPIRE_BATCH_MEMBERS = 1_000;

/** The service behind presence. */
export class Presence {
  readonly #ports: PresencePorts;
  readonly #announcer: Announcer;
  readonly #timer: Timer;
  #expiring: Promise<void> | undefined;
  #isExpireDue = false;

  /** Begins to look for members whose deadline has passed. */
  constructor(ports: PresencePorts) {
    this.#ports = ports;
    this.#announcer = new Announcer(ports);
    this.#timer = every(ports.clock, EXPIRE_INTERVAL_MS, () => this.#expireSoon());
  }

  /** Joins where the uuid is absent and moves its deadline where it is not. There at once where nothing else happens. */
  attend(attendance: Attendance): MaybePromise<AttendOutcome> {
    const { keyset, channels, groups, states } = attendance;
    if (!keyset.hasPresence) return "disabled";
    if (groups.length > 0) return this.#attendGroups(attendance);
    return this.#touch(attendance, withoutPresenceNames(channels), states);
  }

  /** Ends memberships and announces those that there were. */
  async leave({ keyset, uuid, ...names }: Membership): Promise<void> {
    const { channels } = await expandNames(keyset.subscribeKey, names, this.#ports.membersOf);
    const answer = this.#ports.store.leave({ keyset: keyset.subscribeKey, uuid, channels });
    await this.#announcer.announce(answer instanceof Promise ? await answer : answer);
  }

  /**
   * Replaces the state of a uuid on channels and on the members of groups.
   *
   * @param state a compact JSON object; an empty one clears.
   */
  async setState({ keyset, uuid, ...names }: Membership, state: string): Promise<AttendOutcome> {
    const { channels } = await expandNames(keyset.subscribeKey, names, this.#ports.membersOf);
    const absentMs = LIMITS.presenceAbsentStateSecondsMax * 1_000;
    const kept = state === "{}" ? undefined : state;
    const request = { keyset: keyset.subscribeKey, uuid, channels, state: kept, absentMs };
    const answer = this.#ports.store.setState(request);
    return this.#finish(answer instanceof Promise ? await answer : answer);
  }

  /** State by channel; channels without any are left out. */
  async states({ keyset, uuid, ...names }: Membership): Promise<ReadonlyMap<string, string>> {
    const { channels } = await expandNames(keyset.subscribeKey, names, this.#ports.membersOf);
    return this.#ports.store.states({ keyset: keyset.subscribeKey, uuid, channels });
  }

  /** Occupancies and occupants, channel by channel, also of empty ones. */
  async hereNow(request: HereNowRequest): Promise<readonly ChannelPage[]> {
    const { store, membersOf } = this.#ports;
    const { isGlobal, limit, offset, hasState } = request;
    const keyset = request.keyset.subscribeKey;
    const channels = isGlobal
      ? await store.occupied(keyset, LIMITS.hereNowChannelsMax)
      : (await expandNames(keyset, request, membersOf)).channels;
    const lengthMax = LIMITS.hereNowBytesMax;
    return store.page({ keyset, channels, occupantsMax: limit, offset, hasState, lengthMax });
  }

  /** Channels that a uuid is on. */
  async whereNow(keyset: Keyset, uuid: string): Promise<readonly string[]> {
    return this.#ports.store.channelsOf(keyset.subscribeKey, uuid, LIMITS.whereNowChannelsMax);
  }

  /** Announces what is still to be announced and writes what is still to be written. */
  async stop(): Promise<void> {
    this.#timer.cancel();
    await this.#expiring;
    await this.#announcer.stop();
    await this.#ports.store.stop();
  }

  async #attendGroups(attendance: Attendance): Promise<AttendOutcome> {
    const names = await expandNames(attendance.keyset.subscribeKey, attendance, this.#ports.membersOf);
    return this.#touch(attendance, names.channels, statesByChannel(attendance.states, names));
  }

  #touch(
    { keyset, uuid, timeoutSeconds }: Attendance,
    channels: readonly string[],
    states: ReadonlyMap<string, string> | undefined,
  ): MaybePromise<AttendOutcome> {
    const answer = this.#ports.store.touch({
      keyset: keyset.subscribeKey,
      uuid,
      channels,
      timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1_000,
      timeoutMsDefault: keyset.presenceTimeoutSeconds * 1_000,
      states,
    });
    return answer instanceof Promise ? answer.then((known) => this.#finish(known)) : this.#finish(answer);
  }

  // Announced in the same turn where the store is near, so that nothing comes between a change and its event.
  #finish({ changes, isFull }: PresenceAnswer): MaybePromise<AttendOutcome> {
    const outcome = isFull ? "full" : "attended";
    return changes.length === 0 ? outcome : this.#announcer.announce(changes).then(() => outcome);
  }

  // One search at a time; a tick that comes meanwhile is made up for when it has ended.
  #expireSoon(): void {
    if (this.#expiring) {
      this.#isExpireDue = true;
      return;
    }
    const answer = this.#ports.store.expire(EXPIRE_BATCH_MEMBERS);
    if (answer instanceof Promise || answer.length > 0) this.#expiring = this.#expireAll(answer);
  }

  async #expireAll(first: MaybePromise<readonly PresenceChange[]>): Promise<void> {
    try {
      for (let answer = first; ; answer = this.#ports.store.expire(EXPIRE_BATCH_MEMBERS)) {
        this.#isExpireDue = false;
        const expired = answer instanceof Promise ? await answer : answer;
        await this.#announcer.announce(expired);
        if (expired.length < EXPIRE_BATCH_MEMBERS && !this.#isExpireDue) return;
      }
    } catch (failure) {
      this.#ports.failed(failure);
    } finally {
      this.#expiring = undefined; // in the same turn, or a tick between the two would be lost
    }
  }
}
