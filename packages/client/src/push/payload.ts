/**
 * The payload of a message that wakes devices: one notification, written for each gateway.
 *
 * Pure. Rules: spec/SDK.md SDK65.
 *
 * @module
 */
import { refusalOf } from "../errors.ts";
import { present } from "../json.ts";

/** Which app of which of Apple's hosts is to show it. */
export interface ApnsTarget {
  /** The app's bundle identifier. */
  readonly topic: string;
  /** @defaultValue "development" */
  readonly environment?: "development" | "production" | undefined;
  /** Tokens of devices that are left alone. */
  readonly excludedDevices?: readonly string[] | undefined;
}

/** How Apple is to deliver it. */
export interface ApnsConfiguration {
  /** At least one. */
  readonly targets: readonly ApnsTarget[];
  /** Notifications with the same one take each other's place on the device. */
  readonly collapseId?: string | undefined;
  /** Until when it is worth delivering; as long as Apple keeps it where this is left out. */
  readonly expirationDate?: Date | undefined;
}

/** What is for Apple's devices alone. */
export interface ApnsPart {
  /** Needed for `apns2`. */
  configurations: readonly ApnsConfiguration[];
  /** Wake the app without showing anything. @defaultValue false */
  isSilent: boolean;
  /** Members of the app's own, beside `aps`. */
  payload: Readonly<Record<string, unknown>>;
}

/** What is for Google's devices alone. */
export interface FcmPart {
  /** Wake the app without showing anything. @defaultValue false */
  isSilent: boolean;
  /** Members of the app's own; Google carries texts. */
  data: Readonly<Record<string, string>>;
  /** Tokens of devices that are left alone. */
  excludedDevices: readonly string[];
}

/** For whom a payload is built: Apple in either way, Google. */
export type PushPlatform = "apns" | "apns2" | "fcm";

/**
 * A notification: set what it shows, and build the members of a message that make the network send it.
 *
 * @example
 * ```ts
 * const notification = PubNub.notificationPayload("Chat", "Alice says hi");
 * notification.badge = 1;
 * notification.apns.configurations = [{ targets: [{ topic: "com.example.app", environment: "production" }] }];
 * const message = { text: "hi", ...notification.buildPayload(["apns2", "fcm"]) };
 * await pubnub.publish({ channel: "hello", message });
 * ```
 * @see spec/SDK.md SDK65
 */
export class NotificationPayload {
  /** Its first line. */
  title: string | undefined;
  /** Its text. */
  body: string | undefined;
  /** A line between both; Apple's devices show it. */
  subtitle: string | undefined;
  /** The number at the app's icon, from 0. */
  badge: number | undefined;
  /** The name of a sound of the app, or `default`. */
  sound: string | undefined;
  /** Have the network report on `CHANNEL-pndebug` what came of it. */
  debugging = false;
  /** What is for Apple's devices alone. */
  readonly apns: ApnsPart = { configurations: [], isSilent: false, payload: {} };
  /** What is for Google's devices alone. */
  readonly fcm: FcmPart = { isSilent: false, data: {}, excludedDevices: [] };

  constructor(title?: string, body?: string) {
    this.title = title;
    this.body = body;
  }

  /**
   * Builds the members of a message.
   *
   * @param platforms those that it is for.
   * @returns `pn_apns`, `pn_fcm` and `pn_debug`, each where it is needed.
   * @throws {PubNubError} `PNValidationErrorCategory` for `apns2` without a configuration that has targets.
   */
  buildPayload(platforms: readonly PushPlatform[]): Readonly<Record<string, unknown>> {
    const isByApp = platforms.includes("apns2");
    return {
      ...(isByApp || platforms.includes("apns") ? { pn_apns: this.#apns(isByApp) } : {}),
      ...(platforms.includes("fcm") ? { pn_fcm: this.#fcm() } : {}),
      ...(this.debugging ? { pn_debug: true } : {}),
    };
  }

  #apns(isByApp: boolean): Readonly<Record<string, unknown>> {
    const { configurations, isSilent, payload } = this.apns;
    const { title, subtitle, body, badge, sound } = this;
    const shown = { alert: present({ title, subtitle, body }), badge, sound };
    const aps = isSilent ? { "content-available": 1 } : present(shown);
    if (!isByApp) return { ...payload, aps };
    if (configurations.length === 0 || configurations.some(({ targets }) => targets.length === 0)) {
      throw refusalOf("No payload was built", "apns.configurations names no target; give the app's topic");
    }
    return { ...payload, aps, pn_push: configurations.map((configuration) => pushOf(configuration, isSilent)) };
  }

  #fcm(): Readonly<Record<string, unknown>> {
    const { isSilent, data, excludedDevices } = this.fcm;
    const { title, body, sound, badge } = this;
    const android = present({ sound, notification_count: badge });
    return {
      ...(isSilent ? {} : { notification: present({ title, body }) }),
      ...(Object.keys(data).length === 0 ? {} : { data }),
      ...(isSilent || Object.keys(android).length === 0 ? {} : { android: { notification: android } }),
      ...(excludedDevices.length === 0 ? {} : { pn_exceptions: excludedDevices }),
    };
  }
}

function pushOf({ targets, collapseId, expirationDate }: ApnsConfiguration, isSilent: boolean): object {
  return present({
    version: "v2",
    auth_method: "token",
    push_type: isSilent ? "background" : "alert",
    collapse_id: collapseId,
    expiration: expirationDate?.toISOString(),
    targets: targets.map(({ topic, environment = "development", excludedDevices }) =>
      present({ topic, environment, excluded_devices: excludedDevices }),
    ),
  });
}
