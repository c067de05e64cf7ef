/**
 * The transport over `fetch`, for every JavaScript runtime.
 *
 * @module
 */
import { type Transport, TransportFailure } from "./transport.ts";

/** Sends requests with the runtime's own `fetch`. */
export const fetchTransport: Transport = async ({ method, url, body, timeoutMs, signal }) => {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(body === undefined ? {} : { body, headers: { "Content-Type": "application/json" } }),
    });
    return { status: response.status, text: await response.text() };
  } catch (failure) {
    if (signal?.aborted) throw new TransportFailure("cancelled", "The request was cancelled.");
    if (timeout.aborted) throw new TransportFailure("timeout", `No answer came within ${timeoutMs / 1_000} s.`);
    const reason = failure instanceof Error ? failure.message : String(failure);
    throw new TransportFailure("network", `The network could not be reached: ${reason}`);
  }
};
