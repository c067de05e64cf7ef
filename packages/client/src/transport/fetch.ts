/**
 * The transport over `fetch`, for every JavaScript runtime.
 *
 * The time limit is a timer of its own: `AbortSignal.any` over `AbortSignal.timeout` can be collected as garbage in some
 * versions of Node before it fires. Rules: spec/SDK.md SDK10.
 *
 * @module
 */
import { type Transport, type TransportAnswer, TransportFailure, type TransportRequest } from "./transport.ts";

/** Sends requests with the runtime's own `fetch`. */
export const fetchTransport: Transport = async (request) => {
  const { signal, timeoutMs } = request;
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    abort();
  }, timeoutMs);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  try {
    const response = await fetch(request.url, initOf(request, controller.signal));
    return await answerOf(response, request.wantsBytes === true);
  } catch (failure) {
    if (signal?.aborted) throw new TransportFailure("cancelled");
    throw isLate ? new TransportFailure("timeout") : new TransportFailure("network", codeOf(failure));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
};

// Without no-store, browsers make a request wait for a held one of the same address, to share its answer.
function initOf({ method, body, headers }: TransportRequest, signal: AbortSignal): RequestInit {
  const type = typeof body === "string" ? { "Content-Type": "application/json" } : {}; // a form brings its own
  return { method, body: body ?? null, signal, cache: "no-store", headers: { ...type, ...headers } };
}

async function answerOf(response: Response, wantsBytes: boolean): Promise<TransportAnswer> {
  const { status, headers, ok } = response;
  const retryAfterSeconds = secondsOf(headers.get("retry-after"));
  if (!wantsBytes || !ok) return { status, text: await response.text(), retryAfterSeconds };
  const contentType = headers.get("content-type") ?? undefined;
  return { status, text: "", bytes: new Uint8Array(await response.arrayBuffer()), contentType, retryAfterSeconds };
}

/** What a network asks to be waited. Seconds only: a date would have to be compared with a clock that may be wrong. */
export function secondsOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

/** What a runtime calls the reason of a failure: only the name, since the rest of its error holds the address. */
export function codeOf(failure: unknown): string | undefined {
  if (!(failure instanceof Error)) return undefined;
  const code: unknown = "code" in failure ? failure.code : undefined;
  if (typeof code === "string" && /^\w{1,40}$/.test(code)) return code;
  return failure.cause === failure ? undefined : codeOf(failure.cause);
}
