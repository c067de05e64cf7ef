/**
 * What is handed to a push gateway.
 *
 * @module
 */
import type { PushApp } from "./push-store.ts";

/** What one message asks to be sent to the devices of one app that are registered for its channel. */
export interface PushNotice {
  readonly app: PushApp;
  /** What goes beside the body, as the gateway calls it. Google's has none. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text of one object: what a device is sent; for Google the message without its address. */
  readonly body: string;
  /** Tokens that are told nothing, as they are kept. */
  readonly excluded: readonly string[];
}
