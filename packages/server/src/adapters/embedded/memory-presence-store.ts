/**
 * The presence store of a single process: members in memory, and where there is a disk, written behind.
 *
 * Everything happens in the turn of the call. Rules: spec/PRESENCE.md PRE30-PRE41.
 *
 * @module
 */
import { LIMITS } from "@longwave/protocol";
import type { Clock } from "../../ports/clock.ts";
import type {
  ChannelPage,
  IntervalDigest,
  LeaseAnswer,
  LeaseRequest,
  LeaveRequest,
  PageRequest,
  PresenceAnswer,
  PresenceChange,
  PresenceStore,
  StateRequest,
  TouchRequest,
} from "../../ports/presence-store.ts";
import { DeadlineWheel } from "./deadline-wheel.ts";
import { IntervalNotes, type NotedAction } from "./interval-notes.ts";
import { type Channel, KeysetMembers, Member } from "./presence-members.ts";
import type { PresenceJournal } from "./presence-journal.ts";
import { readOccupied, readPages, readStates } from "./presence-reads.ts";

/** Bounds of a presence store. */
export interface PresenceBounds {
  /** Members and waiting states of one keyset. @defaultValue LIMITS.presenceMembersPerKeysetMax */
  readonly membersPerKeysetMax?: number;
  /** The same of all keysets. @defaultValue LIMITS.presenceMembersMax */
  readonly membersMax?: number;
  /** UTF-16 units of all states of a keyset. @defaultValue LIMITS.presenceStateBytesPerKeysetMax */
  readonly stateLengthMax?: number;
}

/** What a presence store is built with. */
export interface PresenceStoreParts {
  readonly clock: Clock;
  /** Occupants of a channel up to which its changes are announced one by one, for a keyset. */
  readonly announceMaxOf: (keyset: string) => number;
  /** Where members are kept over a restart; nothing where they need not be. */
  readonly journal?: PresenceJournal | undefined;
  readonly bounds?: PresenceBounds | undefined;
}

/** A place on a channel that its uuid does not have yet. */
interface Vacancy {
  readonly members: KeysetMembers;
  readonly channel: string;
}

const REFRESHED: PresenceAnswer = Object.freeze({ changes: Object.freeze([]), isFull: false });

/** Keeps members in memory. */
export class MemoryPresenceStore implements PresenceStore {
  readonly #clock: Clock;
  readonly #announceMaxOf: PresenceStoreParts["announceMaxOf"];
  readonly #journal: PresenceJournal | undefined;
  readonly #bounds: Required<PresenceBounds>;
  readonly #keysets = new Map<string, KeysetMembers>();
  readonly #wheel: DeadlineWheel;
  #size = 0;
  #stopped: Promise<void> | undefined;

