/**
 * The one place that shapes answers: content types, CORS, caching, compression, JSONP and error bodies.
 *
 * Rules: spec/EDGE.md EDG7-EDG14, spec/ERRORS.md.
 *
 * @module
 */
import { ERRORS, LIMITS, NetworkError, statusOf } from "@longwave/protocol";
import type { EncodedBody } from "../channels/encoded-body.ts";

/** What the form of a successful answer depends on. */
export interface AnswerForm {
  /** The JSONP callback to wrap the body in, already checked. */
  readonly callback: string | undefined;
  /** For its Accept-Encoding, which is looked at only where a body is worth compressing. */
  readonly request: Request;
}

const SCRIPT = 'text/javascript; charset="UTF-8"';
const SCRIPT_UNQUOTED = "text/javascript; charset=UTF-8";

const JSON_TYPE = "application/json";
const XML = "application/xml";

const SHARED_HEADERS = {
  "Cache-Control": "no-cache",
  "Access-Control-Allow-Origin": "*",
} as const;

// Headers objects, not literals: a Response is made from one in half the time.
const withHeaders = (headers: Readonly<Record<string, string>>): { readonly headers: Headers } =>
  Object.freeze({ headers: new Headers({ "Content-Type": SCRIPT, ...SHARED_HEADERS, ...headers }) });

const SCRIPT_OPTIONS = withHeaders({});
const GZIP_OPTIONS = withHeaders({ "Content-Encoding": "gzip", Vary: "Accept-Encoding" });
// A page of another origin cannot be kept from loading a script, but it can be kept from taking it for anything else.
const JSONP_OPTIONS = withHeaders({ "X-Content-Type-Options": "nosniff" });

const PRIVATE_OPTIONS = withHeaders({ "Cache-Control": "no-cache, no-store, must-revalidate" });

/** A successful answer with a short JSON text that is made for it alone. */
export function answerText(text: string, { callback }: AnswerForm): Response {
  return callback === undefined
    ? new Response(text, SCRIPT_OPTIONS)
    : new Response(`${callback}(${text})`, JSONP_OPTIONS);
}

/** An answer to a change that was made but not announced: the protocol's partial success. */
export function answerPartial(text: string): Response {
  return new Response(text, { status: 207, ...SCRIPT_OPTIONS });
}

/** A successful answer with a body that others share. */
export function answerBody(body: EncodedBody, form: AnswerForm): Response {
  const isZipped = form.callback === undefined && body.isWorthGzip && acceptsGzip(form.request.headers);
  return isZipped ? new Response(body.gzip, GZIP_OPTIONS) : answerText(body.text, form);
}

// An element of the list that names gzip, without the weight zero that forbids it.
const GZIP = /(?:^|,)\s*gzip(?!\s*;\s*q=0(?:\.0+)?\s*(?:,|$))\s*(?:;|,|$)/i;

// Asking for any header makes the runtime build them all, which costs as much as the rest of a short answer.
function acceptsGzip(headers: Headers): boolean {
  return GZIP.test(headers.get("accept-encoding") ?? "");
}

const JSON_OPTIONS = withHeaders({ "Content-Type": JSON_TYPE });
const JSON_GZIP_OPTIONS = withHeaders({
  "Content-Type": JSON_TYPE,
  "Content-Encoding": "gzip",
  Vary: "Accept-Encoding",
});

/** A successful answer of a service whose answers are labelled as JSON. */
export function answerJson(body: EncodedBody, request: Request): Response {
  if (!body.isWorthGzip || !acceptsGzip(request.headers)) return new Response(body.text, JSON_OPTIONS);
  return new Response(body.gzip, JSON_GZIP_OPTIONS);
}

/** The answer to a client that has what it asks for already. */
export function answerNotModified(): Response {
  return new Response(null, { status: 304, headers: SHARED_HEADERS });
}

/** A text for machines and people that is no part of the protocol: health, metrics. */
export function answerPlain(text: string, contentType: string, status = 200): Response {
  return new Response(text, {
    status,
    headers: {
      "Content-Type": contentType,
      ...SHARED_HEADERS,
      "X-Content-Type-Options": "nosniff",
      ...retryHeaders(status),
    },
  });
}

