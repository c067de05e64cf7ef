/**
 * The one table of errors: every answer other than success that a request reaching the handler can get.
 *
 * A row says the HTTP status, the service in whose form the body is written, and the exact message, because clients
 * switch on all three. What the HTTP parser refuses before the handler is a second, pinned table: spec/EDGE.md EDG20.
 * Pure. Rules: spec/ERRORS.md.
 *
 * @module
 */
import type { NetworkError } from "./network-error.ts";

/** The forms in which an error body is written; one per service that clients distinguish. */
export type ErrorForm =
  | "publish"
  | "publishPair"
  | "access"
  | "accessToken"
  | "grant"
  | "revoke"
  | "objects"
  | "actions"
  | "admin"
  | "subscribe"
  | "balancer"
  | "presence"
  | "registry"
  | "history"
  | "historyBatch"
  | "files"
  | "storage"
  | "push"
  | "longwave";

/** One row of the error table. */
export interface ErrorRow {
  readonly status: number;
  readonly form: ErrorForm;
  /** The exact text on the wire. */
  readonly message: string;
  /** For the grant and revoke forms: what exactly is wrong, and where. */
  readonly at?: ErrorPlace;
  /** For the files and storage forms: what clients tell it from others by. */
  readonly code?: number | string;
}

/** A place in a request, and what is wrong with it. */
export interface ErrorPlace {
  readonly message: string;
  readonly location: string;
  readonly locationType: "body" | "path";
}

const row = (status: number, form: ErrorForm, message: string): ErrorRow => Object.freeze({ status, form, message });

// Word for word what clients have been told since long before this network, addresses of others included.
const HISTORY_OFF =
  "Use of the history API requires the Storage & Playback which is not enabled for this subscribe key. Login to your " +
  "PubNub Dashboard Account and enable Storage & Playback. Contact support@pubnub.com if you require further assistance.";
const grantRow = (message: string, location: string, detail: string): ErrorRow =>
  Object.freeze<ErrorRow>({
    status: 400,
    form: "grant",
    message,
    at: { message: detail, location, locationType: "body" },
  });

const revokeRow = (detail: string): ErrorRow =>
  Object.freeze<ErrorRow>({
    status: 400,
    form: "revoke",
    message: "Invalid token",
    at: { message: detail, location: "token", locationType: "path" },
  });

/** The file service's code of everything that is wrong with a request. */
const FILES_INVALID = 3001;
const fileRow = (status: number, message: string, code = FILES_INVALID): ErrorRow =>
  Object.freeze<ErrorRow>({ status, form: "files", message, code });
const storageRow = (status: number, code: string, message: string): ErrorRow =>
  Object.freeze<ErrorRow>({ status, form: "storage", message, code });

/** The sentence of the services that have one of their own for a refused permission. */
const NO_PERMISSION = "Supplied authorization key does not have the permissions required to perform this operation.";

