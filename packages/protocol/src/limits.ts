/**
 * The one table of limits. Each has its unit at the end of its name; zero means none, never "no limit".
 *
 * What a keyset or an option may change starts from these values. Rules: spec/LIMITS.md, which the docs print from here.
 *
 * @module
 */

/** Every bound of the wire and of the embedded network. */
export const LIMITS = Object.freeze({
  /** Characters (Unicode code points) of a channel name, without its `-pnpres` or `.*` ending. */
  channelNameCharactersMax: 92,
  /** Dots before the star of a wildcard: `a.*` has one, `a.b.*` two. */
  wildcardDotsMax: 2,
  /** Names (channels and wildcards) of one subscribe request. */
  channelsPerSubscribeMax: 2_000,
  /** Channel groups of one subscribe request. */
  groupsPerSubscribeMax: 10,
  /** Characters of a channel group's name, and as many of its namespace's. */
  groupNameCharactersMax: 92,
  /** Channels that a channel group may hold. */
  channelsPerGroupMax: 2_000,
  /** Channel groups of a keyset, those of its namespaces included. */
  groupsPerKeysetMax: 100_000,
  /** Channels that one request may add to a group, and as many that it may remove. */
  channelsPerGroupChangeMax: 2_000,
  /** Changes of a keyset's groups that wait for the store; beyond it a change is refused with 503. */
  groupChangesPerKeysetMax: 1_000,
  /** Channel groups whose members a process keeps in memory; the one longest unused leaves. */
  cachedGroupsMax: 10_000,
  /** Members of all these groups together. */
  cachedGroupMembersMax: 500_000,
  /** Characters of a uuid. */
  uuidCharactersMax: 92,
  /** Bytes of the request target; more is answered 414 as long as the HTTP parser lets it through. */
  uriBytesMax: 32_768,
  /** Connections that wait to be accepted, where the platform and the system's own bound (`net.core.somaxconn`) allow. */
  listenQueueConnectionsMax: 4_096,
  /** Bytes of request line and headers together that the HTTP parser accepts; more is its own 431. */
  headerBytesMax: 131_072,
  /** Bytes of a published message and its meta, as UTF-8 after insignificant whitespace is gone. */
  messageBytesMax: 32_768,
  /** Bytes of a message published by the large form, `POST /v2/publish`. */
  largeMessageBytesMax: 2_097_152,
  /** Bytes of a signal's payload. */
  signalBytesMax: 64,
  /** Bytes of a request body as received, and again after inflating: the large message with room for whitespace. */
  bodyBytesMax: 4_194_304,
  /** Bytes of a declared body up to which it has to be whole within the idle time; a longer one may go on while it moves. */
  shortBodyBytesMax: 65_536,
  /** Seconds that a longer body may take in all. */
  bodySecondsMax: 300,
  /** Seconds that requests which do not end have when the network stops. */
  closeSecondsMax: 5,
  /** Bytes of the list of headers that a preflight asks for and is answered with. */
  preflightHeadersBytesMax: 4_096,
  /** Characters of an access token: it has to fit into a request target. */
  tokenCharactersMax: 32_768,
  /** Names that one request may ask access to: as many as a subscribe may have, with its groups. */
  namesPerRequestMax: 2_100,
  /** Minutes that a token may live: 30 days. */
  tokenTtlMinutesMax: 43_200,
  /** Patterns of one token. */
  tokenPatternsMax: 64,
  /** Characters of a token's pattern, and of a name that patterns are tried on. */
  patternCharactersMax: 512,
  /** Instructions that a pattern may compile to. */
  patternInstructionsMax: 4_000,
  /** Distinct patterns that are kept compiled; the one longest unused leaves. */
  compiledPatternsMax: 1_000,
  /** Checked tokens that are kept, and the characters of the longest that is; the one longest unused leaves. */
  checkedTokensMax: 4_000,
  checkedTokenCharactersMax: 4_096,
  /** Revoked and not yet expired tokens of one keyset; beyond it its token key has to be rotated. */
  revokedTokensPerKeysetMax: 100_000,
  /** Grants of the older kind in one keyset. */
  grantsPerKeysetMax: 100_000,
  /** Grants that one request may change. */
  grantsPerRequestMax: 5_000,
  /** Minutes that a grant of the older kind may live: a year; and what it lives when nobody says. */
  grantTtlMinutesMax: 525_600,
  /** Characters of an auth key of the older grants. */
  authKeyCharactersMax: 512,
  /** Seconds that a signed request's timestamp may be away from the network's clock. */
  signatureSkewSecondsMax: 60,
  /** Keysets of one network. */
  keysetsMax: 10_000,
  /** Lines of the trail of changes that are kept, and that one answer shows. */
  auditEntriesMax: 100_000,
  auditAnswerEntriesMax: 1_000,
  /** Nesting of a token's maps, its free data included. */
  tokenDepthMax: 32,
  /** Nesting of arrays and objects in a payload or a meta. */
  jsonDepthMax: 128,
  /** Characters of a custom message type. */
  customMessageTypeCharactersMin: 3,
  customMessageTypeCharactersMax: 50,
  /** Characters of a JSONP callback's name. */
  callbackCharactersMax: 64,
  /** Characters (Unicode code points) of an idempotency id (`lw_id`). */
  idempotencyIdCharactersMax: 64,
  /** How long an id stands for its first message: 24 hours. */
  idempotencyIdAgeMsMax: 86_400_000,
  /** Ids of one keyset that a process keeps in memory, the oldest leave first; those of stored messages are on disk too. */
  idempotencyIdsPerKeysetMax: 100_000,
  /** The same of all keysets of a process; the keyset that has most of them gives way. */
  idempotencyIdsMax: 1_000_000,
  /** Repeats that wait for what becomes of the first; beyond it one is refused with 503. */
  waitingRepeatsPerKeysetMax: 10_000,
  /** The largest publisher sequence number (`seqn`). */
  sequenceMax: 2_147_483_647,
  /** Hours that a message may ask to be kept (`ttl`): 100 years. */
  ttlHoursMax: 876_600,
  /** Characters of a filter expression. */
  filterCharactersMax: 4_096,
  /** Nesting of parentheses and unary operators in a filter expression. */
  filterDepthMax: 64,
  /** Constants and references of a filter expression. */
  filterTermsMax: 200,
  /** Distinct filter expressions that are kept compiled; the one longest unused leaves. */
  compiledFiltersMax: 1_000,
  /** Messages in one subscribe answer; what remains comes with the next poll. */
  answerMessagesMax: 100,
  /** Bytes of messages in one subscribe answer; a single larger message goes alone. */
  answerBytesMax: 4_194_304,
  /** Characters of answers to those who come back that are kept for a second for others who missed the same; twice. */
  recentPagesCharactersMax: 4_194_304,
  /** Gaps that one answer lists; more are told as one for everything that was asked for. */
  gapsPerAnswerMax: 32,
  /** Bytes that wait in the buffer of an event stream or a WebSocket; beyond it the reader catches up from the queue. */
  streamBufferBytesMax: 1_048_576,
  /** Bytes of a frame that a client sends over a WebSocket: a message with its meta and room for escapes. */
  frameBytesMax: 131_072,
  /** Frames of one WebSocket that wait for their turn; a client that sends more is closed. */
  waitingFramesMax: 1_000,
  /** Messages that a channel's queue remembers. */
  queueMessagesMax: 10_000,
  /** Age after which a message leaves the queue: 20 minutes. */
  queueAgeMsMax: 1_200_000,
  /** Bytes of all queues of a process: 256 MiB. The oldest message leaves first. */
  queueBytesMax: 268_435_456,
  /** Bytes of one keyset's queues beyond which its own oldest messages leave first when all queues are full: a quarter. */
  queueBytesPerKeysetMax: 67_108_864,
  /** Polls that one keyset may hold in one process. */
  heldPollsPerKeysetMax: 200_000,
  /** Polls and streams that one uuid of a keyset may hold, where the keyset says nothing else. */
  heldPollsPerUuidMax: 10_000,
  /** Requests per second that a limit may be set to; and those of a keyset, and of a uuid, where rates are limited. */
  requestsPerSecondMax: 1_000_000,
  requestsPerSecondPerKeysetMax: 10_000,
  requestsPerSecondPerUuidMax: 100,
  /** Seconds whose requests may come all at once after a silence. */
  burstSecondsMax: 2,
  /** Addresses, keysets and uuids whose rates are remembered, in each of two generations. */
  rateTableEntriesMax: 100_000,
  /** Addresses of an `X-Forwarded-For` that are looked at, the last ones. */
  forwardedAddressesMax: 16,
  /** Networks whose proxies may be trusted. */
  trustedNetworksMax: 100,
  /** Messages accepted and not yet committed. A keyset may have as many as are left for all; a publish beyond it is 503. */
  commitBacklogMessagesMax: 100_000,
  /** Bytes accepted and not yet committed, shared alike. */
  commitBacklogBytesMax: 134_217_728,
  /** Characters of a message action's type. */
  actionTypeCharactersMax: 15,
  /** Bytes of a message action's value, as UTF-8. */
  actionValueBytesMax: 32_768,
  /** Actions that one message may have. */
  actionsPerMessageMax: 10_000,
  /** Bytes of types, values and uuids of the actions of one message. */
  actionBytesPerMessageMax: 4_194_304,
  /** Actions in one page of a channel's actions; also what a request that names no limit gets. */
  actionsPerPageMax: 100,
  /** Bytes of types, values and uuids in one page; a single larger action goes alone. */
  actionPageBytesMax: 1_048_576,
  /** Changes to actions that one keyset may have waiting for the disk; beyond it one is refused with 503. */
  waitingActionsPerKeysetMax: 1_000,
  /** Messages of a page of one channel's history; a request for more is given this many. */
  historyPageMessagesMax: 100,
  /** The same for each channel of a request for several, and for history with actions. */
  historySharedPageMessagesMax: 25,
  /** Channels of one request for history. */
  historyChannelsMax: 500,
  /** Bytes of messages in one answer of history; what is left out is announced or comes with the next page. */
  historyAnswerBytesMax: 16_777_216,
  /** Message actions in one answer of history, but all those of its first message. */
  historyActionsMax: 10_000,
  /** Channels of one request for message counts. */
  messageCountsChannelsMax: 100,
  /** Where counting the messages of a channel stops. */
  countedMessagesMax: 10_000,
  /** Bytes of the id of a user or channel that has metadata, as UTF-8. */
  objectIdBytesMax: 92,
  /** Characters of the name, external id, profile address or description of a user or channel. */
  objectTextCharactersMax: 2_048,
  /** Characters of an email address. */
  objectEmailCharactersMax: 320,
  /** Characters of the type or status of a user, channel or membership. */
  objectLabelCharactersMax: 50,
  /** Bytes of all texts and the custom data of a user, channel or membership, as UTF-8. */
  objectBytesMax: 32_768,
  /** Users, channels or memberships in one page; also what a request that names no limit gets. */
  objectsPerPageMax: 100,
  /** Rows that a listing may look at one by one, where no index leads to what was asked for. */
  objectRowsPerListingMax: 10_000,
  /** Entries of an index that a listing may count; a count of everything is kept and never counted. */
  objectRowsPerCountMax: 100_000,
  /** The largest position at which a page may begin. */
  objectOffsetRecordsMax: 10_000_000,
  /** Fields that one listing may be sorted by. */
  objectSortFieldsMax: 10,
  /** Memberships that one request may set, and as many that it may delete. */
  relationsPerChangeMax: 1_000,
  /** Memberships of one user: as many channels learn of a change of it. */
  membershipsPerUserMax: 10_000,
  /** Changes of a keyset's objects that wait for the store; beyond it one is refused with 503. */
  objectChangesPerKeysetMax: 1_000,
  /** Bytes of a file's name, as UTF-8. */
  fileNameBytesMax: 255,
  /** Bytes of a file's media type, with its parameters. */
  fileMediaTypeBytesMax: 255,
  /** Bytes of a file as a keyset may be set to at most: 1 GiB; what it allows when nobody sets it is in its settings. */
  fileBytesMax: 1_073_741_824,
  /** Files in one page of a channel's files; also what a request that names no limit gets. */
  filesPerPageMax: 100,
  /** Files of one keyset. */
  filesPerKeysetMax: 1_000_000,
  /** Seconds that an upload may begin after its form was given out. */
  uploadFormSecondsMax: 60,
  /** Seconds that an upload may take. */
  uploadSecondsMax: 3_600,
  /** Uploads of one keyset that a process receives at once. */
  uploadsPerKeysetMax: 100,
  /** Fields of an upload's form before its file. */
  uploadFieldsMax: 32,
  /** Bytes of one field of it, and of the headers of one part. */
  uploadFieldBytesMax: 16_384,
  /** Seconds that a link to a file is good for: until five minutes after the hour in which it was given out. */
  fileLinkSecondsMax: 3_900,
  /** Files that leave in one transaction, expired or with their keyset. */
  leavingFilesMax: 100,
  /** Bytes of one part of an upload to an S3-compatible service: the least that such services take. */
  s3PartBytesMax: 5_242_880,
  /** Seconds that an S3-compatible service may be silent before that counts as a refusal. */
  s3CallSecondsMax: 60,
  /** Bytes of all files of a network that keeps nothing on disk: 256 MiB. */
  memoryFileBytesMax: 268_435_456,
  /** Characters of a device's push token. */
  pushTokenCharactersMax: 4_096,
  /** Characters of a push topic: the identifier of an app. */
  pushTopicCharactersMax: 256,
  /** Channels that one request may register a device for, and as many that it may unregister. */
  pushChangeChannelsMax: 1_000,
  /** Channels that one device may be registered for. */
  pushDeviceChannelsMax: 10_000,
  /** Devices that leave in one transaction, with a keyset that is removed. */
  leavingDevicesMax: 10,
  /** Channels in one page of a device's registrations; a request for more is given this many. */
  pushPageChannelsMax: 1_000,
  /** Registrations of one keyset: pairs of a device and a channel. */
  pushRegistrationsPerKeysetMax: 10_000_000,
  /** Changes of a keyset's registrations that wait for the store; beyond it one is refused with 503. */
  pushChangesPerKeysetMax: 1_000,
  /** Bytes of one of a message's push members (`pn_apns`, `pn_fcm`, `pn_gcm`), as UTF-8. */
  pushPartBytesMax: 32_768,
  /** Bytes of what Apple delivers to a device, and of what it delivers for a call. */
  apnsBodyBytesMax: 4_096,
  apnsVoipBodyBytesMax: 5_120,
  /** Apple's apps that one message may have as its targets. */
  pushAppsPerMessageMax: 20,
  /** Sentences about what is wrong with one message's push members. */
  pushProblemsPerMessageMax: 20,
  /** Notices that wait to be sent, each for all devices of a channel or, again, for one of them; and those of one keyset. */
  pushQueueEntriesMax: 100_000,
  pushQueueEntriesPerKeysetMax: 10_000,
  /** Devices of a channel that are sent to between two steps of the queue: as many may be told twice after a crash. */
  pushDevicesPerPageMax: 200,
  /** Seconds before a device is tried again for the first time, doubled each time up to the other. */
  pushRetrySecondsMin: 10,
  pushRetrySecondsMax: 600,
  /** Seconds after its message for which a notification is tried. */
  pushTrySecondsMax: 3_600,
  /** Seconds that a push provider may take to answer. */
  pushAnswerSecondsMax: 30,
  /** Bytes of a push provider's answer that are read. */
  pushAnswerBytesMax: 65_536,
  /** Seconds for which a connection to a push provider is kept while nothing is sent. */
  pushIdleSecondsMax: 600,
  /** Devices that a report about a page of them tells one by one. */
  pushReportEntriesMax: 20,
  /** Seconds that a subscribe request is held when nothing matches. Clients give up after 310. */
  holdSecondsMax: 300,
  /** Seconds of silence that a client may ask for before it counts as gone; fewer count as these, more as those. */
  presenceTimeoutSecondsMin: 5,
  presenceTimeoutSecondsMax: 3_600,
  /** Members (one uuid on one channel) of a keyset, with the states that wait for absent ones. */
  presenceMembersPerKeysetMax: 1_000_000,
  /** The same of all keysets of a process. */
  presenceMembersMax: 2_000_000,
  /** Bytes of one state, as UTF-8 without whitespace: its events, which carry it twice, are as large as other messages. */
  presenceStateBytesMax: 16_384,
  /** UTF-16 units of all states of a keyset: 256 MiB as most texts are held. */
  presenceStateBytesPerKeysetMax: 268_435_456,
  /** Seconds that the state of a uuid that is not there waits for it. */
  presenceAbsentStateSecondsMax: 300,
  /** Bytes of the lists of one interval event; beyond it the lists are left out. */
  presenceDeltaBytesMax: 30_000,
  /** Channel groups of one presence request. */
  presenceGroupsMax: 10,
  /** Occupants of one channel in one here-now answer. */
  hereNowOccupantsMax: 1_000,
  /** UTF-16 units of the uuids and states in one here-now answer; what follows has its occupancy alone. */
  hereNowBytesMax: 8_388_608,
  /** Channels in one global here-now answer. */
  hereNowChannelsMax: 10_000,
  /** Milliseconds of one keyset's work in a turn of the event loop, where other keysets have work too. */
  turnMsMax: 1,
  /** Channels in one where-now answer. */
  whereNowChannelsMax: 10_000,
});
