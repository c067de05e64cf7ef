/**
 * The one table of routes: a row for every endpoint of the network.
 *
 * A path is matched segment by segment before anything is decoded, so a `/` or `,` inside a name stays part of the name.
 * `{name}` takes one segment. Pure. Rules: spec/EDGE.md EDG1-EDG3.
 *
 * @module
 */

/** An HTTP method that some route answers. HEAD is answered wherever GET is, OPTIONS everywhere. */
export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** One row of {@link ROUTES}. */
export interface Route {
  readonly method: Method;
  /** Segments between slashes; `{name}` stands for any one segment, the empty one too. */
  readonly path: string;
}

const get = (path: string): Route => Object.freeze({ method: "GET", path });
const post = (path: string): Route => Object.freeze({ method: "POST", path });
const remove = (path: string): Route => Object.freeze({ method: "DELETE", path });
const patch = (path: string): Route => Object.freeze({ method: "PATCH", path });

const registry = (path: string): Route => get(`/v1/channel-registration/sub-key/{sub}${path}`);

/** Every endpoint by its name in code, logs and metrics. */
export const ROUTES = Object.freeze({
  time: get("/time/{callback}"),
  publish: get("/publish/{pub}/{sub}/{signature}/{channel}/{callback}/{payload}"),
  publishBody: post("/publish/{pub}/{sub}/{signature}/{channel}/{callback}"),
  publishLarge: post("/v2/publish/{pub}/{sub}/{signature}/{channel}/{callback}"),
  signal: get("/signal/{pub}/{sub}/{signature}/{channel}/{callback}/{payload}"),
  subscribe: get("/v2/subscribe/{sub}/{channels}/{callback}"),
  subscribeLegacy: get("/subscribe/{sub}/{channels}/{callback}/{timetoken}"),
  groups: registry("/channel-group"),
  group: registry("/channel-group/{group}"),
  groupRemove: registry("/channel-group/{group}/remove"),
  namespaces: registry("/namespace"),
  namespaceRemove: registry("/namespace/{namespace}/remove"),
  namespaceGroups: registry("/namespace/{namespace}/channel-group"),
  namespaceGroup: registry("/namespace/{namespace}/channel-group/{group}"),
  namespaceGroupRemove: registry("/namespace/{namespace}/channel-group/{group}/remove"),
  actionAdd: post("/v1/message-actions/{sub}/channel/{channel}/message/{message}"),
  actionRemove: remove("/v1/message-actions/{sub}/channel/{channel}/message/{message}/action/{action}"),
  actionsGet: get("/v1/message-actions/{sub}/channel/{channel}"),
  history: get("/v2/history/sub-key/{sub}/channel/{channel}"),
  historyBatch: get("/v3/history/sub-key/{sub}/channel/{channels}"),
  historyWithActions: get("/v3/history-with-actions/sub-key/{sub}/channel/{channel}"),
  deleteMessages: remove("/v3/history/sub-key/{sub}/channel/{channel}"),
  messageCounts: get("/v3/history/sub-key/{sub}/message-counts/{channels}"),
  heartbeat: get("/v2/presence/sub-key/{sub}/channel/{channels}/heartbeat"),
  leave: get("/v2/presence/sub-key/{sub}/channel/{channels}/leave"),
  hereNow: get("/v2/presence/sub-key/{sub}/channel/{channels}"),
  hereNowGlobal: get("/v2/presence/sub-key/{sub}"),
  whereNow: get("/v2/presence/sub-key/{sub}/uuid/{uuid}"),
  stateSet: get("/v2/presence/sub-key/{sub}/channel/{channels}/uuid/{uuid}/data"),
  stateGet: get("/v2/presence/sub-key/{sub}/channel/{channels}/uuid/{uuid}"),
  // Some clients spell the second word so (rule WIRE15).
  heartbeatUnderscore: get("/v2/presence/sub_key/{sub}/channel/{channels}/heartbeat"),
  leaveUnderscore: get("/v2/presence/sub_key/{sub}/channel/{channels}/leave"),
  hereNowUnderscore: get("/v2/presence/sub_key/{sub}/channel/{channels}"),
  hereNowGlobalUnderscore: get("/v2/presence/sub_key/{sub}"),
  whereNowUnderscore: get("/v2/presence/sub_key/{sub}/uuid/{uuid}"),
  stateSetUnderscore: get("/v2/presence/sub_key/{sub}/channel/{channels}/uuid/{uuid}/data"),
  stateGetUnderscore: get("/v2/presence/sub_key/{sub}/channel/{channels}/uuid/{uuid}"),
  fileUploadForm: post("/v1/files/{sub}/channels/{channel}/generate-upload-url"),
  filePublish: get("/v1/files/publish-file/{pub}/{sub}/{signature}/{channel}/{callback}/{payload}"),
  filesList: get("/v1/files/{sub}/channels/{channel}/files"),
  fileGet: get("/v1/files/{sub}/channels/{channel}/files/{id}/{name}"),
  fileDelete: remove("/v1/files/{sub}/channels/{channel}/files/{id}/{name}"),
  // Where the forms and the links lead that the rows above give out.
  fileUpload: post("/v1/file-content/{sub}"),
  fileContent: get("/v1/file-content/{sub}/{channel}/{id}/{name}"),
  pushChannels: get("/v1/push/sub-key/{sub}/devices/{token}"),
  pushRemoveDevice: get("/v1/push/sub-key/{sub}/devices/{token}/remove"),
  pushTopicChannels: get("/v2/push/sub-key/{sub}/devices-apns2/{token}"),
  pushTopicRemoveDevice: get("/v2/push/sub-key/{sub}/devices-apns2/{token}/remove"),
  grantToken: post("/v3/pam/{sub}/grant"),
  revokeToken: remove("/v3/pam/{sub}/grant/{token}"),
  grant: get("/v2/auth/grant/sub-key/{sub}"),
  audit: get("/v2/auth/audit/sub-key/{sub}"),
  adminKeysets: get("/admin/v1/keysets"),
  adminCreateKeyset: post("/admin/v1/keysets"),
  adminSetKeyset: patch("/admin/v1/keysets/{sub}"),
  adminSetPush: patch("/admin/v1/keysets/{sub}/push"),
  adminRotateKeyset: post("/admin/v1/keysets/{sub}/rotate"),
  adminDeleteKeyset: remove("/admin/v1/keysets/{sub}"),
  adminAudit: get("/admin/v1/audit"),
  users: get("/v2/objects/{sub}/uuids"),
  user: get("/v2/objects/{sub}/uuids/{uuid}"),
  userSet: patch("/v2/objects/{sub}/uuids/{uuid}"),
  userRemove: remove("/v2/objects/{sub}/uuids/{uuid}"),
  channels: get("/v2/objects/{sub}/channels"),
  channel: get("/v2/objects/{sub}/channels/{channel}"),
  channelSet: patch("/v2/objects/{sub}/channels/{channel}"),
  channelRemove: remove("/v2/objects/{sub}/channels/{channel}"),
  memberships: get("/v2/objects/{sub}/uuids/{uuid}/channels"),
  membershipsSet: patch("/v2/objects/{sub}/uuids/{uuid}/channels"),
  members: get("/v2/objects/{sub}/channels/{channel}/uuids"),
  membersSet: patch("/v2/objects/{sub}/channels/{channel}/uuids"),
  health: get("/health"),
  ready: get("/ready"),
  metrics: get("/metrics"),
} satisfies Record<string, Route>);

/** The name of a row of {@link ROUTES}. */
export type RouteName = keyof typeof ROUTES;
