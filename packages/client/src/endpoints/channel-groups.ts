/**
 * The calls about channel groups: change their channels, list them, delete them.
 *
 * Rules: spec/SDK.md SDK27, SDK30.
 *
 * @module
 */
import { isTexts, parseJson, recordIn } from "../json.ts";
import { type Call, type CallOptions, type Caller, perform } from "./call.ts";
import { requireName, requireNames } from "./parameters.ts";
import { type DoneResult, doneOf } from "./presence.ts";
import { type CallRequest, listValue } from "./request.ts";

/** A channel group. */
export interface GroupParameters extends CallOptions {
  /** `group`, or `namespace:group`. @see spec/GROUPS.md GRP1 */
  readonly channelGroup: string;
}

/** Channels to add to a group, or to take out. */
export interface GroupChannelsParameters extends GroupParameters {
  readonly channels: readonly string[];
}

/** The channels of a group. */
export interface GroupChannelsResult {
  readonly channels: readonly string[];
}

/** The groups of a keyset that have no namespace. */
export interface GroupsResult {
  readonly groups: readonly string[];
}

const addChannelsCall: Call<GroupChannelsParameters, DoneResult> = {
  operation: "PNAddChannelsToGroupOperation",
  request: ({ channelGroup, channels }, { subscribeKey }) => ({
    path: [...base(subscribeKey), requireName(channelGroup, "channelGroup")],
    query: { add: listValue(requireNames(channels, "channels")) },
  }),
  parse: doneOf,
};

const removeChannelsCall: Call<GroupChannelsParameters, DoneResult> = {
  operation: "PNRemoveChannelsFromGroupOperation",
  request: ({ channelGroup, channels }, { subscribeKey }) => ({
    path: [...base(subscribeKey), requireName(channelGroup, "channelGroup")],
    query: { remove: listValue(requireNames(channels, "channels")) },
  }),
  parse: doneOf,
};

const listChannelsCall: Call<GroupParameters, GroupChannelsResult> = {
  operation: "PNChannelsForGroupOperation",
  request: ({ channelGroup }, { subscribeKey }) => ({
    path: [...base(subscribeKey), requireName(channelGroup, "channelGroup")],
  }),
  parse: (text) => {
    const channels = recordIn(parseJson(text), "payload")?.["channels"];
    return isTexts(channels) ? { channels } : undefined;
  },
};

const listGroupsCall: Call<CallOptions, GroupsResult> = {
  operation: "PNChannelGroupsOperation",
  request: (_, { subscribeKey }) => ({ path: base(subscribeKey) }),
  parse: (text) => {
    const groups = recordIn(parseJson(text), "payload")?.["groups"];
    return isTexts(groups) ? { groups } : undefined;
  },
};

const deleteGroupCall: Call<GroupParameters, DoneResult> = {
  operation: "PNRemoveGroupOperation",
  request: ({ channelGroup }, { subscribeKey }) => ({
    path: [...base(subscribeKey), requireName(channelGroup, "channelGroup"), "remove"],
  }),
  parse: doneOf,
};

/**
 * Channel groups: names under which a subscriber follows many channels. A change reaches subscribers at once.
 *
 * @example
 * ```ts
 * await pubnub.channelGroups.addChannels({ channelGroup: "family", channels: ["anna", "bert"] });
 * pubnub.subscribe({ channelGroups: ["family"] });
 * ```
 * @see spec/GROUPS.md
 */
export class ChannelGroups {
  readonly #caller: Caller;

  /** @param caller what calls are made with. */
  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Adds channels to a group, which begins to exist with its first one. */
  addChannels(parameters: GroupChannelsParameters): Promise<DoneResult> {
    return perform(this.#caller, addChannelsCall, parameters);
  }

  /** Takes channels out of a group, which ends with its last one. */
  removeChannels(parameters: GroupChannelsParameters): Promise<DoneResult> {
    return perform(this.#caller, removeChannelsCall, parameters);
  }

  /** Lists the channels of a group; none where there is no such group. */
  listChannels(parameters: GroupParameters): Promise<GroupChannelsResult> {
    return perform(this.#caller, listChannelsCall, parameters);
  }

  /** Lists the groups that have no namespace. */
  listGroups(options: CallOptions = {}): Promise<GroupsResult> {
    return perform(this.#caller, listGroupsCall, options);
  }

  /** Deletes a group; its channels stay. */
  deleteGroup(parameters: GroupParameters): Promise<DoneResult> {
    return perform(this.#caller, deleteGroupCall, parameters);
  }
}

const base = (subscribeKey: string): CallRequest["path"] => [
  "v1",
  "channel-registration",
  "sub-key",
  subscribeKey,
  "channel-group",
];
