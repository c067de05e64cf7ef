/**
 * Configuration as applications give it, in two vocabularies, and as the rooms of the client read it.
 *
 * A property stands here only when it does something: one whose feature does not exist yet is refused as unknown
 * (configuration-reader.ts). Rules: spec/SDK.md SDK1-SDK3.
 *
 * @module
 */
import type { WithoutEffect } from "./without-effect.ts";
import type { Credentials } from "./access/credentials.ts";
import type { CryptoModule } from "./crypto/crypto-module.ts";
import type { HeartbeatNotificationOptions } from "./presence/settings.ts";
import type { RetryPolicy } from "./retry/policy.ts";
import type { ReconnectionPolicy, RetryConfiguration } from "./retry/settings.ts";
import type { StatusVocabulary } from "./subscription/notice.ts";

/**
 * What every room of the client reads, by the names that JavaScript applications use. Times in milliseconds, but for
 * `presenceTimeout`.
 */
export interface Configuration {
  readonly subscribeKey: string;
  readonly publishKey: string | undefined;
  /** Signs requests; a client that has it may do everything on its keyset. */
  readonly secretKey?: string | undefined;
  /** What requests show to be let in. */
  readonly credentials: Credentials;
  /** Whether credentials may be sent: the connection is encrypted, stays on the machine, or the application said so. */
  readonly allowPlainCredentials: boolean;
  readonly uuid: string;
  /** Scheme, host and port, without a slash at the end. */
  readonly origin: string;
  readonly filterExpression: string | undefined;
  /** Encrypts what is published and decrypts what comes; nothing where payloads travel as they are. */
  readonly cryptoModule?: CryptoModule | undefined;
  readonly enableSubscribe: boolean;
  readonly subscribeRequestTimeout: number;
  /** For every other request, but uploads and downloads. */
  readonly transactionalRequestTimeout: number;
  /** For uploads and downloads; only where there are files. */
  readonly fileRequestTimeout: number;
  /** How often a message that announces a file may be sent again; only where there are files. */
  readonly fileUploadPublishRetryLimit: number;
  /** Within which the network must answer at all before it is subscribed to; nothing where that is not asked. */
  readonly connectTimeout: number | undefined;
  /** Seconds that this client counts as present after its last sign of life, where the application gave them. */
  readonly presenceTimeout: number | undefined;
  /** Zero for no heartbeats. */
  readonly heartbeatInterval: number;
  readonly announceSuccessfulHeartbeats: boolean;
  readonly announceFailedHeartbeats: boolean;
  readonly suppressLeaveEvents: boolean;
  /** Whether the states that this client set are sent again when it comes back. */
  readonly maintainPresenceState: boolean;
  readonly retryConfiguration: RetryPolicy;
  readonly statusVocabulary: StatusVocabulary;
  readonly transport: SubscribeTransport;
  /** Whether the subscription lets its process end; only in the whole package. */
  readonly daemon?: boolean | undefined;
}

/**
 * How a subscription receives: over a WebSocket where the network offers one (`auto`), over nothing else (`websocket`), or by
 * long poll.
 */
export type SubscribeTransport = "auto" | "websocket" | "long-poll";

/**
 * Configuration by the names of the classic documentation; assign its properties, then make a client with it.
 *
 * A property that is left undefined has its default. Later changes do not reach clients that exist.
 *
 * @example
 * ```ts
 * const configuration = new PNConfiguration();
 * configuration.subscribeKey = "demo";
 * configuration.publishKey = "demo";
 * configuration.uuid = "alice";
 * configuration.origin = "127.0.0.1:1980";
 * const pubnub = new PubNub(configuration);
 * ```
 * @see spec/SDK.md SDK1
 */
