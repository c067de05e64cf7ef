/**
 * Tracing hooks: spans for OpenTelemetry where its SDK is loaded, nothing at all where it is not.
 *
 * Load an SDK before the server (`BUN_OPTIONS="--preload ./tracing.ts"`); this asks once, at start, whether spans are
 * recorded, so that a server without one pays for a comparison.
 *
 * @module
 */
import { type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import type { MaybePromise } from "../ports/maybe-promise.ts";

/** Runs work inside a span, or just runs it. */
export type Traced = <Result>(name: string, work: () => MaybePromise<Result>) => MaybePromise<Result>;

/** Makes the hook for this process. */
export function createTracing(): Traced {
  const tracer = trace.getTracer("longwave");
  const probe = tracer.startSpan("longwave.start");
  const isRecording = probe.isRecording();
  probe.end();
  if (!isRecording) return (_, work) => work();
  return (name, work) => tracer.startActiveSpan(name, (span) => within(span, work));
}

async function within<Result>(span: Span, work: () => MaybePromise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (failure) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw failure;
  } finally {
    span.end();
  }
}
