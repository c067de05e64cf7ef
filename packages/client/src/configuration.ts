/**
 * Configuration as applications give it, in two vocabularies, and as the rooms of the client read it.
 *
 * A property stands here only when it does something: one whose feature does not exist yet is refused as unknown
 * (configuration-reader.ts). Rules: spec/SDK.md SDK1-SDK3.
 *
 * @module
 */

/** What every room of the client reads. Times in milliseconds. */
export interface Configuration {
  readonly subscribeKey: string;
  readonly publishKey: string | undefined;
  readonly uuid: string;
  /** Scheme, host and port, without a slash at the end. */
  readonly origin: string;
  readonly filterExpression: string | undefined;
  readonly maySubscribe: boolean;
  readonly subscribeTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How long this client counts as present after its last sign of life. */
  readonly presenceTimeoutSeconds: number;
}

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
  subscribeKey: string | undefined;
  /** The keyset's publish key; needed for publishing only. */
  publishKey: string | undefined;
  /** Who this client is, 1 to 92 characters; the same for the lifetime of the user or device. Required. */
  uuid: string | undefined;
  /** Host, or host and port, of the network. @defaultValue "ps.pndsn.com" */
  origin: string | undefined;
  /** Whether to connect by TLS. @defaultValue false */
  ssl: boolean | undefined;
  /** Seconds after which a subscribe request that was not answered is given up, above 0, at most 3600. @defaultValue 310 */
  subscribeRequestTimeout: number | undefined;
  /** Seconds after which any other request is given up, above 0, at most 3600. @defaultValue 10 */
  nonSubscribeRequestTimeout: number | undefined;
  /**
   * Seconds after which this client counts as gone when nothing is heard of it; more than 320 means 320, 0 and less the default.
   * @defaultValue 300
   */
  presenceTimeout: number | undefined;
  /** Only messages that match are received; empty means all. @see spec/FILTER.md FLT1 */
  filterExpression: string | undefined;
  /** Whether the client may subscribe; false refuses it, for programs that only publish. @defaultValue true */
  enableSubscribe: boolean | undefined;
}

/**
 * Configuration as a plain object, by the names that JavaScript applications use.
 *
 * @see spec/SDK.md SDK1
 */
export interface PubNubOptions {
  /** The keyset's subscribe key. Required. */
  readonly subscribeKey: string;
  /** The keyset's publish key; needed for publishing only. */
  readonly publishKey?: string | undefined;
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
   * Seconds after which this client counts as gone when nothing is heard of it; more than 320 means 320, 0 and less the default.
   * @defaultValue 300
   */
  readonly presenceTimeout?: number | undefined;
  /** Only messages that match are received; empty means all. @see spec/FILTER.md FLT1 */
  readonly filterExpression?: string | undefined;
  /** Whether the client may subscribe; false refuses it, for programs that only publish. @defaultValue true */
  readonly enableSubscribe?: boolean | undefined;
}
