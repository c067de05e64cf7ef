/**
 * The core of the SDK: publishing, subscribing and presence alone, for pages that pay for each kilobyte.
 *
 * The same client as that of the whole package without its other calls: what is here does the same there. Rules: spec/SDK.md
 * SDK79.
 *
 * @module
 */
import type { CoreOptions } from "./configuration.ts";
import { CoreClient } from "./core/client.ts";
import { readCoreOptions } from "./core/configuration-reader.ts";
import { Engine, type PubNubParts } from "./engine.ts";
import { CORE_READERS } from "./events.ts";

/**
 * A client of a Longwave network that publishes, subscribes, and is present.
 *
 * It has no history, message actions, files, App Context, channel groups to change, push, grants or encryption, and takes a plain
 * object for its configuration.
 *
 * @example
 * ```ts
 * import { PubNub } from "@longwave/client/core";
 *
 * const pubnub = new PubNub({ subscribeKey: "demo", publishKey: "demo", userId: "alice" });
 * pubnub.addListener({ message: ({ channel, message }) => console.log(channel, message) });
 * pubnub.subscribe({ channels: ["hello"] });
 * ```
 * @see spec/SDK.md SDK79
 */
export class PubNub extends CoreClient {
  /**
   * @param options read once.
   * @param parts for tests: a network and a clock that are moved by hand.
   * @throws {PubNubError} `PNValidationErrorCategory` when they cannot be used; the message names the property and the remedy.
   */
  constructor(options: CoreOptions, parts: PubNubParts = {}) {
    super(new Engine(readCoreOptions(options), parts, { readers: CORE_READERS }));
  }
}

export { PubNub as Longwave };
export * from "./core/exported.ts";
export type { CoreListener as Listener } from "./listeners.ts";
