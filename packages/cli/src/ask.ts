/**
 * One request, and what came of it in words a command can act on.
 *
 * @module
 */

/** What came of a request. */
export type Reply =
  | { readonly kind: "answer"; readonly status: number; readonly text: string }
  /** No answer, or not all of it. `isNobody` where nothing listens, so that nothing can have happened. */
  | { readonly kind: "silence"; readonly reason: string; readonly isNobody: boolean };

/** How to ask. */
export interface Question {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How long the answer may take, in milliseconds. */
  readonly patienceMs: number;
  /** Gives the request up. */
  readonly signal?: AbortSignal | undefined;
}

/** Sends a request; never throws. */
export async function ask(url: string, { method, body, headers, patienceMs, signal }: Question): Promise<Reply> {
  const deadline = AbortSignal.timeout(patienceMs);
  try {
    const response = await fetch(url, {
      method,
      headers: { ...(body !== undefined && { "Content-Type": "application/json" }), ...headers },
      ...(body !== undefined && { body }),
      redirect: "error", // what follows a redirect may be another method and another network
      timeout: patienceMs, // the runtime's own idle limit is shorter than a held poll
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
    return { kind: "answer", status: response.status, text: await response.text() };
  } catch (failure) {
    return { kind: "silence", ...reasonOf(failure) };
  }
}

function reasonOf(failure: unknown): { reason: string; isNobody: boolean } {
  const code = failure instanceof Error && "code" in failure ? String(failure.code) : "";
  const reason = failure instanceof Error ? failure.message : String(failure);
  return { reason, isNobody: code === "ECONNREFUSED" || code === "ConnectionRefused" };
}

/** Whether the same request may fare better later: nobody answered, too much to do, or something on the way is down. */
export function isPassing(reply: Reply): boolean {
  return reply.kind === "silence" || reply.status === 429 || (reply.status >= 502 && reply.status <= 504);
}

/**
 * How long to wait before the next attempt.
 *
 * @param attempt how many attempts have failed, from 1.
 * @param random from 0 up to 1, so that many clients do not come back at the same instant.
 * @returns milliseconds: 100, doubling, at most 5,000, of which the last half is left to chance.
 */
export function pauseMs(attempt: number, random: number): number {
  const ceilingMs = Math.min(100 * 2 ** (attempt - 1), 5_000);
  return Math.round(ceilingMs * (0.5 + random / 2));
}

/** Waits; returns early when the signal aborts. */
export async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal.addEventListener("abort", end);
  });
}
