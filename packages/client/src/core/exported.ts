/**
 * What both entries of the SDK name beside their clients, once.
 *
 * @module
 */
export type { CoreOptions, SubscribeTransport } from "../configuration.ts";
export type { CallOptions } from "../endpoints/call.ts";
export type {
  ChannelOccupancy,
  DoneResult,
  GetStateParameters,
  GetStateResult,
  HeartbeatParameters,
  HereNowParameters,
  HereNowResult,
  NamesParameters,
  Occupant,
  SetStateParameters,
  SetStateResult,
  WhereNowParameters,
  WhereNowResult,
} from "../endpoints/presence.ts";
export type { FireParameters, PublishParameters, SignalParameters } from "../endpoints/publishing.ts";
export type { TimetokenResult } from "../endpoints/timetoken-result.ts";
export type { PubNubParts } from "../engine.ts";
export { PubNubError, type PubNubErrorDetail } from "../errors.ts";
export type { MessageEvent, PresenceEvent, SignalEvent } from "../events.ts";
export type { CoreListener, Report } from "../listeners.ts";
export type { ExponentialRetryParameters, LinearRetryParameters, RetryConfiguration } from "../retry/settings.ts";
export type { StatusCategory, StatusEvent } from "../status.ts";
export type { Gap } from "../subscription/answer.ts";
export type { SubscribeParameters, UnsubscribeParameters } from "../subscription/names.ts";
export type { StatusVocabulary } from "../subscription/notice.ts";
export type { Timers } from "../timers.ts";
export type { OpenStream, Stream, StreamListener } from "../transport/stream.ts";
export {
  type Transport,
  type TransportAnswer,
  TransportFailure,
  type TransportFailureKind,
  type TransportRequest,
} from "../transport/transport.ts";
