/**
 * Requests: encodes path and query, and adds what every request carries.
 *
 * Pure. Rules: spec/SDK.md SDK5, SDK52.
 *
 * @module
 */
import type { Configuration } from "../configuration.ts";
import type { TransportRequest } from "../transport/transport.ts";

/** What is asked of the network, not yet encoded. */
export interface CallRequest {
  /** Segments; a list becomes one segment, its names encoded each and joined by commas. */
  readonly path: readonly (string | readonly string[])[];
  /** Parameters; those without a value are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  /** JSON text to POST. */
  readonly body?: string | undefined;
  /** Set where something is deleted or changed; otherwise a body makes a POST, and none a GET. */
  readonly method?: "DELETE" | "PATCH" | undefined;
  /** Set where no credentials are shown: the time is anybody's to ask, and where grants are made, `auth` is whom they are for. */
  readonly isOpen?: true;
  /** Headers besides those of every request. */
  readonly headers?: TransportRequest["headers"];
}

/** Channels as a segment: where there are only groups, the list of none is a lone comma. */
export function channelsSegment(channels: readonly string[]): readonly string[] {
  return channels.length === 0 ? ["", ""] : channels;
}

/** Names as a value: joined by commas; nothing where there is none. */
export function listValue(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : names.join(",");
}

/** Bytes of path and query up to which a request is sent. Networks refuse 32,768, some count headers, and a signature takes 80. */
export const ADDRESS_BYTES_MAX = 32_000;

/** What the network learns about this program. */
export const SDK_NAME = "Longwave-TypeScript/0.1.0";

/** Who asks. */
type Sender = Pick<Configuration, "origin" | "uuid" | "credentials">;

/** A request as it will be sent, but for its time limit. */
export type EncodedRequest = Pick<TransportRequest, "method" | "url" | "body" | "headers">;

/**
 * Encodes a request.
 *
 * @throws {URIError} when a text holds half of a character; what applications give is checked before.
 */
export function encodeRequest(
  { origin, uuid, credentials }: Sender,
  { path, query, body, headers, method, isOpen }: CallRequest,
): EncodedRequest {
  const auth = isOpen ? {} : { auth: credentials.auth };
  const parameters = Object.entries({ ...query, ...auth, uuid, pnsdk: SDK_NAME }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encode(String(value))}`],
  );
  const url = `${origin}/${path.map(encodeSegment).join("/")}?${parameters.join("&")}`;
  const verb = method ?? (body === undefined ? "GET" : "POST");
  return { method: verb, url, ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) };
}

/** Whether a request's path and query are short enough; its body does not count. */
export function fitsAddress(configuration: Sender, request: CallRequest): boolean {
  const isHopeless = request.path.some((segment) => segment.length > ADDRESS_BYTES_MAX); // encoding never shortens
  if (isHopeless) return false;
  return encodeRequest(configuration, request).url.length - configuration.origin.length <= ADDRESS_BYTES_MAX;
}

function encodeSegment(segment: string | readonly string[]): string {
  return typeof segment === "string" ? encode(segment) : segment.map(encode).join(",");
}

// What encodeURIComponent leaves as it is, while signatures of this protocol are made over the encoded form.
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!~*'()]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}