export class PNConfiguration {
  /** The keyset's subscribe key. Required. */
  declare subscribeKey: string | undefined;
  /** The keyset's publish key; needed for publishing only. */
  declare publishKey: string | undefined;
  /** Signs requests, which may then do everything on the keyset: for servers only. @see spec/SDK.md SDK53 */
  declare secretKey: string | undefined;
  /** What requests show to be let in where no token is set: a key of the older grants, or a token. */
  declare authKey: string | undefined;
  /** Whether tokens that are set are kept, but not sent. @defaultValue false */
  declare disableTokenManager: boolean | undefined;
  /** Whether `authKey`, tokens and signatures may go to another machine without TLS. @defaultValue false */
  declare allowPlainCredentials: boolean | undefined;
  /** Who this client is, 1 to 92 characters; the same for the lifetime of the user or device. Required. */
  declare uuid: string | undefined;
  /** Host, or host and port, of the network. @defaultValue "ps.pndsn.com" */
  declare origin: string | undefined;
  /** Whether to connect by TLS. @defaultValue false */
  declare ssl: boolean | undefined;
  /** Seconds after which a subscribe request that was not answered is given up, above 0, at most 3600. @defaultValue 310 */
  declare subscribeRequestTimeout: number | undefined;
  /** Seconds after which any other request is given up, above 0, at most 3600. @defaultValue 10 */
  declare nonSubscribeRequestTimeout: number | undefined;
  /** Another spelling of `nonSubscribeRequestTimeout`; give one of them. */
  declare nonSubscribeTimeout: number | undefined;
  /** Seconds after which the upload or download of a file is given up, above 0, at most 3600. @defaultValue 300 */
  declare fileRequestTimeout: number | undefined;
  /** How often the message that announces a file is sent again where it may not have arrived, at most 100. @defaultValue 5 */
  declare fileUploadPublishRetryLimit: number | undefined;
  /**
   * Seconds within which the network must answer a `time` request before it is subscribed to, at first and after each failure.
   * @defaultValue 5
   */
  declare connectTimeout: number | undefined;
  /** Whether and how a lost network is tried again: see {@link PNReconnectionPolicy}. @defaultValue "NONE" */
  declare reconnectPolicy: ReconnectionPolicy | undefined;
  /** Attempts before the client gives up, -1 for no limit. @defaultValue -1 */
  declare maximumReconnectionRetries: number | undefined;
  /** Seconds between attempts, or before the first of growing ones, 2 to 150; with up to a second more by chance. */
  declare reconnectionInterval: number | undefined;
  /** Seconds between attempts at most, 2 to 150. */
  declare maximumReconnectionInterval: number | undefined;
  /**
   * Seconds after which this client counts as gone when nothing is heard of it; more than 320 means 320, 0 and less the default.
   * Given, it makes heartbeats come: `heartbeatInterval` is half of it less one.
   * @defaultValue 300
   */
  declare presenceTimeout: number | undefined;
  /** Seconds between heartbeats, 0 for none. @defaultValue 0, or what follows from `presenceTimeout` */
  declare heartbeatInterval: number | undefined;
  /** Which heartbeats are told by a status: see {@link PNHeartbeatNotificationOptions}. @defaultValue "FAILURES" */
  declare heartbeatNotificationOptions: HeartbeatNotificationOptions | undefined;
  /** Whether nobody is told that this client leaves; it then times out. @defaultValue false */
  declare suppressLeaveEvents: boolean | undefined;
  /** Whether states that this client set are sent again when it comes back. @defaultValue true */
  declare maintainPresenceState: boolean | undefined;
  /** How the subscription receives. @defaultValue "auto" */
  declare transport: SubscribeTransport | undefined;
  /** By which names statuses come. @defaultValue "classic" */
  declare statusVocabulary: StatusVocabulary | undefined;
  /** Only messages that match are received; empty means all. @see spec/FILTER.md FLT1 */
  declare filterExpression: string | undefined;
  /** Encrypts what is published and decrypts what comes, in the older way. @see spec/SDK.md SDK47 */
  declare cipherKey: string | undefined;
  /** Encrypts and decrypts in the way that it was made for; counts more than `cipherKey`. */
  declare cryptoModule: CryptoModule | undefined;
  /** Whether `cipherKey` encrypts each message with a vector of its own; false for very old clients only. @defaultValue true */
  declare useRandomInitializationVector: boolean | undefined;
  /** Whether the client may subscribe; false refuses it, for programs that only publish. @defaultValue true */
  declare enableSubscribe: boolean | undefined;
  /**
   * Whether a subscription lets its process end when nothing else keeps it running: in Node and Bun, where it then receives by
   * long poll; without effect in pages. @defaultValue false
   */
  declare daemon: boolean | undefined;

  /** Sets `presenceTimeout`, in seconds, and with it the heartbeats. */
  setPresenceTimeout(presenceTimeout: number): void {
    this.presenceTimeout = presenceTimeout;
    this.heartbeatInterval = undefined;
  }

  /** Sets `presenceTimeout` and `heartbeatInterval`, both in seconds. */
  setPresenceTimeoutWithCustomInterval(presenceTimeout: number, heartbeatInterval: number): void {
    this.presenceTimeout = presenceTimeout;
    this.heartbeatInterval = heartbeatInterval;
  }
}

