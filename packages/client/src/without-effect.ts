/**
 * Properties that applications of other SDKs set and that have nothing to do here, so that those need not change for them.
 *
 * Each is about how another client works inside: what it would ask for is either always so here, or has no counterpart.
 * What would change what is sent or received is not among them, and is refused. Rules: spec/SDK.md SDK78.
 *
 * @module
 */

/** Their names, in either kind of configuration. */
export const WITHOUT_EFFECT = Object.freeze([
  "restore", // the cursor is always kept
  "autoNetworkDetection",
  "listenToBrowserNetworkEvents", // they are listened to where there are any
  "dedupeOnSubscribe", // nothing is delivered twice
  "maximumCacheSize",
  "requestMessageCountThreshold", // a gap is told by PNMessagesMissedCategory
  "enableEventEngine",
  "useSmartHeartbeat",
  "useInstanceId",
  "useRequestId",
  "keepAlive", // the runtime decides
  "keepAliveSettings",
  "logLevel", // nothing is logged
  "loggers",
  "logVerbosity",
  "sdkName",
  "partnerId",
  "subscriptionWorkerUrl",
  "subscriptionWorkerOfflineClientsCheckInterval",
  "subscriptionWorkerUnsubscribeOfflineClients",
  "subscriptionWorkerLogVerbosity",
  "subscriptionWorkerLogLevel",
] as const);

/** Such properties, whatever they hold. */
export type WithoutEffect = Readonly<Partial<Record<(typeof WITHOUT_EFFECT)[number], unknown>>>;
