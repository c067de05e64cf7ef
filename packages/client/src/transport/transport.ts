/**
 * The transport: one request, one answer. The seam at which tests replace the network.
 *
 * @module
 */

/** A request, ready to be sent. */
export interface TransportRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Absolute, encoded. It holds keys and perhaps a payload: not for logs. */
  readonly url: string;
  /** JSON text, or a form with a file; only with POST and PATCH. */
  readonly body?: string | FormData | undefined;
  /** Headers besides that of the body's type. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether a successful answer is wanted as bytes instead of text. */
  readonly wantsBytes?: boolean | undefined;
  /** Milliseconds after which it is given up. */
  readonly timeoutMs: number;
  /** Aborts it. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer, whatever its status. */
export interface TransportAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The body; empty where it was wanted, and is, as bytes. */
  readonly text: string;
  /** The body, where it was wanted as bytes and the status is no error. */
  readonly bytes?: Uint8Array<ArrayBuffer> | undefined;
  /** The body's media type, where there is one. */
  readonly contentType?: string | undefined;
  /** Seconds that the network asks to wait before another attempt, where it does. */
  readonly retryAfterSeconds?: number | undefined;
}

/** Why there is no answer. */
export type TransportFailureKind = "network" | "timeout" | "cancelled";

/** A request without an answer. */
export class TransportFailure extends Error {
  override readonly name = "TransportFailure";
  readonly kind: TransportFailureKind;
  /** What the runtime calls the reason, where it has a name: `ECONNREFUSED`. */
  readonly code: string | undefined;

  /**
   * @param kind why there is no answer.
   * @param code a name of the reason, without anything of the request in it.
   */
  constructor(kind: TransportFailureKind, code?: string) {
    super(code === undefined ? kind : `${kind}: ${code}`);
    this.kind = kind;
    this.code = code;
  }
}

/**
 * Sends a request.
 *
 * @returns the answer, also when its status is an error.
 * @throws {TransportFailure} when there is no answer.
 * @example
 * ```ts
 * const offline: Transport = async () => {
 *   throw new TransportFailure("network");
 * };
 * const pubnub = new PubNub({ subscribeKey: "demo", userId: "alice" }, { transport: offline });
 * ```
 */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;
