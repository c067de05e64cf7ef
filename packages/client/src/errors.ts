/**
 * The one error class of the SDK, and how anything that goes wrong becomes one.
 *
 * Sentences are written here and from what the network said, never from what a runtime's own errors say: those hold whole
 * addresses, and an address holds keys and payloads. Rules: spec/SDK.md SDK4.
 *
 * @module
 */
import { STATUS_CATEGORIES, type StatusCategory } from "./status.ts";

/** What an error says besides its sentence. */
export interface PubNubErrorDetail {
  readonly category: StatusCategory;
  /** The call that failed, as in statuses: `PNPublishOperation`. */
  readonly operation?: string | undefined;
  /** The HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** A file that is kept, although the call that was to announce it failed. */
  readonly file?: { readonly channel: string; readonly id: string; readonly name: string } | undefined;
}

/**
 * A call that failed. `message` says what, why and, where there is one, the remedy; it never holds a key, a payload or an
 * address with either.
 *
 * @example
 * ```ts
 * const pubnub = new PubNub({ subscribeKey: "demo", userId: "alice", origin: "127.0.0.1:1980", ssl: false });
 * try {
 *   await pubnub.publish({ channel: "hello", message: "hi" });
 * } catch (failure) {
 *   if (failure instanceof PubNubError) console.error(failure.category, failure.message); // PNValidationErrorCategory …
 * }
 * ```
 * @see spec/SDK.md SDK4
 */
export class PubNubError extends Error implements PubNubErrorDetail {
  override readonly name = "PubNubError";
  readonly category: StatusCategory;
  readonly operation: string | undefined;
  readonly status: number | undefined;
  readonly file?: PubNubErrorDetail["file"];

  /** @param message a sentence: what, why, remedy. */
  constructor(message: string, { category, operation, status, file }: PubNubErrorDetail) {
    super(message);
    this.category = category;
    this.operation = operation;
    this.status = status;
    if (file !== undefined) this.file = file;
  }
}

/**
 * The error of something that the application gave and that cannot be used.
 *
 * @param consequence what did not happen: "Nothing was sent".
 * @param reason the name of the value, what is wrong with it, and the remedy; without a full stop.
 */
export function refusalOf(consequence: string, reason: string, operation?: string): PubNubError {
  return new PubNubError(`${consequence}: ${reason}.`, { category: STATUS_CATEGORIES.validation, operation });
}
