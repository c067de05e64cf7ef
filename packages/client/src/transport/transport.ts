/**
 * The transport: one request, one answer. The seam at which tests replace the network.
 *
 * @module
 */

/** A request, ready to be sent. */
export interface TransportRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  /** JSON text; only with POST. */
  readonly body?: string | undefined;
  /** Milliseconds after which it is given up. */
  readonly timeoutMs: number;
  /** Aborts it. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer, whatever its status. */
export interface TransportAnswer {
  readonly status: number;
  readonly text: string;
}

/** Why there is no answer. */
export type TransportFailureKind = "network" | "timeout" | "cancelled";

/** A request without an answer. */
export class TransportFailure extends Error {
  override readonly name = "TransportFailure";
  readonly kind: TransportFailureKind;

  constructor(kind: TransportFailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Sends a request.
 *
 * @throws {TransportFailure} when there is no answer.
 */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;
