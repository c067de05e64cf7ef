/**
 * Mobile push as applications call it, `pubnub.push`: which devices are woken by messages of which channels.
 *
 * Rules: spec/SDK.md SDK64.
 *
 * @module
 */
import { type Call, type CallOptions, type Caller, perform } from "../endpoints/call.ts";
import { invalidParameter, optionalPage, requireName, requireNames, requireOneOf } from "../endpoints/parameters.ts";
import { type CallRequest, listValue } from "../endpoints/request.ts";
import { isTexts, parseJson } from "../json.ts";

/** Who wakes the device: Apple by app, Google by either of its names, Apple and Microsoft in their older ways. */
export const PUSH_GATEWAYS = Object.freeze(["apns2", "fcm", "gcm", "apns", "mpns"] as const);

/** A value of {@link PUSH_GATEWAYS}. */
export type PushGateway = (typeof PUSH_GATEWAYS)[number];

/** A device. */
export interface DeviceParameters extends CallOptions {
  /** The token that the gateway gave to the app on this device. */
  readonly device: string;
  readonly pushGateway: PushGateway;
  /** Which of Apple's hosts; with `apns2` only. @defaultValue "development" */
  readonly environment?: "development" | "production" | undefined;
  /** The app's bundle identifier; with `apns2` only, and needed there. */
  readonly topic?: string | undefined;
}

/** A device, and channels to add to it or to take from it. */
export interface DeviceChannelsParameters extends DeviceParameters {
  /** 1 to 1,000. */
  readonly channels: readonly string[];
}

/** A device, and which page of its channels. */
export interface ListDeviceChannelsParameters extends DeviceParameters {
  /** The last channel of the page before. */
  readonly start?: string | undefined;
  /** Channels of a page, 1 to 1,000. @defaultValue 500 */
  readonly count?: number | undefined;
}

/** Channels of a device. */
export interface DeviceChannelsResult {
  readonly channels: readonly string[];
}

/** Nothing but that it was done. */
export type PushDoneResult = Readonly<Record<string, never>>;

const COUNT_MAX = 1_000;

const addCall: Call<DeviceChannelsParameters, PushDoneResult> = {
  operation: "PNAddPushNotificationEnabledChannelsOperation",
  request: (parameters, { subscribeKey }) =>
    deviceRequest(subscribeKey, parameters, { add: listValue(requireNames(parameters.channels, "channels")) }),
  parse: doneOf,
};

const removeCall: Call<DeviceChannelsParameters, PushDoneResult> = {
  operation: "PNRemovePushNotificationEnabledChannelsOperation",
  request: (parameters, { subscribeKey }) =>
    deviceRequest(subscribeKey, parameters, { remove: listValue(requireNames(parameters.channels, "channels")) }),
  parse: doneOf,
};

const listCall: Call<ListDeviceChannelsParameters, DeviceChannelsResult> = {
  operation: "PNPushNotificationEnabledChannelsOperation",
  request: (parameters, { subscribeKey }) => {
    const { start } = parameters;
    return deviceRequest(subscribeKey, parameters, {
      start: start === undefined ? undefined : requireName(start, "start"),
      count: optionalPage(parameters.count, "count", COUNT_MAX),
    });
  },
  parse: (text) => {
    const channels = parseJson(text);
    return isTexts(channels) ? { channels } : undefined;
  },
};

const deleteCall: Call<DeviceParameters, PushDoneResult> = {
  operation: "PNRemoveAllPushNotificationsOperation",
  request: (parameters, { subscribeKey }) => {
    const { path, query } = deviceRequest(subscribeKey, parameters);
    return { path: [...path, "remove"], query };
  },
  parse: doneOf,
};

/**
 * Which devices are woken by messages of which channels. What wakes them is a message with a push payload: see
 * {@link NotificationPayload}.
 *
 * @example
 * ```ts
 * const phone = { device: "740f4707bebcf74f", pushGateway: "apns2", topic: "com.example.app" } as const;
 * await pubnub.push.addChannels({ ...phone, channels: ["hello"] });
 * const { channels } = await pubnub.push.listChannels(phone);
 * ```
 * @see spec/SDK.md SDK64
 */
export class Push {
  readonly #caller: Caller;

  /** @param caller what calls are made with. */
  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Registers a device for channels. */
  addChannels(parameters: DeviceChannelsParameters): Promise<PushDoneResult> {
    return perform(this.#caller, addCall, parameters);
  }

  /** Takes channels from a device. */
  removeChannels(parameters: DeviceChannelsParameters): Promise<PushDoneResult> {
    return perform(this.#caller, removeCall, parameters);
  }

  /** Lists the channels of a device; none where nobody knows it. */
  listChannels(parameters: ListDeviceChannelsParameters): Promise<DeviceChannelsResult> {
    return perform(this.#caller, listCall, parameters);
  }

  /** Takes all channels from a device. */
  deleteDevice(parameters: DeviceParameters): Promise<PushDoneResult> {
    return perform(this.#caller, deleteCall, parameters);
  }
}

function deviceRequest(
  subscribeKey: string,
  { device, pushGateway, environment, topic }: DeviceParameters,
  query: NonNullable<CallRequest["query"]> = {},
): CallRequest {
  requireOneOf(pushGateway, PUSH_GATEWAYS, "pushGateway");
  const isByApp = pushGateway === "apns2";
  if (!isByApp && (environment !== undefined || topic !== undefined)) {
    throw invalidParameter("environment and topic are of apns2 only; leave them out, or set pushGateway to apns2");
  }
  const devices = isByApp ? "devices-apns2" : "devices";
  return {
    path: [isByApp ? "v2" : "v1", "push", "sub-key", subscribeKey, devices, requireName(device, "device")],
    query: { type: pushGateway, ...(isByApp ? appQuery(environment, topic) : {}), ...query },
  };
}

function appQuery(environment: string = "development", topic: unknown): NonNullable<CallRequest["query"]> {
  requireOneOf(environment, ["development", "production"], "environment");
  if (typeof topic !== "string" || topic === "" || !topic.isWellFormed()) {
    throw invalidParameter("topic is missing; give the app's bundle identifier");
  }
  return { environment, topic };
}

function doneOf(text: string): PushDoneResult | undefined {
  const answer = parseJson(text);
  return Array.isArray(answer) && answer[0] === 1 ? {} : undefined;
}