/** Configuration of a client of the core, as a plain object. @see spec/SDK.md SDK79 */
export interface CoreOptions {
  /** The keyset's subscribe key. Required. */
  readonly subscribeKey: string;
  /** The keyset's publish key; needed for publishing only. */
  readonly publishKey?: string | undefined;
  /** What requests show to be let in where no token is set: a key of the older grants, or a token. */
  readonly authKey?: string | undefined;
  /** Whether tokens that are set are kept, but not sent. @defaultValue false */
  readonly disableTokenManager?: boolean | undefined;
  /** Whether `authKey`, tokens and signatures may go to another machine without TLS. @defaultValue false */
  readonly allowPlainCredentials?: boolean | undefined;
  /** Who this client is, 1 to 92 characters; the same for the lifetime of the user or device. Required. */
  readonly userId?: string | undefined;
  /** The older name of `userId`; give one of them. */
  readonly uuid?: string | undefined;
  /** Host, or host and port, of the network. @defaultValue "ps.pndsn.com" */
  readonly origin?: string | undefined;
  /** Whether to connect by TLS. @defaultValue true */
  readonly ssl?: boolean | undefined;
  /** Seconds after which a subscribe request that was not answered is given up, above 0, at most 3600. @defaultValue 310 */
  readonly subscribeRequestTimeout?: number | undefined;
  /** Seconds after which any other request is given up, above 0, at most 3600. @defaultValue 15 */
  readonly transactionalRequestTimeout?: number | undefined;
  /**
   * Seconds within which the network must answer a `time` request before it is subscribed to, at first and after each failure;
   * left out, it is subscribed to without asking.
   */
  readonly connectTimeout?: number | undefined;
  /**
   * How a lost network is tried again: `PubNub.LinearRetryPolicy`, `PubNub.ExponentialRetryPolicy` or `PubNub.NoneRetryPolicy`.
   * @defaultValue exponential: after 2, 4, 8, 16, 32 and 64 seconds
   */
  readonly retryConfiguration?: RetryConfiguration | undefined;
  /**
   * Seconds after which this client counts as gone when nothing is heard of it; more than 320 means 320, 0 and less the default.
   * Given, it sets `heartbeatInterval` to half of it less one, whatever else was given.
   * @defaultValue 300
   */
  readonly presenceTimeout?: number | undefined;
  /** Seconds between heartbeats, 0 for none. @defaultValue 0, or what follows from `presenceTimeout` */
  readonly heartbeatInterval?: number | undefined;
  /** Whether a status tells of each heartbeat that succeeds. @defaultValue false */
  readonly announceSuccessfulHeartbeats?: boolean | undefined;
  /** Whether a status tells of each heartbeat that fails. @defaultValue true */
  readonly announceFailedHeartbeats?: boolean | undefined;
  /** Whether nobody is told that this client leaves; it then times out. @defaultValue false */
  readonly suppressLeaveEvents?: boolean | undefined;
  /** Whether states that this client set are sent again when it comes back. @defaultValue true */
  readonly maintainPresenceState?: boolean | undefined;
  /** How the subscription receives. @defaultValue "auto" */
  readonly transport?: SubscribeTransport | undefined;
  /** By which names statuses come. @defaultValue "classic" */
  readonly statusVocabulary?: StatusVocabulary | undefined;
  /** Only messages that match are received; empty means all. @see spec/FILTER.md FLT1 */
  readonly filterExpression?: string | undefined;
  /** Whether the client may subscribe; false refuses it, for programs that only publish. @defaultValue true */
  readonly enableSubscribe?: boolean | undefined;
}

/**
 * Configuration as a plain object, by the names that JavaScript applications use.
 *
 * @see spec/SDK.md SDK1
 */
export interface PubNubOptions extends CoreOptions, WithoutEffect {
  /** Signs requests, which may then do everything on the keyset: for servers only. @see spec/SDK.md SDK53 */
  readonly secretKey?: string | undefined;
  /** Seconds after which the upload or download of a file is given up, above 0, at most 3600. @defaultValue 300 */
  readonly fileRequestTimeout?: number | undefined;
  /** How often the message that announces a file is sent again where it may not have arrived, at most 100. @defaultValue 5 */
  readonly fileUploadPublishRetryLimit?: number | undefined;
  /** Encrypts what is published and decrypts what comes, in the older way. @see spec/SDK.md SDK47 */
  readonly cipherKey?: string | undefined;
  /**
   * Whether a subscription lets its process end when nothing else keeps it running: in Node and Bun, where it then receives by
   * long poll; without effect in pages. @defaultValue false
   */
  readonly daemon?: boolean | undefined;
  /** Encrypts and decrypts in the way that it was made for; counts more than `cipherKey`. */
  readonly cryptoModule?: CryptoModule | undefined;
  /** Whether `cipherKey` encrypts each message with a vector of its own; false for very old clients only. @defaultValue true */
  readonly useRandomIVs?: boolean | undefined;
  /** The same by its classic name; give one of them. */
  readonly useRandomInitializationVector?: boolean | undefined;
}