/** Every error of the network by its name in code, logs and metrics. */
export const ERRORS = Object.freeze({
  publishKeyInvalid: row(400, "publish", "Invalid Key"),
  payloadNotJson: row(400, "publish", "Invalid JSON"),
  messageTooLarge: row(400, "publish", "Message Too Large"),
  signalTooLarge: row(400, "publish", "Signal size too large"),
  channelMalformed: row(400, "publish", "Invalid Channel"),
  channelReserved: row(400, "publish", "Invalid Channel: presence names and wildcards cannot be published to"),
  metaNotJson: row(400, "publish", "Invalid Arguments: meta"),
  ttlMalformed: row(400, "publish", "Invalid Arguments: ttl"),
  storeMalformed: row(400, "publish", "Invalid Arguments: store"),
  sequenceMalformed: row(400, "publish", "Invalid Arguments: seqn"),
  originationMalformed: row(400, "publish", "Invalid Arguments: ortt"),
  customMessageTypeMalformed: row(400, "publish", "Invalid Arguments: custom_message_type"),
  publishIdMalformed: row(400, "publish", "Invalid Arguments: lw_id"),
  publishIdTaken: row(409, "publish", "Idempotency Id Already Used: lw_id stands for another message"),
  publishOverrideRefused: row(400, "publish", "Invalid Arguments: ptto"),
  publishTimetokenTaken: row(409, "publish", "Invalid Arguments: ptto is taken"),
  publishUuidMalformed: row(400, "publish", "Invalid Arguments: uuid"),
  bodyTooLarge: row(413, "publishPair", "Request Entity Too Large"),
  storageUnavailable: row(
    503,
    "publish",
    "Storage unavailable: the message may have been delivered but is not kept; send it again",
  ),
  publishOverloaded: row(503, "publish", "Overloaded: the message was not accepted; send it again"),
  historyArgumentMalformed: row(400, "history", "Invalid Arguments: {argument}"),
  historyBatchArgumentMalformed: row(400, "historyBatch", "Invalid Arguments: {argument}"),
  messageCountsMalformed: row(400, "historyBatch", "Invalid Arguments"),
  historyOff: row(403, "history", HISTORY_OFF),
  historyBatchOff: row(403, "historyBatch", HISTORY_OFF),
  deletionOff: row(
    403,
    "history",
    "Use of the history Delete API requires both Storage & Playback and Storage Delete enabled, one of which is not " +
      "enabled for this subscribe key. Login to your PubNub Dashboard Account and enable both Storage & Playback and " +
      "Storage Delete. Contact support@pubnub.com if you require further assistance.",
  ),
  deletionUnavailable: row(503, "history", "Storage unavailable: not everything was deleted; ask again"),
  subscribeKeyInvalid: row(400, "access", "Invalid Subscribe Key"),
  requestMalformed: row(400, "access", "Could Not Parse Request"),
  cursorMalformed: row(400, "subscribe", "Invalid Timetoken"),
  subscribeNameMalformed: row(400, "subscribe", "Invalid Channel"),
  filterMalformed: row(481, "subscribe", "Malformed filter expression"),
  subscribeEmpty: row(400, "subscribe", "No Channel Specified"),
  subscribeTooManyChannels: row(400, "subscribe", "Too Many Channels"),
  subscribeTooManyGroups: row(400, "subscribe", "Too Many Channel Groups"),
  frameMalformed: row(400, "subscribe", "Invalid Frame"),
  upgradeRequired: row(426, "subscribe", "Upgrade Required"),
  groupsEmpty: row(400, "access", "Channel group or groups result in empty subscription set"),
  groupInputReserved: row(400, "registry", "Reserved character in input parameters."),
  groupInputTooLong: row(400, "registry", "Name too long in input parameters."),
  groupCountExceeded: row(400, "registry", "Maximum channel group count exceeded."),
  groupsUnavailable: row(503, "registry", "Storage unavailable: the change is not kept; send it again"),
  groupsOverloaded: row(503, "registry", "Overloaded: nothing was changed; send it again"),
  uuidMalformed: row(400, "access", "Invalid UUID"),
  accessDenied: row(403, "access", "Forbidden"),
  accessDeniedObjects: row(403, "objects", NO_PERMISSION),
  accessDeniedActions: row(403, "actions", NO_PERMISSION),
  signatureWrong: row(403, "access", "Signature Does Not Match"),
  timestampInvalid: row(400, "access", "Invalid Timestamp"),
  tokenMalformed: row(403, "accessToken", "Invalid token"),
  tokenRevoked: row(403, "accessToken", "Token is revoked"),
  tokenExpired: row(403, "accessToken", "Token is expired"),
  grantTtlInvalid: grantRow("Invalid ttl", "ttl", "Range should be 1 to 43200 minute(s)."),
  grantEmpty: grantRow("This grant contains no permissions", "permissions", "What are you granting?"),
  grantNotJson: grantRow("Invalid JSON", "<root>", "Content-Type must be `application/json`."),
  grantMalformed: grantRow("Invalid permissions", "permissions", "Names with masks from 0 to 255, by kind."),
  grantPatternMalformed: grantRow("Invalid pattern", "permissions.patterns", "Not a regular expression."),
  grantTooLarge: grantRow("Grant too large", "permissions", "The token would not fit into a request."),
  revokeMalformed: revokeRow("Token is malformed."),
  revokeExpired: revokeRow("Token is expired."),
  revokeOff: row(403, "access", "Feature not enabled: Revoke v3 Token"),
  grantsTooMany: row(400, "access", "Too Many Grants"),
  revokedTooMany: row(400, "access", "Too Many Revoked Tokens"),
  grantTtlMalformed: row(400, "access", "Invalid TTL"),
  authOnlyGrant: row(400, "access", "Auth-only grants are reserved for future use"),
  accessUnavailable: row(503, "access", "Service Unavailable"),
  adminTokenWrong: row(401, "admin", "The admin token is missing or wrong"),
  adminOff: row(404, "admin", "The admin API is off"),
  adminMalformed: row(400, "admin", "The request is malformed"),
  keysetUnknown: row(404, "admin", "There is no such keyset"),
  keysetExists: row(409, "admin", "A keyset of this name or subscribe key exists"),
  keysetMalformed: row(400, "admin", "The keyset is malformed"),
  keysetsTooMany: row(409, "admin", "There are as many keysets as there may be"),
  callbackMalformed: row(400, "access", "Invalid Callback"),
  actionKeyInvalid: row(400, "actions", "Invalid Subkey"),
  actionMalformed: row(400, "actions", "Request payload contained invalid input."),
  actionDuplicate: row(409, "actions", "Action Already Added"),
  actionsTooMany: row(400, "actions", "Maximum number of message actions reached."),
  actionNotAuthor: row(400, "actions", "Not deleting message action: wrong uuid specified"),
  actionUnknown: row(400, "actions", "No matching message actions to delete"),
  actionBodyTooLarge: row(413, "actions", "Request Entity Too Large"),
  actionsUnavailable: row(503, "actions", "Storage unavailable: nothing was changed; send it again"),
  actionsOverloaded: row(503, "actions", "Overloaded: nothing was changed; send it again"),
  objectMalformed: row(400, "objects", "Request payload contained invalid input."),
  objectRowsTooMany: row(
    400,
    "objects",
    "Listing needs to examine too many rows: filter or sort by an indexed field, or narrow the filter.",
  ),
  objectMembershipsTooMany: row(400, "objects", "Maximum number of memberships of a user reached."),
  objectsDisabled: row(403, "objects", "App Context is not enabled for this subscribe key."),
  objectUnknown: row(404, "objects", "Requested object was not found."),
  objectUserModified: row(412, "objects", "User to update has been modified after it was read."),
  objectChannelModified: row(412, "objects", "Channel to update has been modified after it was read."),
  objectBodyTooLarge: row(413, "objects", "Request Entity Too Large"),
  objectNotJson: row(415, "objects", "Request payload must be in JSON format."),
  objectsUnavailable: row(503, "objects", "Storage unavailable: nothing was changed; send it again"),
  objectsOverloaded: row(503, "objects", "Overloaded: nothing was changed; send it again"),
  filesOff: fileRow(402, "Files service not enabled for subkey", 3005),
  filesChannelMalformed: fileRow(400, "[channel] contains invalid characters"),
  fileNameMalformed: fileRow(400, "[name] must be a text of 1 to 255 bytes"),
  fileBodyMalformed: fileRow(400, "Request payload must be in JSON format."),
  fileBodyTooLarge: fileRow(413, "Request Entity Too Large"),
  filesLimitMalformed: fileRow(400, "Invalid limit parameter. Limit must be an integer between 1 and 100 (inclusive)."),
  filesNextMalformed: fileRow(400, "Invalid next parameter."),
  filesUnavailable: fileRow(503, "Storage unavailable: nothing was changed; send it again", 3006),
  uploadNotMultipart: storageRow(400, "AuthorizationQueryParametersError", "The body must be multipart/form-data."),
  uploadMalformed: storageRow(400, "MalformedPOSTRequest", "The body is not well-formed multipart/form-data."),
  uploadFileMissing: storageRow(400, "InvalidArgument", "The form must end with one part named file."),
  uploadTooLarge: storageRow(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"),
  uploadAltered: storageRow(403, "AccessDenied", "Invalid according to Policy: The form is not as it was given out."),
  uploadExpired: storageRow(403, "AccessDenied", "Invalid according to Policy: Policy expired."),
  uploadUsed: storageRow(403, "AccessDenied", "Invalid according to Policy: Another file was uploaded with this form."),
  uploadNoRoom: storageRow(507, "QuotaExceeded", "There is no room for more files."),
  uploadsTooMany: storageRow(503, "SlowDown", "Too many uploads at once; send it again later."),
  uploadUnavailable: storageRow(503, "ServiceUnavailable", "Storage unavailable: nothing is kept; send it again."),
  fileLinkAltered: storageRow(403, "SignatureDoesNotMatch", "The link is not as it was given out."),
  fileLinkExpired: storageRow(403, "AccessDenied", "Request has expired"),
  fileUnknown: storageRow(404, "NoSuchKey", "The specified key does not exist."),
  fileRangeBeyond: storageRow(416, "InvalidRange", "The requested range is not satisfiable"),
  fileUnavailable: storageRow(503, "ServiceUnavailable", "Storage unavailable; ask again."),
  pushTypeInvalid: row(400, "push", "Invalid type argument"),
  pushTokenInvalid: row(400, "push", "Invalid device token"),
  pushTopicInvalid: row(400, "push", "Invalid topic argument"),
  pushEnvironmentInvalid: row(400, "push", "Invalid environment argument"),
  pushCountInvalid: row(400, "push", "Invalid count argument"),
  pushChannelInvalid: row(400, "push", "Invalid channel argument"),
  pushChannelsTooMany: row(400, "push", "Too many channels"),
  pushRegistrationsTooMany: row(400, "push", "Maximum number of registrations reached"),
  pushOff: row(
    403,
    "push",
    "Use of the mobile push notifications API requires Push Notifications which is not enabled for this subscribe key. " +
      "Login to your PubNub Dashboard Account and enable Push Notifications. Contact support@pubnub.com if you require " +
      "further assistance.",
  ),
  pushUnavailable: row(503, "push", "Storage unavailable: nothing was changed; send it again"),
  pushOverloaded: row(503, "push", "Overloaded: nothing was changed; send it again"),
  pathUnknown: row(404, "balancer", "Not Found"),
  presencePathUnknown: row(404, "presence", "Not found: '{path}'"),
  presenceDisabled: row(402, "presence", "Not Enabled"),
  presenceUuidMissing: row(400, "presence", "No uuid specified"),
  presenceNameMalformed: row(400, "presence", "Invalid Channel"),
  presenceEmpty: row(400, "presence", "No Channel Specified"),
  presenceTooManyNames: row(400, "presence", "Too Many Channels"),
  presenceStateMissing: row(400, "presence", "No state specified."),
  presenceStateMalformed: row(400, "presence", "Invalid JSON specified."),
  presenceStateTooLarge: row(400, "presence", "State too large."),
  heartbeatMalformed: row(400, "presence", "Invalid Arguments: heartbeat"),
  hereNowLimitMalformed: row(400, "presence", "Invalid Arguments: limit"),
  hereNowOffsetMalformed: row(400, "presence", "Invalid Arguments: offset"),
  presenceFull: row(429, "presence", "Too Many Occupants"),
  methodNotAllowed: row(405, "balancer", "Method Not Allowed"),
  uriTooLong: row(414, "balancer", "Request URI Too Long"),
  bodyTooSlow: row(408, "balancer", "Request Timeout"),
  tooManyPolls: row(429, "balancer", "Too Many Requests"),
  tooManyPollsOfUuid: row(429, "balancer", "Too Many Requests"),
  tooManyPollsOfAddress: row(429, "balancer", "Too Many Requests"),
  keysetRateExceeded: row(429, "balancer", "Too Many Requests"),
  uuidRateExceeded: row(429, "balancer", "Too Many Requests"),
  addressRateExceeded: row(429, "balancer", "Too Many Requests"),
  draining: row(503, "balancer", "Service Unavailable"),
  internal: row(500, "longwave", "Internal Error"),
} satisfies Record<string, ErrorRow>);

/** The name of a row of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** What is wrong with one part of a request: its name, never its content. */
export interface FieldError {
  /** "Missing field", "Invalid field", or a sentence that says what the field must be. */
  readonly message: string;
  readonly location: string;
  readonly locationType: "path" | "query" | "body" | "header";
}

/** What some rows need besides their text. */
export interface ErrorDetail {
  /**
   * For an upload that is too large: the bytes of its file so far or in all, and how many it might have. For
   * `fileRangeBeyond`: the bytes of the file.
   */
  readonly bytes?: number | undefined;
  readonly bytesMax?: number | undefined;
  /** For the publish form: the 17 digits of the instant of refusal. */
  readonly timetoken?: string | undefined;
  /** For `presencePathUnknown`: the path as asked, at most 200 characters of it. */
  readonly path?: string | undefined;
  /** For `methodNotAllowed`: the methods that the path has, for the `Allow` header. */
  readonly allow?: string | undefined;
  /** For the forms of actions and objects: what is wrong with which parts of the request, in the order of the request. */
  readonly fields?: readonly FieldError[] | undefined;
  /** For malformed arguments of history: the parameter's name, from our own tables. */
  readonly argument?: string | undefined;
  /** For `accessDenied`: the names that were refused. */
  readonly denied?: DeniedNames | undefined;
  /** For the admin form: what exactly is wrong, in words that hold nothing of the request but names of settings. */
  readonly reason?: string | undefined;
  /** For `internal`: the identifier that the log line carries too. */
  readonly id?: string | undefined;
}

/** Names of a request that its sender may not use, of each kind where there are any. */
export interface DeniedNames {
  readonly channels?: readonly string[];
  /** `group`, or `namespace:group`; the wire's leading colon is added. */
  readonly groups?: readonly string[];
  readonly uuids?: readonly string[];
}

/** The HTTP status that an error is answered with. */
export function statusOf({ code }: NetworkError): number {
  return ERRORS[code].status;
}

/**
 * Writes an error's body, byte for byte as clients expect it.
 *
 * @param code the row of {@link ERRORS}.
 * @param detail what the row's body needs besides its text.
 * @returns compact JSON text; XML for the storage form.
 * @see spec/ERRORS.md ERR1
 * @example
 * ```ts
 * printErrorBody("publishKeyInvalid", { timetoken: "17326051234567890" }); // [0,"Invalid Key","17326051234567890"]
 * ```
 */
export function printErrorBody(code: ErrorCode, detail: ErrorDetail = {}): string {
  const { status, form, message } = ERRORS[code];
  switch (form) {
    case "publish":
      return JSON.stringify([0, message, detail.timetoken ?? "0"]);
    case "publishPair":
      return JSON.stringify([0, message]);
    case "access":
      return printAccessError(status, message, detail);
    case "accessToken":
      return JSON.stringify({ error: true, status, service: "Access Manager", message });
    case "grant":
    case "revoke":
      return printGrantError(ERRORS[code]);
    case "admin":
      return JSON.stringify({ status, service: "Longwave Admin", error: true, message, reason: detail.reason });
    case "subscribe":
      return JSON.stringify({ message, error: true, service: "Subscribe", status });
    case "balancer":
      return JSON.stringify({ status, service: "Balancer", error: true, message });
    case "presence":
      return printPresenceError(status, message, detail);
    case "registry":
      return JSON.stringify({ status, message, service: "channel-registry", error: true });
    case "actions":
      return JSON.stringify({ status, error: { source: "actions", message, details: detail.fields } });
    case "history":
      return JSON.stringify({ status, error: true, error_message: withArgument(message, detail) });
    case "historyBatch":
      return JSON.stringify({ status, error: true, error_message: withArgument(message, detail), channels: {} });
    case "objects":
      return JSON.stringify({ status, error: { message, source: "objects", details: detail.fields } });
    case "files":
      return printFilesError(ERRORS[code]);
    case "storage":
      return printStorageError(ERRORS[code], detail);
    case "push":
      return JSON.stringify({ error: message });
    case "longwave":
      return JSON.stringify({ status, service: "Longwave", error: true, message, id: detail.id ?? "" });
  }
}

function withArgument(message: string, { argument = "" }: ErrorDetail): string {
  return message.replace("{argument}", () => argument);
}

// The answer that names what was refused was recorded with a line break at its end.
function printAccessError(status: number, message: string, { denied }: ErrorDetail): string {
  if (!denied) return JSON.stringify({ message, error: true, service: "Access Manager", status });
  const { channels, groups, uuids } = denied;
  const payload = { channels, "channel-groups": groups?.map(printDeniedGroup), uuids };
  return `${JSON.stringify({ message, payload, error: true, service: "Access Manager", status })}\n`;
}

// A group of no namespace is told with the colon that would stand between the two.
function printDeniedGroup(group: string): string {
  return group.includes(":") ? group : `:${group}`;
}

// The two services write the members of a place in orders of their own.
function printGrantError({ status, form, message, at }: ErrorRow): string {
  const detail =
    form === "grant"
      ? { message: at?.message, location: at?.location, locationType: at?.locationType }
      : { location: at?.location, locationType: at?.locationType, message: at?.message };
  const error =
    form === "grant" ? { message, source: form, details: [detail] } : { details: [detail], message, source: form };
  return JSON.stringify({ error, service: "Access Manager", status });
}

// Clients of the presence service expect `error` to be the number 1, and its 404 has no status member.
function printPresenceError(status: number, message: string, detail: ErrorDetail): string {
  if (status === 404) {
    const asked = (detail.path ?? "").slice(0, 200);
    return JSON.stringify({ message: message.replace("{path}", () => asked), error: 1, service: "Presence" });
  }
  return JSON.stringify({ status, error: 1, message, service: "Presence" });
}

// Its refusal of a whole keyset was recorded with its members in another order.
function printFilesError({ status, message, code }: ErrorRow): string {
  const source = "Files";
  return JSON.stringify({ status, error: status === 402 ? { message, source, code } : { source, message, code } });
}

// What stores of the S3 kind answer, which clients search for the text of `Message`.
function printStorageError({ message, code }: ErrorRow, { bytes, bytesMax }: ErrorDetail): string {
  const sizes =
    bytesMax === undefined
      ? ""
      : `<ProposedSize>${bytes ?? 0}</ProposedSize><MaxSizeAllowed>${bytesMax}</MaxSizeAllowed>`;
  const ids = "<RequestId>0</RequestId><HostId>longwave</HostId>";
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${sizes}${ids}</Error>`;
}
