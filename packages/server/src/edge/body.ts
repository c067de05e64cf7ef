/**
 * Request bodies: bounded while they arrive and while they inflate, recognised by their first bytes.
 *
 * The runtime's idle time is not renewed by the bytes of a body, so whoever reads a long one renews it.
 *
 * Clients label plain bodies as deflate and zlib streams as gzip, so the label counts for nothing (rule WIRE14).
 *
 * @module
 */
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { LIMITS, NetworkError } from "@longwave/protocol";
import type { Exchange } from "./exchange.ts";

const inflated = promisify(inflate);
const gunzipped = promisify(gunzip);
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A request, and the connection that its body comes on. */
export type BodySource = Pick<Exchange, "request" | "connections">;

/**
 * Reads a request's body as text.
 *
 * @throws {NetworkError} `bodyTooLarge` beyond 4 MiB, received or inflated; `requestMalformed` for a body that breaks off;
 *   `bodyTooSlow` for one that takes too long;
 *   `payloadNotJson` for a broken compressed stream or bytes that are not UTF-8, since nothing else than JSON is ever sent
 *   in a body here.
 */
export async function readBodyText(exchange: BodySource): Promise<string> {
  const bytes = await unpack(await receiveBody(exchange));
  try {
    return utf8.decode(bytes);
  } catch {
    throw new NetworkError("payloadNotJson");
  }
}

// A body can be read once, and two want it: whoever checks its signature, and the handler.
const received = new WeakMap<Request, Promise<Uint8Array>>();

/**
 * Receives a request's body as it came, compressed or not; the same bytes every time.
 *
 * @throws {NetworkError} `bodyTooLarge` beyond 4 MiB.
 */
export function receiveBody({ request, connections }: BodySource): Promise<Uint8Array> {
  const known = received.get(request);
  if (known) return known;
  const receiving = receive({ request, connections });
  received.set(request, receiving);
  return receiving;
}

async function receive(source: BodySource): Promise<Uint8Array> {
  try {
    return await gather(source);
  } catch (failure) {
    // Whatever else the runtime throws here says that the client did not send to the end what it began.
    throw failure instanceof NetworkError ? failure : new NetworkError("requestMalformed");
  }
}

async function gather({ request, connections }: BodySource): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? Number.NaN);
  if (declared > LIMITS.bodyBytesMax) throw new NetworkError("bodyTooLarge");
  if (declared <= LIMITS.shortBodyBytesMax) return await request.bytes();
  const keepOpen = connections.upload(request, LIMITS.bodySecondsMax);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > LIMITS.bodyBytesMax) throw new NetworkError("bodyTooLarge");
    keepOpen();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function unpack(bytes: Uint8Array): Promise<Uint8Array> {
  const options = { maxOutputLength: LIMITS.bodyBytesMax };
  try {
    if (isGzip(bytes)) return await gunzipped(bytes, options);
    if (isZlib(bytes)) return await inflated(bytes, options);
    return bytes;
  } catch (refusal) {
    const isTooLarge = refusal instanceof Error && "code" in refusal && refusal.code === "ERR_BUFFER_TOO_LARGE";
    throw new NetworkError(isTooLarge ? "bodyTooLarge" : "payloadNotJson");
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

// A zlib header's two bytes are a multiple of 31 (RFC 1950). No JSON text begins with its first byte, an "x".
function isZlib(bytes: Uint8Array): boolean {
  return bytes[0] === 0x78 && ((0x78 << 8) | (bytes[1] ?? 0)) % 31 === 0;
}
