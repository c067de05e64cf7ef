/**
 * Requests signed by hand, for tests: independent of the code that checks them.
 *
 * @module
 */
import { createHmac } from "node:crypto";

/** With what and when a request is signed. */
export interface Signer {
  readonly url: string;
  readonly publishKey: string;
  readonly secretKey: string;
  readonly nowMs: () => number;
}

/** One request. */
export interface HandSigned {
  readonly method?: "GET" | "POST" | "DELETE" | "PATCH";
  /** Percent-encoded. */
  readonly path: string;
  /** Decoded; only names and values that every encoder writes alike. */
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The target of a signed request: path and query. */
export function signedTarget(
  signer: Omit<Signer, "url">,
  { method = "GET", path, query = {}, body = "" }: HandSigned,
): string {
  const timestamp = String(Math.floor(signer.nowMs() / 1_000));
  const pairs = Object.entries({ ...query, timestamp }).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const encoded = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("*", "%2A")}`).join("&");
  const text = `${method}\n${signer.publishKey}\n${path}\n${encoded}\n${body}`;
  const signature = createHmac("sha256", signer.secretKey).update(text).digest("base64url");
  return `${path}?${encoded}&signature=v2.${signature}`;
}

/** Sends a signed request. */
export function sendSigned(signer: Signer, request: HandSigned): Promise<Response> {
  const { method = "GET", body } = request;
  return fetch(signer.url + signedTarget(signer, request), { method, ...(body !== undefined && { body }) });
}
