/**
 * The one error class of the network: a row of the table of errors, by its code, and what that row's body needs.
 *
 * Apart from the table, so that a client which only meets codes does not carry every text. Pure. Rules: spec/ERRORS.md ERR3.
 *
 * @module
 */
import type { ErrorCode, ErrorDetail } from "./errors.ts";

/** The one error class: a broken rule, by its row. Never carries a payload, key or token. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  /**
   * @param code the row of the table of errors.
   * @param detail what the row's body needs besides its text.
   */
  constructor(code: ErrorCode, detail: ErrorDetail = {}) {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}