  constructor({ clock, announceMaxOf, journal, bounds }: PresenceStoreParts) {
    this.#clock = clock;
    this.#announceMaxOf = announceMaxOf;
    this.#journal = journal;
    this.#bounds = {
      membersPerKeysetMax: LIMITS.presenceMembersPerKeysetMax,
      membersMax: LIMITS.presenceMembersMax,
      stateLengthMax: LIMITS.presenceStateBytesPerKeysetMax,
      ...bounds,
    };
    this.#wheel = new DeadlineWheel(clock.monotonicMs());
    this.#restore();
  }

  /** Members and waiting states of all keysets. */
  get size(): number {
    return this.#size;
  }

  /** Channels that have members, waiting states, or changes not yet announced. */
  get channels(): number {
    let count = 0;
    for (const { channels } of this.#keysets.values()) count += channels.size;
    return count;
  }

  touch(request: TouchRequest): PresenceAnswer {
    const nowMs = this.#clock.monotonicMs();
    const members = this.#keysetOf(request.keyset);
    let changes: PresenceChange[] | undefined;
    let isFull = false;
    for (const channel of request.channels) {
      const found = members.channels.get(channel)?.find(request.uuid);
      const touched = found?.isPresent
        ? this.#refresh(found, request, nowMs)
        : this.#enter(found ?? { members, channel }, request, nowMs);
      if (touched === "full") isFull = true;
      else if (touched) (changes ??= []).push(touched);
    }
    return changes || isFull ? { changes: changes ?? [], isFull } : REFRESHED;
  }

  leave({ keyset, uuid, channels }: LeaveRequest): readonly PresenceChange[] {
    const changes: PresenceChange[] = [];
    for (const channel of channels) {
      const member = this.#keysets.get(keyset)?.channels.get(channel)?.present.get(uuid);
      if (member) changes.push(this.#end(member, "leave"));
    }
    return changes;
  }

  setState(request: StateRequest): PresenceAnswer {
    const { keyset, uuid, channels, state } = request;
    const changes: PresenceChange[] = [];
    let isFull = false;
    for (const channel of channels) {
      const member = this.#keysets.get(keyset)?.channels.get(channel)?.find(uuid);
      if (!member?.isPresent) {
        isFull = !this.#setAbsentState(request, channel, member) || isFull;
      } else if (member.state !== state) {
        const changed = this.#changeState(member, state);
        if (changed === "full") isFull = true;
        else changes.push(changed);
      }
    }
    return { changes, isFull };
  }

  expire(membersMax: number): readonly PresenceChange[] {
    const nowMs = this.#clock.monotonicMs();
    const changes: PresenceChange[] = [];
    for (;;) {
      const wanted = membersMax - changes.length;
      const due = wanted > 0 ? this.#wheel.takeDue(nowMs, wanted) : [];
      for (const member of due) {
        if (member.isPresent) changes.push(this.#end(member, "timeout"));
        else this.#remove(member); // a state that nobody came for
      }
      if (due.length < wanted || wanted === 0) return changes;
    }
  }

  lease({ keyset, channel: name, intervalMs }: LeaseRequest): LeaseAnswer {
    const channel = this.#keysets.get(keyset)?.channels.get(name);
    if (!channel?.notes) return { kind: "nothing" };
    const waitMs = channel.notes.openedMs + intervalMs - this.#clock.monotonicMs();
    if (waitMs > 0) return { kind: "early", waitMs };
    const digest = takeNotes(channel);
    channel.keyset.forgetIfIdle(channel);
    return digest ? { kind: "granted", digest } : { kind: "nothing" };
  }

  async states(request: LeaveRequest): Promise<ReadonlyMap<string, string>> {
    return readStates(this.#keysetOf(request.keyset), request);
  }

  async page(request: PageRequest): Promise<readonly ChannelPage[]> {
    return readPages(this.#keysetOf(request.keyset), request);
  }

  async channelsOf(keyset: string, uuid: string, channelsMax: number): Promise<readonly string[]> {
    return this.#keysetOf(keyset).channelsOf(uuid, channelsMax);
  }

  async occupied(keyset: string, channelsMax: number): Promise<readonly string[]> {
    return readOccupied(this.#keysetOf(keyset), channelsMax);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#journal?.stop(this.#everybody(), this.#clock.monotonicMs()) ?? Promise.resolve();
    return this.#stopped;
  }

  // Keysets are few and known: whoever asks has been asked for its key.
  #keysetOf(name: string): KeysetMembers {
    const known = this.#keysets.get(name);
    if (known) return known;
    const made = new KeysetMembers(name);
    this.#keysets.set(name, made);
    return made;
  }

  #add(members: KeysetMembers, channel: string, uuid: string): Member | undefined {
    const { membersPerKeysetMax, membersMax } = this.#bounds;
    if (members.size >= membersPerKeysetMax || this.#size >= membersMax) return undefined;
    this.#size += 1;
    return members.add(channel, uuid);
  }

  #hasRoomFor(state: string | undefined, { stateLength }: KeysetMembers, inPlaceOf: string | undefined): boolean {
    const growth = (state?.length ?? 0) - (inPlaceOf?.length ?? 0);
    return growth <= 0 || stateLength + growth <= this.#bounds.stateLengthMax;
  }

  #refresh(member: Member, { timeoutMs, states }: TouchRequest, nowMs: number): PresenceChange | "full" | undefined {
    member.timeoutMs = timeoutMs ?? member.timeoutMs;
    this.#wheel.set(member, nowMs + member.timeoutMs);
    const state = states?.get(member.channel.name);
    if (state === undefined || state === member.state) return undefined;
    return this.#changeState(member, state);
  }

  // Who comes with a state that has no room does not come in without it.
  #enter(found: Member | Vacancy, request: TouchRequest, nowMs: number): PresenceChange | "full" {
    const isKnown = found instanceof Member;
    const { name: channel, keyset } = isKnown ? found.channel : { name: found.channel, keyset: found.members };
    const state = request.states?.get(channel);
    if (!this.#hasRoomFor(state, keyset, isKnown ? found.state : undefined)) return "full";
    const member = isKnown ? found : this.#add(keyset, channel, request.uuid);
    if (!member) return "full";
    member.timeoutMs = request.timeoutMs ?? request.timeoutMsDefault;
    this.#wheel.set(member, nowMs + member.timeoutMs);
    keyset.admit(member);
    if (state !== undefined) keyset.setState(member, state);
    this.#journal?.note(member);
    return this.#change(member, "join", state);
  }

  #end(member: Member, action: "leave" | "timeout"): PresenceChange {
    this.#remove(member);
    return this.#change(member, action, member.state);
  }

  #remove(member: Member): void {
    this.#wheel.remove(member);
    member.channel.keyset.remove(member);
    this.#size -= 1;
    this.#journal?.note(member);
  }

  #changeState(member: Member, state: string | undefined): PresenceChange | "full" {
    const { name, keyset, present } = member.channel;
    if (!this.#hasRoomFor(state, keyset, member.state)) return "full";
    keyset.setState(member, state);
    this.#journal?.note(member);
    const what = { keyset: keyset.name, channel: name, uuid: member.uuid, occupancy: present.size };
    return { action: "state-change", ...what, state, isNoted: false, noted: undefined };
  }

  // The state of a uuid that is not there. Whether there was room for it.
  #setAbsentState(
    { keyset, uuid, state, absentMs }: StateRequest,
    channel: string,
    known: Member | undefined,
  ): boolean {
    if (state === undefined) {
      if (known) this.#remove(known);
      return true;
    }
    const members = this.#keysetOf(keyset);
    if (!this.#hasRoomFor(state, members, known?.state)) return false;
    const member = known ?? this.#add(members, channel, uuid);
    if (!member) return false;
    members.setState(member, state);
    member.timeoutMs = absentMs;
    this.#wheel.set(member, this.#clock.monotonicMs() + absentMs);
    this.#journal?.note(member);
    return true;
  }

  // A channel above its bound notes the change; one at or below it announces, after what it had noted.
  #change({ channel, uuid }: Member, action: NotedAction, state: string | undefined): PresenceChange {
    const { keyset, name, present } = channel;
    const occupancy = present.size;
    const what = { action, keyset: keyset.name, channel: name, uuid, occupancy, state };
    if (occupancy > this.#announceMaxOf(keyset.name)) {
      channel.notes ??= new IntervalNotes(this.#clock.monotonicMs());
      channel.notes.add(action, uuid);
      return { ...what, isNoted: true, noted: undefined };
    }
    const noted = channel.notes && takeNotes(channel, occupancy + (action === "join" ? -1 : 1));
    keyset.forgetIfIdle(channel);
    return { ...what, isNoted: false, noted };
  }

  *#everybody(): Generator<Member> {
    for (const { channels } of this.#keysets.values()) {
      for (const { present, absent } of channels.values()) {
        yield* present.values();
        if (absent) yield* absent.values();
      }
    }
  }

  // Each has the time that it had left, so the time without a server does not count; and a minute at least to come back.
  #restore(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const { keyset, channel, uuid, state, isPresent, timeoutMs, remainingMs } of this.#journal?.load() ?? []) {
      const members = this.#keysetOf(keyset);
      const member = this.#add(members, channel, uuid);
      if (!member) return;
      member.isKept = true;
      member.timeoutMs = timeoutMs;
      if (isPresent) members.admit(member);
      if (state !== undefined) members.setState(member, state);
      this.#wheel.set(member, nowMs + Math.max(remainingMs, COME_BACK_MS));
    }
  }
}

/** How long everybody has, at least, to show up after a restart. */
const COME_BACK_MS = 60_000;

function takeNotes(channel: Channel, occupancy = channel.present.size): IntervalDigest | undefined {
  const { notes } = channel;
  channel.notes = undefined;
  return notes?.digest(occupancy);
}
