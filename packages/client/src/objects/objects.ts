/**
 * App Context as applications call it: `pubnub.objects`.
 *
 * Rules: spec/SDK.md SDK57, SDK58.
 *
 * @module
 */
import { type Caller, perform } from "../endpoints/call.ts";
import {
  CHANNEL_CALLS,
  type ChannelParameters,
  type GetAllMetadataParameters,
  type GetChannelMetadataParameters,
  type GetUUIDMetadataParameters,
  type SetChannelMetadataParameters,
  type SetUUIDMetadataParameters,
  USER_CALLS,
  type UUIDParameters,
} from "./metadata.ts";
import type {
  ChannelMember,
  ChannelMetadata,
  Membership,
  ObjectResult,
  ObjectsResult,
  RemovedResult,
  UUIDMetadata,
} from "./records.ts";
import {
  type GetChannelMembersParameters,
  type GetMembershipsParameters,
  MEMBERSHIP_CALLS,
  MEMBER_CALLS,
  type RemoveChannelMembersParameters,
  type RemoveMembershipsParameters,
  type SetChannelMembersParameters,
  type SetMembershipsParameters,
} from "./relations.ts";

/**
 * What is known about users and channels, and which user is a member of which channel. Changes reach subscribers of the
 * channels and users as events (`objects` of a listener).
 *
 * @example
 * ```ts
 * await pubnub.objects.setUUIDMetadata({ data: { name: "Alice", custom: { team: "blue" } } });
 * await pubnub.objects.setMemberships({ channels: ["hello", { id: "news", status: "muted" }] });
 * const { data } = await pubnub.objects.getChannelMembers({ channel: "hello", include: { UUIDFields: true } });
 * for (const { uuid } of data) console.log(uuid.id, uuid.name);
 * ```
 * @see spec/OBJECTS.md
 */
export class Objects {
  readonly #caller: Caller;

  /** @param caller what calls are made with. */
  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /**
   * Lists users.
   *
   * @example
   * ```ts
   * const filter = 'name LIKE "a*" && custom.team == "blue"';
   * let page = await pubnub.objects.getAllUUIDMetadata({ filter, sort: { name: "asc" }, include: { customFields: true } });
   * while (page.data.length > 0) {
   *   for (const { id, name } of page.data) console.log(id, name);
   *   page = await pubnub.objects.getAllUUIDMetadata({ filter, sort: "name", page: { next: page.next } });
   * }
   * ```
   */
  getAllUUIDMetadata(parameters: GetAllMetadataParameters = {}): Promise<ObjectsResult<UUIDMetadata>> {
    return perform(this.#caller, USER_CALLS.list, parameters);
  }

  /** Gets a user. @throws {PubNubError} status 404 where nothing is known about this user. */
  getUUIDMetadata(parameters: GetUUIDMetadataParameters = {}): Promise<ObjectResult<UUIDMetadata>> {
    return perform(this.#caller, USER_CALLS.get, parameters);
  }

  /**
   * Sets what is known about a user, who need not have been known before.
   *
   * @throws {PubNubError} status 412 where `ifMatchesEtag` is another one than that of the user.
   * @example
   * ```ts
   * const { data } = await pubnub.objects.getUUIDMetadata();
   * await pubnub.objects.setUUIDMetadata({ data: { email: null }, ifMatchesEtag: data.eTag });
   * ```
   */
  setUUIDMetadata(parameters: SetUUIDMetadataParameters): Promise<ObjectResult<UUIDMetadata>> {
    return perform(this.#caller, USER_CALLS.set, parameters);
  }

  /** Removes what is known about a user; no error where there is nothing. */
  removeUUIDMetadata(parameters: UUIDParameters = {}): Promise<RemovedResult> {
    return perform(this.#caller, USER_CALLS.remove, parameters);
  }

  /** Lists channels, as {@link getAllUUIDMetadata} does users. */
  getAllChannelMetadata(parameters: GetAllMetadataParameters = {}): Promise<ObjectsResult<ChannelMetadata>> {
    return perform(this.#caller, CHANNEL_CALLS.list, parameters);
  }

  /** Gets a channel. @throws {PubNubError} status 404 where nothing is known about it. */
  getChannelMetadata(parameters: GetChannelMetadataParameters): Promise<ObjectResult<ChannelMetadata>> {
    return perform(this.#caller, CHANNEL_CALLS.get, parameters);
  }

  /** Sets what is known about a channel, as {@link setUUIDMetadata} does of a user. */
  setChannelMetadata(parameters: SetChannelMetadataParameters): Promise<ObjectResult<ChannelMetadata>> {
    return perform(this.#caller, CHANNEL_CALLS.set, parameters);
  }

  /** Removes what is known about a channel; no error where there is nothing. Its messages stay. */
  removeChannelMetadata(parameters: ChannelParameters): Promise<RemovedResult> {
    return perform(this.#caller, CHANNEL_CALLS.remove, parameters);
  }

  /** Lists the channels that a user is a member of. */
  getMemberships(parameters: GetMembershipsParameters = {}): Promise<ObjectsResult<Membership>> {
    return perform(this.#caller, MEMBERSHIP_CALLS.list, parameters);
  }

  /**
   * Makes a user a member of channels, or changes what its memberships have.
   *
   * @returns the user's memberships as they are then, not only those that were given.
   */
  setMemberships(parameters: SetMembershipsParameters): Promise<ObjectsResult<Membership>> {
    return perform(this.#caller, MEMBERSHIP_CALLS.set, parameters);
  }

  /** Takes a user out of channels; no error where it is not in. @returns the user's memberships as they are then. */
  removeMemberships(parameters: RemoveMembershipsParameters): Promise<ObjectsResult<Membership>> {
    return perform(this.#caller, MEMBERSHIP_CALLS.remove, parameters);
  }

  /** Lists the members of a channel. */
  getChannelMembers(parameters: GetChannelMembersParameters): Promise<ObjectsResult<ChannelMember>> {
    return perform(this.#caller, MEMBER_CALLS.list, parameters);
  }

  /**
   * Makes users members of a channel, or changes what their memberships have.
   *
   * @returns the channel's members as they are then, not only those that were given.
   */
  setChannelMembers(parameters: SetChannelMembersParameters): Promise<ObjectsResult<ChannelMember>> {
    return perform(this.#caller, MEMBER_CALLS.set, parameters);
  }

  /** Takes users out of a channel; no error where they are not in. @returns the channel's members as they are then. */
  removeChannelMembers(parameters: RemoveChannelMembersParameters): Promise<ObjectsResult<ChannelMember>> {
    return perform(this.#caller, MEMBER_CALLS.remove, parameters);
  }
}
