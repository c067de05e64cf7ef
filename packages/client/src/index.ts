/**
 * The Longwave SDK: one client for every JavaScript runtime, on web standards alone.
 *
 * @module
 */
export type {
  AuditParameters,
  GrantEntry,
  GrantFlags,
  GrantParameters,
  GrantResult,
  GrantSubject,
} from "./access/older-grants.ts";
export type {
  GrantTokenParameters,
  ParsedToken,
  ParsedTokenResources,
  Permissions,
  PermissionsByName,
  RevokeTokenResult,
  TokenResources,
} from "./access/tokens.ts";
export { PNConfiguration, type PubNubOptions, type SubscribeTransport } from "./configuration.ts";
export { CryptoModule, type CryptoModuleParameters } from "./crypto/crypto-module.ts";
export type { Bytes, CipherParameters, Cryptor, LegacyCipherParameters, PlainKind, Sealed } from "./crypto/cryptors.ts";
export type { DecryptionFailure } from "./crypto/payload.ts";
export type { CallOptions } from "./endpoints/call.ts";
export type {
  ChannelGroups,
  GroupChannelsParameters,
  GroupChannelsResult,
  GroupParameters,
  GroupsResult,
} from "./endpoints/channel-groups.ts";
export type {
  FetchedAction,
  FetchedMessage,
  FetchMessagesParameters,
  FetchMessagesResult,
  MessageCountsParameters,
  MessageCountsResult,
  MoreMessages,
} from "./endpoints/fetched-messages.ts";
export type {
  DeleteMessagesParameters,
  HistoryMessage,
  HistoryParameters,
  HistoryResult,
} from "./endpoints/history.ts";
export type {
  AddMessageActionParameters,
  AddMessageActionResult,
  GetMessageActionsParameters,
  GetMessageActionsResult,
  MessageAction,
  MoreActions,
  RemoveMessageActionParameters,
  RemoveMessageActionResult,
} from "./endpoints/message-actions.ts";
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
} from "./endpoints/presence.ts";
export type { FireParameters, PublishParameters, SignalParameters } from "./endpoints/publishing.ts";
export type { TimetokenResult } from "./endpoints/timetoken-result.ts";
export type { Entity, MessagesOptions } from "./entities/entity.ts";
export type { Subscription, SubscriptionOptions, SubscriptionSet } from "./entities/subscription.ts";
export { PubNubError, type PubNubErrorDetail } from "./errors.ts";
export type { MessageActionEvent, MessageEvent, PresenceEvent, SignalEvent } from "./events.ts";
export type { Listener, Report } from "./listeners.ts";
export { type HeartbeatNotificationOptions, PNHeartbeatNotificationOptions } from "./presence/settings.ts";
export { PubNub, PubNub as Longwave, type PubNubParts, type SubscriptionSetParameters } from "./pubnub.ts";
export {
  type ExponentialRetryParameters,
  type LinearRetryParameters,
  PNReconnectionPolicy,
  type ReconnectionPolicy,
  type RetryConfiguration,
} from "./retry/settings.ts";
export {
  PNOperationType,
  PNStatusCategory,
  STATUS_CATEGORIES,
  type StatusCategory,
  type StatusEvent,
} from "./status.ts";
export { type ClassicStatus, SubscribeCallback } from "./subscribe-callback.ts";
export { SubscribeListener, type WaitOptions } from "./subscribe-listener.ts";
export type { Gap } from "./subscription/answer.ts";
export type { SubscribeParameters, UnsubscribeParameters } from "./subscription/names.ts";
export type { StatusVocabulary } from "./subscription/notice.ts";
export { type Timers, runtimeTimers } from "./timers.ts";
export type { OpenStream, Stream, StreamListener } from "./transport/stream.ts";
export {
  type Transport,
  type TransportAnswer,
  TransportFailure,
  type TransportFailureKind,
  type TransportRequest,
} from "./transport/transport.ts";
