/**
 * Members of channels in memory: found by channel and by uuid, counted, and cheap enough for a million of them.
 *
 * A member is one object that stands in the map of its channel, in the list of its uuid's memberships and in a slot of the
 * deadline wheel; the lists are woven through the objects themselves, so that a sign of life allocates nothing.
 *
 * @module
 */
import type { IntervalNotes } from "./interval-notes.ts";

/** The tick of a member that is in no slot. */
export const UNPLACED = -1;

/** One uuid on one channel; or the state of one that is not there, waiting for it. */
export class Member {
  readonly channel: Channel;
  readonly uuid: string;
  isPresent = false;
  /** Whether it has left its channel for good; another object takes its place if the uuid comes back. */
  isGone = false;
  /** Whether the disk may have it. */
  isKept = false;
  timeoutMs = 0;
  deadlineMs = 0;
  state: string | undefined = undefined;
  // Its place in the wheel.
  tick = UNPLACED;
  before: Member | undefined = undefined;
  after: Member | undefined = undefined;
  // Its place among the memberships of its uuid.
  previous: Member | undefined = undefined;
  next: Member | undefined = undefined;

  constructor(channel: Channel, uuid: string) {
    this.channel = channel;
    this.uuid = uuid;
  }
}

/** A channel that has members, waiting states, or changes not yet announced. */
export class Channel {
  readonly keyset: KeysetMembers;
  readonly name: string;
  /** In the order in which they joined. */
  readonly present = new Map<string, Member>();
  /** States of uuids that are not there. Few channels have any. */
  absent: Map<string, Member> | undefined = undefined;
  notes: IntervalNotes | undefined = undefined;

  constructor(keyset: KeysetMembers, name: string) {
    this.keyset = keyset;
    this.name = name;
  }

  /** The member, present or waiting. */
  find(uuid: string): Member | undefined {
    return this.present.get(uuid) ?? this.absent?.get(uuid);
  }
}

/** Everything present under one keyset. */
export class KeysetMembers {
  readonly name: string;
  readonly channels = new Map<string, Channel>();
  /** Members and waiting states. */
  size = 0;
  /** UTF-16 units of all states. */
  stateLength = 0;
  readonly #lastOfUuid = new Map<string, Member>();

  constructor(name: string) {
    this.name = name;
  }

  /** Makes a member that is absent as yet. */
  add(channelName: string, uuid: string): Member {
    let channel = this.channels.get(channelName);
    if (!channel) {
      channel = new Channel(this, ownText(channelName));
      this.channels.set(channel.name, channel);
    }
    const member = new Member(channel, this.#lastOfUuid.get(uuid)?.uuid ?? ownText(uuid));
    channel.absent ??= new Map();
    channel.absent.set(member.uuid, member);
    this.size += 1;
    return member;
  }

  /** Makes an absent member present. */
  admit(member: Member): void {
    const { channel, uuid } = member;
    channel.absent?.delete(uuid);
    if (channel.absent?.size === 0) channel.absent = undefined;
    channel.present.set(uuid, member);
    member.isPresent = true;
    member.previous = this.#lastOfUuid.get(uuid);
    if (member.previous) member.previous.next = member;
    this.#lastOfUuid.set(uuid, member);
  }

  /** Takes a member away, and what is empty without it. */
  remove(member: Member): void {
    const { channel, uuid } = member;
    if (member.isPresent) {
      channel.present.delete(uuid);
      this.#unlink(member);
    } else {
      channel.absent?.delete(uuid);
      if (channel.absent?.size === 0) channel.absent = undefined;
    }
    member.isGone = true;
    this.size -= 1;
    this.stateLength -= member.state?.length ?? 0;
    this.forgetIfIdle(channel);
  }

  /** Drops a channel that has nothing to remember. */
  forgetIfIdle(channel: Channel): void {
    if (channel.present.size > 0 || channel.absent || channel.notes) return;
    this.channels.delete(channel.name);
  }

  /** Replaces a member's state. */
  setState(member: Member, state: string | undefined): void {
    this.stateLength += (state?.length ?? 0) - (member.state?.length ?? 0);
    member.state = state === undefined ? undefined : ownText(state);
  }

  /** Names of the channels that a uuid is on, in the order in which it joined them. */
  channelsOf(uuid: string, channelsMax: number): readonly string[] {
    const names: string[] = [];
    for (let member = this.#lastOfUuid.get(uuid); member; member = member.previous) names.push(member.channel.name);
    return names.toReversed().slice(0, channelsMax);
  }

  #unlink(member: Member): void {
    if (member.previous) member.previous.next = member.next;
    if (member.next) member.next.previous = member.previous;
    else if (member.previous) this.#lastOfUuid.set(member.uuid, member.previous);
    else this.#lastOfUuid.delete(member.uuid);
  }
}

// A part of a text keeps the whole of it in memory: names are cut from URLs, and members outlive their requests.
function ownText(text: string): string {
  return Buffer.from(text).toString();
}
