/**
 * Sends notifications: from a published message to the devices that are registered for its channel.
 *
 * What a message asks for goes into the queue before its publisher is answered, and is sent from there page by page; so a
 * restart loses nothing, and a crash sends at most one page of it twice. Rules: spec/PUSH.md PSH40-PSH48.
 *
 * @module
 */
import { LIMITS, type Timetoken } from "@longwave/protocol";
import { type Clock, type Timer, every } from "../ports/clock.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { MessageDraft } from "../ports/message.ts";
import type { PushCredentials, PushGateways, PushNotice, SendOutcome } from "../ports/push-gateway.ts";
import type { PushJob, PushJobOutcome, PushMessage, PushQueue } from "../ports/push-queue.ts";
import type { PushStore } from "../ports/push-store.ts";
import { backOffMs } from "./back-off.ts";
import { type PushPlan, planPush } from "./push-plan.ts";
import { type Sent, problemsReport, sentReport } from "./report.ts";

/** The provider that a notice goes to. */
export type Provider = keyof PushGateways;

/** What became of notifications: of a device, or `full`, `unavailable`, `expired`, `unconfigured` of all it was for. */
export type NotificationOutcome = SendOutcome["kind"] | "full" | "unavailable" | "expired" | "unconfigured";

/** What sending needs from outside. */
export interface NotifierPorts {
  readonly queue: PushQueue;
  readonly store: PushStore;
  readonly gateways: PushGateways;
  readonly clock: Clock;
  /** What a keyset sends with; nothing where it is unknown or has push off. */
  readonly credentialsOf: (keyset: string) => PushCredentials | undefined;
  /** Publishes a report. */
  readonly emit: (keyset: string, draft: MessageDraft) => Promise<unknown>;
  /** Counts. */
  readonly count: (provider: Provider, outcome: NotificationOutcome, notifications: number) => void;
  /** Told of a bug, for the log. */
  readonly failed: (failure: unknown) => void;
  /** 0 to 1, another one each time. */
  readonly chance: () => number;
}

/** A message that was published. */
export interface PublishedMessage {
  readonly keyset: string;
  readonly channel: string;
  readonly timetoken: Timetoken;
  /** JSON text. */
  readonly payload: string;
}

const TICK_MS = 1_000;
/** Jobs that are worked on at the same time, each with a page of devices; and those of one keyset. */
const JOBS_MAX = 16;
const JOBS_PER_KEYSET_MAX = 4;
const DONE: PushJobOutcome = { rest: undefined, again: [] };

/** The notifications of one process. */
export class Notifier {
  readonly #ports: NotifierPorts;
  readonly #working = new Map<string, Promise<void>>();
  #timer: Timer | undefined;
  #claiming: Promise<void> | undefined;
  #isAsked = false;
  #isStopped = false;

  constructor(ports: NotifierPorts) {
    this.#ports = ports;
  }

  /** Begins to send what waits. */
  start(): void {
    this.#timer = every(this.#ports.clock, TICK_MS, () => this.#wake());
    this.#wake();
  }

  /**
   * Takes what a message asks for.
   *
   * @returns nothing, at once for a message that asks for nothing; otherwise when it is in the queue, or is not to be.
   */
  accept(message: PublishedMessage): MaybePromise<void> {
    const plan = planPush(message.payload);
    if (plan.notices.length + plan.problems.length === 0) return undefined;
    const credentials = this.#ports.credentialsOf(message.keyset);
    return credentials && this.#accept(message, plan, credentials);
  }

