/**
 * The Longwave SDK: one client for every JavaScript runtime, on web standards alone.
 *
 * @module
 */
export { PNConfiguration, type PubNubOptions } from "./configuration.ts";
export type { FireParameters, PublishParameters, SignalParameters, TimetokenResult } from "./endpoints/publishing.ts";
export { PubNubError, type PubNubErrorDetail } from "./errors.ts";
export type { Listener, MessageEvent, SignalEvent } from "./listeners.ts";
export { type CallOptions, PubNub, PubNub as Longwave, type PubNubParts, type SubscribeParameters } from "./pubnub.ts";
export { STATUS_CATEGORIES, type StatusCategory, type StatusEvent } from "./status.ts";
export type { Timers } from "./timers.ts";
export {
  type Transport,
  type TransportAnswer,
  TransportFailure,
  type TransportRequest,
} from "./transport/transport.ts";
