/**
 * The one table of permissions: what a request to each route needs, where Access Manager is on.
 *
 * The type asks for a row of every route, so that none can be forgotten. Which names a request means is read from its path
 * and its query by the edge; a route that names them in its body, too, checks those in its handler. Pure.
 * Rules: spec/ACCESS.md ACC40, ACC41.
 *
 * @module
 */
import type { ErrorCode, Permission, RouteName } from "@longwave/protocol";
import type { ResourceKind } from "./checked-tokens.ts";

/** Names in a request, and what its sender has to have on each of them. */
export interface Need {
  readonly kind: ResourceKind;
  readonly permission: Permission;
  /** Where the names stand: a list in a segment of the path, or in a parameter of the query, which may be absent. */
  readonly from: "path" | "query";
  /** The segment's or the parameter's name. */
  readonly name: string;
  /** For a group: the segment that holds its namespace, where the path has one of its own. */
  readonly namespace?: string;
}

/** What a route needs. */
export type AccessRow =
  /** Nothing. */
  | { readonly kind: "open" }
  /** A signature by the secret key, whether Access Manager is on or off. */
  | { readonly kind: "signature" }
  /** The token of the admin API, and no keyset. */
  | { readonly kind: "admin" }
  /** A link or a form of the network's own, which says what may be done with it; its handler checks it. */
  | { readonly kind: "link" }
  /** A permission on the whole keyset, where Access Manager is on: granted at its level, or by the secret key. */
  | { readonly kind: "keyset"; readonly permission: Permission; readonly refusal: AccessRefusal }
  /** Permissions on names, where Access Manager is on. */
  | { readonly kind: "resources"; readonly needs: readonly Need[]; readonly refusal: AccessRefusal };

/** The rows of the error table that tell a refused permission, by the service that refuses. */
export type AccessRefusal = Extract<ErrorCode, "accessDenied" | "accessDeniedObjects" | "accessDeniedActions">;

const OPEN: AccessRow = Object.freeze({ kind: "open" });
const SECRET_KEY: AccessRow = Object.freeze({ kind: "signature" });
const ADMIN: AccessRow = Object.freeze({ kind: "admin" });

const LINK: AccessRow = Object.freeze({ kind: "link" });

const channels = (permission: Permission, name: string, from: Need["from"] = "path"): Need =>
  Object.freeze({ kind: "channel", permission, from, name });
const groups = (permission: Permission, name: string, from: Need["from"] = "query"): Need =>
  Object.freeze({ kind: "group", permission, from, name });
const needs = (...list: readonly Need[]): AccessRow =>
  Object.freeze({ kind: "resources", needs: Object.freeze(list), refusal: "accessDenied" });

const WRITES = needs(channels("write", "channel"));
/** Subscribe, and every request about who is there: reading, of each channel and each group that is named. */
const READS_LISTS = needs(channels("read", "channels"), groups("read", "channel-group"));

const onObjects = (...list: readonly Need[]): AccessRow =>
  Object.freeze({ kind: "resources", needs: Object.freeze(list), refusal: "accessDeniedObjects" });
const user = (permission: Permission): AccessRow =>
  onObjects(Object.freeze({ kind: "uuid", permission, from: "path", name: "uuid" }));
const channel = (permission: Permission): AccessRow => onObjects(channels(permission, "channel"));
/** Everybody's metadata: the wire has no permission for it, so it takes one on the whole keyset. */
const LISTS_OBJECTS: AccessRow = Object.freeze({ kind: "keyset", permission: "get", refusal: "accessDeniedObjects" });
const READS_CHANNEL = needs(channels("read", "channel"));
const READS_CHANNELS = needs(channels("read", "channels"));
/** Channels are named where they are added or removed; a list names none. */
const REGISTERS_DEVICE = needs(channels("read", "add", "query"), channels("read", "remove", "query"));
const READS_EVERYTHING: AccessRow = Object.freeze({ kind: "keyset", permission: "read", refusal: "accessDenied" });
const MANAGES_ALL_GROUPS: AccessRow = Object.freeze({ kind: "keyset", permission: "manage", refusal: "accessDenied" });
const MANAGES_GROUP = needs(groups("manage", "group", "path"));
const MANAGES_NAMESPACED_GROUP = needs(Object.freeze({ ...groups("manage", "group", "path"), namespace: "namespace" }));
const onActions = (permission: Permission): AccessRow =>
  Object.freeze({ kind: "resources", needs: [channels(permission, "channel")], refusal: "accessDeniedActions" });

