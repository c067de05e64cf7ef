/**
 * The push-queue port: notifications that wait to be sent, or to be sent again.
 *
 * A job is a notice for all devices that are registered for a channel, or for one of them. Atomicity: an addition with its
 * bounds, and what becomes of a job, is one step each, durable when its outcome is there. A job that was claimed is given
 * to nobody else until it is settled; what was claimed and not settled when a process ended is claimed again.
 * Rules: spec/PUSH.md PSH50-PSH57; suite: conformance/push-queue.ts.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";
import type { PushNotice } from "./push-gateway.ts";

/** A message that asks for notifications. */
export interface PushMessage {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  readonly channel: string;
  /** The message's. */
  readonly timetoken: Timetoken;
  /** Whether the publisher wants to be told what becomes of it. */
  readonly isDebugged: boolean;
  /** From this instant on it is not sent any more, in milliseconds since the Unix epoch. */
  readonly expiresMs: number;
}

/** A job that waits. */
export interface PushJob extends PushMessage {
  readonly id: string;
  readonly notice: PushNotice;
  /** The one device that it is for; nothing for all of them. */
  readonly token: string | undefined;
  /** For all of them: after which the next page comes; nothing for the first page. */
  readonly after: string | undefined;
  /** How many times in a row it has been put off. */
  readonly attempts: number;
}

/** What becomes of a job after some of it was done. */
export interface PushJobOutcome {
  /** What is left of it; nothing when it is done. */
  readonly rest: { readonly after: string | undefined; readonly attempts: number; readonly dueMs: number } | undefined;
  /** Devices to which it is to be sent again, each a job of its own. */
  readonly again: readonly { readonly token: string; readonly dueMs: number }[];
}

/** How many jobs are claimed. */
export interface ClaimRequest {
  readonly nowMs: number;
  readonly jobsMax: number;
  /** Claimed of one keyset and not settled, at most, those of earlier claims included. */
  readonly jobsPerKeysetMax: number;
}

/** Keeps jobs. */
export interface PushQueue {
  /** Adds a job for each of a message's notices, due at once: all, or none where a bound would be passed (`full`). */
  add(message: PushMessage, notices: readonly PushNotice[], nowMs: number): Promise<"kept" | "full" | "unavailable">;
  /** Jobs that are due, of every keyset some, the longest due first within each. */
  claim(request: ClaimRequest): Promise<readonly PushJob[]>;
  /**
   * Says what became of a claimed job.
   *
   * @returns `full` where there was no room to send it again to single devices, and the rest is kept; `unavailable` where
   *   nothing is kept: the job is due again some time after `nowMs`.
   */
  settle(job: PushJob, outcome: PushJobOutcome, nowMs: number): Promise<"kept" | "full" | "unavailable">;
  /** Ends changes that are under way and refuses later ones. May be called twice. */
  stop(): Promise<void>;
}
