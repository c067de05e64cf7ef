/**
 * The one error class of the SDK.
 *
 * @module
 */
import type { StatusCategory } from "./status.ts";

/** What an error says besides its sentence. */
export interface PubNubErrorDetail {
  readonly category: StatusCategory;
  /** The call that failed, as in statuses: `PNPublishOperation`. */
  readonly operation?: string | undefined;
  /** The HTTP status, where there was an answer. */
  readonly status?: number | undefined;
}

/**
 * A call that failed. `message` says what, why and, where there is one, the remedy; it never holds a key or a payload.
 *
 * @see spec/SDK.md SDK4
 */
export class PubNubError extends Error implements PubNubErrorDetail {
  override readonly name = "PubNubError";
  readonly category: StatusCategory;
  readonly operation: string | undefined;
  readonly status: number | undefined;

  constructor(message: string, { category, operation, status }: PubNubErrorDetail) {
    super(message);
    this.category = category;
    this.operation = operation;
    this.status = status;
  }
}
