/**
 * The push-store port: keeps which devices are registered for the messages of which channels.
 *
 * A device has an entry of its own for each gateway and, where the gateway knows them, each environment and topic.
 * Atomicity: a change with its bounds is one step, which becomes durable as a whole or not at all; its outcome is there when
 * it is. Order: changes of one keyset take effect in the order of the calls. A read shows every change whose outcome is known.
 * Rules: spec/PUSH.md PSH20-PSH27; suite: conformance/push-store.ts.
 *
 * @module
 */

/** Which of Apple's two hosts a token counts for. */
export type PushEnvironment = "development" | "production";

/** What sort of app a token belongs to: a gateway, and for those of Apple's newer kind which app it is. */
export type PushApp =
  | { readonly gateway: "apns" | "fcm" | "mpns" }
  | {
      readonly gateway: "apns2";
      readonly environment: PushEnvironment;
      /** The app's identifier: 1 to 256 characters. */
      readonly topic: string;
    };

/** A device as far as it is registered: one app on it. */
export interface PushDevice {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  readonly app: PushApp;
  readonly token: string;
}

/** A change of a device's channels. */
export interface PushChange {
  /** Added after the others are removed; a channel of both is there afterwards. */
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** When it is made, in milliseconds since the Unix epoch. */
  readonly nowMs: number;
}

/** Why a change did not happen. */
export type PushRefusal =
  /** The store refused it; it is not kept. */
  | { readonly kind: "unavailable" }
  /** Too many changes of the keyset are waiting already: nothing happened. */
  | { readonly kind: "overloaded" };

/** What came of a change. */
export type PushChangeOutcome =
  | { readonly kind: "kept" }
  /** A bound would have been passed: nothing happened. */
  | { readonly kind: "tooMany" }
  | PushRefusal;

/** What came of a removal. */
export type PushRemoveOutcome = { readonly kind: "removed" } | { readonly kind: "none" } | PushRefusal;

/** A request for a page of a device's channels, in ascending order of their UTF-8 bytes. */
export interface PushChannelsRequest {
  /** Names above this one; the empty text is before all. */
  readonly after: string;
  readonly channelsMax: number;
}

/** A request for a page of the devices of one app that are registered for a channel, in an order of the store's own. */
export interface PushDevicesRequest {
  readonly keyset: string;
  readonly channel: string;
  readonly app: PushApp;
  /** What the page before said that this one comes after; nothing for the first. */
  readonly after: string | undefined;
  readonly devicesMax: number;
}

/** A page of devices. */
export interface PushDevicesPage {
  readonly tokens: readonly string[];
  /** What the next page comes after; nothing on the last one. */
  readonly next: string | undefined;
}

/** Keeps registrations. */
export interface PushStore {
  /** Changes a device's channels. Adding one, new or not, renews the instant of the device's registration. */
  change(device: PushDevice, change: PushChange): Promise<PushChangeOutcome>;
  /** Removes a device with its channels, unless it was registered again after an instant (milliseconds). */
  removeDevice(device: PushDevice, registeredThroughMs?: number): Promise<PushRemoveOutcome>;
  channels(device: PushDevice, request: PushChannelsRequest): Promise<readonly string[]>;
  devices(request: PushDevicesRequest): Promise<PushDevicesPage>;
  /** Ends changes that are under way and refuses later ones. May be called twice. */
  stop(): Promise<void>;
}
