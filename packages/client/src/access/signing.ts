/**
 * Signing: with a secret key every request but that for the time carries an instant and a signature.
 *
 * Made on the way to the transport, so that whoever asks for something need not know of it. Rules: spec/SDK.md SDK53.
 *
 * @module
 */
import { SIGNATURE_V2_PREFIX, type SignedKeys, stringToSignV2 } from "@longwave/protocol";
import { base64Of } from "../base64.ts";
import type { Configuration } from "../configuration.ts";
import { requireSubtle } from "../crypto/cryptors.ts";
import type { OpenStream } from "../transport/stream.ts";
import { type Transport, TransportFailure, type TransportRequest } from "../transport/transport.ts";

/** Gives the address of a request with its signature. */
export type Sign = (request: Pick<TransportRequest, "method" | "url" | "body">) => Promise<string>;

/**
 * A signer for a configuration; nothing where it has no secret key.
 *
 * @param now milliseconds since 1970. The network refuses what differs from its own clock by more than a minute.
 */
export function signerOf(configuration: Configuration, now: () => number): Sign | undefined {
  const { publishKey, subscribeKey, secretKey } = configuration;
  if (secretKey === undefined || publishKey === undefined) return undefined;
  const hash = keyedHash(secretKey);
  return async ({ method, url, body }) => {
    const [path, query] = partsOf(url);
    // A form carries a signature of its own, and the time is anybody's to ask.
    if (path.startsWith("/time/") || body instanceof FormData) return url;
    const stamped = `${query}&timestamp=${Math.floor(now() / 1_000)}`;
    const text = textOf({ publishKey, subscribeKey }, { method, path, query: stamped, body });
    const signature = `${SIGNATURE_V2_PREFIX}${base64Of(await hash(text))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replace(/=+$/, "")}`;
    return `${url.slice(0, url.indexOf("?"))}?${stamped}&signature=${signature}`;
  };
}

/** A transport that signs. */
export function signedTransport(transport: Transport, sign: Sign | undefined): Transport {
  if (sign === undefined) return transport;
  return async (request) => {
    const url = await sign(request);
    if (request.signal?.aborted) throw new TransportFailure("cancelled");
    return transport({ ...request, url });
  };
}

/** Streams whose opening is signed; what is sent before they are open is lost, as it always is. */
export function signedStreams(open: OpenStream | undefined, sign: Sign | undefined): OpenStream | undefined {
  if (open === undefined || sign === undefined) return open;
  return (url, listener) => {
    let stream: ReturnType<OpenStream> | undefined;
    let isClosed = false;
    const openSigned = async (): Promise<void> => {
      const signed = await sign({ method: "GET", url }).catch(() => undefined);
      if (isClosed) return;
      if (signed === undefined) listener.ended();
      else stream = open(signed, listener);
    };
    void openSigned();
    return {
      send: (text) => stream?.send(text),
      close: () => {
        isClosed = true;
        return stream?.close();
      },
    };
  };
}

function partsOf(url: string): readonly [path: string, query: string] {
  const path = url.indexOf("/", url.indexOf("://") + 3);
  const question = url.indexOf("?");
  return [url.slice(path, question), url.slice(question + 1)];
}

interface Unsigned extends Pick<TransportRequest, "method"> {
  readonly path: string;
  readonly query: string;
  readonly body: string | undefined;
}

// Networks know a publish by POST as one client signs it: as if it were a GET.
function textOf(keys: SignedKeys, { method, path, query, body }: Unsigned): string {
  const isPublish = path.startsWith("/publish/");
  const text = stringToSignV2(keys, { method: isPublish ? "GET" : method, path, query });
  return isPublish ? text : text + (body ?? "");
}

function keyedHash(secretKey: string): (text: string) => Promise<Uint8Array> {
  const encoder = new TextEncoder();
  let key: Promise<CryptoKey> | undefined; // made once, when it is first needed
  return async (text) => {
    const subtle = requireSubtle();
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    key ??= subtle.importKey("raw", encoder.encode(secretKey), algorithm, false, ["sign"]);
    return new Uint8Array(await subtle.sign("HMAC", await key, encoder.encode(text)));
  };
}