  /**
   * Ends what is under way, what takes longer than a few seconds unfinished: what is not sent stays in the queue. May be
   * called twice.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#claiming;
    await this.#endSoon();
    const { fcm, apns } = this.#ports.gateways;
    await Promise.all([fcm.stop(), apns.stop()]);
    await Promise.all(this.#working.values());
  }

  async #endSoon(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.#ports.clock.after(LIMITS.closeSecondsMax * 1_000, late.resolve);
    await Promise.race([Promise.all(this.#working.values()), late.promise]);
    timer.cancel();
  }

  async #accept(published: PublishedMessage, plan: PushPlan, credentials: PushCredentials): Promise<void> {
    const { clock, count, queue } = this.#ports;
    const { keyset, channel, timetoken } = published;
    const nowMs = clock.wallMs();
    const message = { keyset, channel, timetoken, isDebugged: plan.isDebugged, expiresMs: expiryMs(nowMs) };
    const problems = [...plan.problems];
    const notices = plan.notices.filter((notice) => {
      const refusal = refusalOf(notice, credentials);
      if (refusal?.isTold) {
        problems.push(refusal.sentence);
        count(providerOf(notice), "unconfigured", 1);
      }
      return refusal === undefined;
    });
    const outcome = notices.length === 0 ? "kept" : await queue.add(message, notices, nowMs);
    if (outcome === "kept") this.#wake();
    else {
      for (const notice of notices) count(providerOf(notice), outcome, 1);
      problems.push(outcome === "full" ? "too many notifications wait" : "the storage takes no notifications");
    }
    if (problems.length > 0) await this.#report(message, problemsReport(message, problems));
  }

  #wake(): void {
    this.#isAsked = true;
    this.#claiming ??= this.#claimAll();
  }

  async #claimAll(): Promise<void> {
    await Promise.resolve(); // so that it is known to be under way before it ends
    while (this.#isAsked && !this.#isStopped) {
      this.#isAsked = false;
      await this.#claim().catch((failure: unknown) => this.#ports.failed(failure));
    }
    this.#claiming = undefined;
  }

  async #claim(): Promise<void> {
    const { queue, clock } = this.#ports;
    const room = JOBS_MAX - this.#working.size;
    if (room <= 0) return; // whoever ends asks again
    const request = { nowMs: clock.wallMs(), jobsMax: room, jobsPerKeysetMax: JOBS_PER_KEYSET_MAX };
    for (const job of await queue.claim(request)) this.#working.set(job.id, this.#work(job));
  }

  async #work(job: PushJob): Promise<void> {
    const outcome = await this.#send(job).catch((failure: unknown) => {
      this.#ports.failed(failure);
      return DONE; // it would go wrong again
    });
    const settled = await this.#ports.queue.settle(job, outcome, this.#ports.clock.wallMs());
    if (settled !== "kept") this.#ports.count(providerOf(job.notice), settled, Math.max(outcome.again.length, 1));
    this.#working.delete(job.id);
    this.#wake();
  }

  async #send(job: PushJob): Promise<PushJobOutcome> {
    const { clock, count, store } = this.#ports;
    const { keyset, channel, notice, token } = job;
    const provider = providerOf(notice);
    if (clock.wallMs() >= job.expiresMs) {
      count(provider, "expired", 1);
      return DONE;
    }
    const credentials = this.#ports.credentialsOf(keyset);
    if (!credentials || refusalOf(notice, credentials)) {
      count(provider, "unconfigured", 1);
      return DONE;
    }
    const { app } = notice;
    const page = { keyset, channel, app, after: job.after, devicesMax: LIMITS.pushDevicesPerPageMax };
    const { tokens, next } = token === undefined ? await store.devices(page) : { tokens: [token], next: undefined };
    const excluded = new Set(notice.excluded);
    const chosen = tokens.filter((one) => !excluded.has(one));
    const sentMs = clock.wallMs();
    const all = await Promise.all(
      chosen.map(async (one) => ({ token: one, outcome: await this.#letter(credentials, notice, one) })),
    );
    await this.#removeGone(job, all, sentMs);
    for (const { outcome } of all) count(provider, outcome.kind, 1);
    if (job.isDebugged && all.length > 0) await this.#report(job, sentReport(job, notice, all));
    return this.#outcomeOf(job, all, next);
  }

  #letter(credentials: PushCredentials, notice: PushNotice, token: string): Promise<SendOutcome> {
    const { gateways } = this.#ports;
    const { apns, fcm } = credentials;
    if (providerOf(notice) === "apns" && apns) return gateways.apns.send(apns, { notice, token });
    if (fcm) return gateways.fcm.send(fcm, { notice, token });
    throw new Error("a notice without credentials");
  }

  // Where the provider does not say since when, it is since now: whoever registers again meanwhile is spared.
  async #removeGone({ keyset, notice: { app } }: PushJob, all: readonly Sent[], sentMs: number): Promise<void> {
    for (const { token, outcome } of all) {
      if (outcome.kind !== "gone") continue;
      await this.#ports.store.removeDevice({ keyset, app, token }, outcome.sinceMs ?? sentMs);
    }
  }

  #outcomeOf(job: PushJob, all: readonly Sent[], next: string | undefined): PushJobOutcome {
    const { count } = this.#ports;
    const provider = providerOf(job.notice);
    if (all.some(({ outcome }) => outcome.kind === "unsendable")) return DONE;
    const later = all.flatMap(({ token, outcome }) => {
      if (outcome.kind !== "later") return [];
      const dueMs = this.#dueMs(job.token === undefined ? 1 : job.attempts + 1, outcome.afterMs);
      return [{ token, dueMs }];
    });
    const again = later.filter(({ dueMs }) => dueMs < job.expiresMs);
    if (again.length < later.length) count(provider, "expired", later.length - again.length);
    if (job.token !== undefined) {
      const [one] = again;
      return one ? { rest: { after: undefined, attempts: job.attempts + 1, dueMs: one.dueMs }, again: [] } : DONE;
    }
    if (next === undefined) return { rest: undefined, again };
    // A provider that does not take this page will not take the next one sooner.
    const attempts = later.length > 0 ? job.attempts + 1 : 0;
    const dueMs = attempts === 0 ? this.#ports.clock.wallMs() : this.#dueMs(attempts, undefined);
    return { rest: { after: next, attempts, dueMs }, again };
  }

  #dueMs(attempts: number, afterMs: number | undefined): number {
    const { clock, chance } = this.#ports;
    return clock.wallMs() + backOffMs(attempts, afterMs, chance());
  }

  async #report({ keyset, isDebugged }: PushMessage, draft: MessageDraft): Promise<void> {
    if (isDebugged) await this.#ports.emit(keyset, draft);
  }
}

function expiryMs(nowMs: number): number {
  return nowMs + LIMITS.pushTrySecondsMax * 1_000;
}

function providerOf({ app: { gateway } }: PushNotice): Provider {
  return gateway === "fcm" ? "fcm" : "apns";
}

interface Refusal {
  readonly sentence: string;
  /** Whether it is worth telling: devices without a topic are from before there were topics. */
  readonly isTold: boolean;
}

function refusalOf(notice: PushNotice, { fcm, apns }: PushCredentials): Refusal | undefined {
  if (providerOf(notice) === "fcm") {
    return fcm ? undefined : { sentence: "the keyset has no credentials for Google", isTold: true };
  }
  if (!apns) return { sentence: "the keyset has no credentials for Apple", isTold: notice.app.gateway === "apns" };
  const isHomeless = notice.app.gateway === "apns" && apns.topic === undefined;
  return isHomeless ? { sentence: "no topic is set for devices without one", isTold: false } : undefined;
}