/** What each route needs. */
export const PERMISSION_TABLE: Readonly<Record<RouteName, AccessRow>> = Object.freeze({
  time: OPEN,
  publish: WRITES,
  publishBody: WRITES,
  publishLarge: WRITES,
  signal: WRITES,
  subscribe: READS_LISTS,
  subscribeLegacy: READS_LISTS,
  groups: MANAGES_ALL_GROUPS,
  group: MANAGES_GROUP,
  groupRemove: MANAGES_GROUP,
  namespaces: MANAGES_ALL_GROUPS,
  namespaceRemove: MANAGES_ALL_GROUPS,
  namespaceGroups: MANAGES_ALL_GROUPS,
  namespaceGroup: MANAGES_NAMESPACED_GROUP,
  namespaceGroupRemove: MANAGES_NAMESPACED_GROUP,
  actionAdd: onActions("write"),
  actionRemove: onActions("delete"),
  actionsGet: onActions("read"),
  history: READS_CHANNEL,
  historyBatch: READS_CHANNELS,
  historyWithActions: READS_CHANNEL,
  deleteMessages: needs(channels("delete", "channel")),
  messageCounts: READS_CHANNELS,
  heartbeat: READS_LISTS,
  leave: READS_LISTS,
  hereNow: READS_LISTS,
  hereNowGlobal: READS_EVERYTHING,
  whereNow: OPEN,
  stateSet: READS_LISTS,
  stateGet: READS_LISTS,
  heartbeatUnderscore: READS_LISTS,
  leaveUnderscore: READS_LISTS,
  hereNowUnderscore: READS_LISTS,
  hereNowGlobalUnderscore: READS_EVERYTHING,
  whereNowUnderscore: OPEN,
  stateSetUnderscore: READS_LISTS,
  stateGetUnderscore: READS_LISTS,
  users: LISTS_OBJECTS,
  user: user("get"),
  userSet: user("update"),
  userRemove: user("delete"),
  channels: LISTS_OBJECTS,
  channel: channel("get"),
  channelSet: channel("update"),
  channelRemove: channel("delete"),
  memberships: user("get"),
  membershipsSet: user("update"), // and to join each channel of the body, which its handler asks for
  members: channel("get"),
  membersSet: channel("manage"),
  fileUploadForm: WRITES,
  filePublish: WRITES,
  filesList: READS_CHANNEL,
  fileGet: READS_CHANNEL,
  fileDelete: needs(channels("delete", "channel")),
  fileUpload: LINK,
  fileContent: LINK,
  pushChannels: REGISTERS_DEVICE,
  pushRemoveDevice: OPEN, // whoever knows a device's token; the wire asks for nothing
  pushTopicChannels: REGISTERS_DEVICE,
  pushTopicRemoveDevice: OPEN,
  grantToken: SECRET_KEY,
  revokeToken: SECRET_KEY,
  grant: SECRET_KEY,
  audit: SECRET_KEY,
  adminKeysets: ADMIN,
  adminCreateKeyset: ADMIN,
  adminSetKeyset: ADMIN,
  adminSetPush: ADMIN,
  adminRotateKeyset: ADMIN,
  adminDeleteKeyset: ADMIN,
  adminAudit: ADMIN,
  health: OPEN,
  ready: OPEN,
  metrics: OPEN,
});
