/**
 * The Longwave SDK: one client for every JavaScript runtime, on web standards (and, for `daemon`, Node's sockets).
 *
 * @module
 */
export * from "./core/exported.ts";
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
export { PNConfiguration, type PubNubOptions } from "./configuration.ts";
export { CryptoModule, type CryptoModuleParameters } from "./crypto/crypto-module.ts";
export type { Bytes, CipherParameters, Cryptor, LegacyCipherParameters, PlainKind, Sealed } from "./crypto/cryptors.ts";
export type { DecryptionFailure } from "./crypto/payload.ts";
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
export type { Entity, MessagesOptions } from "./entities/entity.ts";
export type { Subscription, SubscriptionOptions, SubscriptionSet } from "./entities/subscription.ts";
export type { AnnouncedFile, FileEvent, MessageActionEvent, ObjectsEvent } from "./events.ts";
export type { Listener } from "./listeners.ts";
export type {
  AnnouncementOptions,
  DeleteFileResult,
  FileParameters,
  ListedFile,
  ListFilesParameters,
  ListFilesResult,
  PublishFileParameters,
} from "./files/calls.ts";
export type { FileInput, NamedData, NamedStream } from "./files/file-input.ts";
export type { DownloadFileParameters, SendFileParameters, SendFileResult } from "./files/files.ts";
export type { MembershipChange, ObjectsMessage } from "./objects/event.ts";
export type { ListingParameters, ObjectsPage, SortFields } from "./objects/listing.ts";
export type {
  ChannelParameters,
  GetAllMetadataParameters,
  GetChannelMetadataParameters,
  GetUUIDMetadataParameters,
  MetadataIncludeOptions,
  ObjectIncludeOptions,
  SetChannelMetadataParameters,
  SetUUIDMetadataParameters,
  UUIDParameters,
} from "./objects/metadata.ts";
export type { Objects } from "./objects/objects.ts";
export type {
  ChannelMember,
  ChannelMetadata,
  CustomData,
  Membership,
  ObjectResult,
  ObjectsResult,
  OrIdAlone,
  RemovedResult,
  UUIDMetadata,
} from "./objects/records.ts";
export type {
  GetChannelMembersParameters,
  GetMembershipsParameters,
  MemberIncludeOptions,
  MembershipIncludeOptions,
  RelationToSet,
  RemoveChannelMembersParameters,
  RemoveMembershipsParameters,
  SetChannelMembersParameters,
  SetMembershipsParameters,
} from "./objects/relations.ts";
export { type HeartbeatNotificationOptions, PNHeartbeatNotificationOptions } from "./presence/settings.ts";
export { PubNub, PubNub as Longwave, type SubscriptionSetParameters } from "./pubnub.ts";
export type {
  ApnsConfiguration,
  ApnsPart,
  ApnsTarget,
  FcmPart,
  NotificationPayload,
  PushPlatform,
} from "./push/payload.ts";
export {
  type DeviceChannelsParameters,
  type DeviceChannelsResult,
  type DeviceParameters,
  type ListDeviceChannelsParameters,
  type Push,
  PUSH_GATEWAYS,
  type PushDoneResult,
  type PushGateway,
} from "./push/push.ts";
export { PNReconnectionPolicy, type ReconnectionPolicy } from "./retry/settings.ts";
export { PNOperationType, PNStatusCategory } from "./status-names.ts";
export { STATUS_CATEGORIES } from "./status.ts";
export { type ClassicFile, type ClassicStatus, SubscribeCallback } from "./subscribe-callback.ts";
export { SubscribeListener, type WaitOptions } from "./subscribe-listener.ts";
export { runtimeTimers } from "./timers.ts";
export { dateOfTimetoken, timetokenOfDate } from "./timetokens.ts";
