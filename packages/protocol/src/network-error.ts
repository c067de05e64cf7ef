/**
 * The one error class of the protocol.
 *
 * Apart from the table of errors, so that a client that reads names and tokens does not carry the table with it. Rules:
 * spec/ERRORS.md.
 *
 * @module
 */
import type { ErrorCode, ErrorDetail } from "./errors.ts";

/** A broken rule, by its row of the table of errors. Never carries a payload, key or token. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  /**
   * @param code the row of {@link ERRORS}.
   * @param detail what the row's body needs besides its text.
   */
  constructor(code: ErrorCode, detail: ErrorDetail = {}) {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}
