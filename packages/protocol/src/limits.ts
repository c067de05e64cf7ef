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
  /** Characters of a uuid. */
  uuidCharactersMax: 92,
  /** Bytes of the request target; more is answered 414 as long as the HTTP parser lets it through. */
  uriBytesMax: 32_768,
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
  /** Messages that a channel's queue remembers. */
  queueMessagesMax: 10_000,
  /** Age after which a message leaves the queue: 20 minutes. */
  queueAgeMsMax: 1_200_000,
  /** Bytes of all queues of a process: 256 MiB. The oldest message leaves first. */
  queueBytesMax: 268_435_456,
  /** Polls that one keyset may hold in one process. */
  heldPollsPerKeysetMax: 200_000,
  /** Messages accepted and not yet committed; beyond it a publish is refused with 503. */
  commitBacklogMessagesMax: 50_000,
  /** Bytes accepted and not yet committed. */
  commitBacklogBytesMax: 67_108_864,
  /** Seconds that a subscribe request is held when nothing matches. Clients give up after 310. */
  holdSecondsMax: 300,
});