/** A successful answer that holds a credential, or tells of some: nobody on the way may keep it. */
export function answerPrivate(text: string): Response {
  return new Response(text, PRIVATE_OPTIONS);
}

// No header lets a page of another origin read it.
const ADMIN_HEADERS = Object.freeze({
  "Content-Type": "application/json",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
});

/** An answer of the admin API. */
export function answerAdmin(value: object, status = 200): Response {
  return new Response(`${JSON.stringify(value)}\n`, { status, headers: ADMIN_HEADERS });
}

/** An error of the admin API, and its answer to a preflight: no other origin may ask anything of it. */
export function answerAdminError(status: number, body: string): Response {
  const challenge: Record<string, string> = status === 401 ? { "WWW-Authenticate": "Bearer" } : {};
  return new Response(body, { status, headers: { ...ADMIN_HEADERS, ...challenge } });
}

const HEADER_NAMES = new RegExp(`^[A-Za-z0-9!#$%&'*+.^_\`|~, -]{1,${LIMITS.preflightHeadersBytesMax}}$`);

/** The answer to a browser's preflight: everything that the network answers anywhere is allowed. */
export function answerPreflight(request: Request): Response {
  const asked = request.headers.get("access-control-request-headers") ?? "";
  return new Response(null, {
    status: 204,
    headers: {
      ...SHARED_HEADERS,
      "Access-Control-Allow-Methods": "GET, POST, DELETE, PATCH, OPTIONS",
      "Access-Control-Allow-Headers": HEADER_NAMES.test(asked)
        ? asked
        : "Content-Type, Content-Encoding, Accept, If-Match, Origin, X-Requested-With",
      "Access-Control-Max-Age": "86400",
    },
  });
}

/**
 * An error's answer.
 *
 * @param body compact JSON text, as the error table prints it.
 */
export function answerError(error: NetworkError, body: string): Response {
  const status = statusOf(error);
  const headers = new Headers({
    "Content-Type": errorType(error),
    ...SHARED_HEADERS,
    "X-Content-Type-Options": "nosniff", // some of them repeat a part of the path
    ...retryHeaders(status),
  });
  if (error.code === "tokenRevoked") headers.set("X-Pn-Cause", "4001");
  if (CLOSING.has(status)) headers.set("Connection", "close");
  if (error.code === "fileRangeBeyond") headers.set("Content-Range", `bytes */${error.detail.bytes ?? 0}`);
  if (error.detail.allow !== undefined) headers.set("Allow", error.detail.allow);
  return new Response(body, { status, headers });
}

/** What is left of such a request is not worth reading: a body too large or too slow, a target too long. */
const CLOSING: ReadonlySet<number> = new Set([408, 413, 414]);

// Browsers hide the header from scripts unless it is named.
function retryHeaders(status: number): Readonly<Record<string, string>> {
  return status === 429 || status === 503 ? { "Retry-After": "1", "Access-Control-Expose-Headers": "Retry-After" } : {};
}

// By the service whose form the body has: those whose successes are labelled as JSON label their errors so.
function errorType({ code }: NetworkError): string {
  if (code === "uriTooLong") return SCRIPT_UNQUOTED;
  const { form } = ERRORS[code];
  if (form === "storage") return XML;
  return form === "files" || form === "objects" ? JSON_TYPE : SCRIPT;
}

const CALLBACK = new RegExp(`^[A-Za-z0-9_.$]{1,${LIMITS.callbackCharactersMax}}$`);

/**
 * Reads the callback segment of a path.
 *
 * @param segment decoded; "0" for none.
 * @throws {NetworkError} `callbackMalformed` for anything that could be more than a function's name.
 */
export function parseCallback(segment: string): string | undefined {
  if (segment === "0") return undefined;
  if (!CALLBACK.test(segment)) throw new NetworkError("callbackMalformed");
  return segment;
}
