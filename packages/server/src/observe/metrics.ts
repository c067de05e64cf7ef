/**
 * Metrics in Prometheus text.
 *
 * Counting is adding to plain numbers; the library is asked only when somebody scrapes. The names are documented in
 * docs/operations/metrics.md.
 *
 * @module
 */
import type { ErrorCode } from "@longwave/protocol";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** What kind of message was accepted. */
export type AcceptedKind = "message" | "signal" | "fire" | "file";

/** How many notifications of a provider had an outcome. */
interface PushCount {
  readonly provider: string;
  readonly outcome: string;
  notifications: number;
}

/** Numbers that exist elsewhere and are read when somebody scrapes. */
export interface MetricSources {
  /** Messages given to subscribers since the start. */
  readonly delivered: () => number;
  readonly heldPolls: () => number;
  readonly streams: () => number;
  readonly queueBytes: () => number;
  readonly commitBacklog: () => number;
  readonly presenceMembers: () => number;
  readonly pushJobs: () => number;
}

const COMMIT_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Counts what happens in one process. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #accepted: Record<AcceptedKind, number> = { message: 0, signal: 0, fire: 0, file: 0 };
  readonly #refused = new Map<ErrorCode, number>();
  readonly #pushed = new Map<string, PushCount>();
  readonly #commitSeconds: Histogram;
  #committed = 0;
  #repeated = 0;
  #commitFailures = 0;

  constructor() {
    this.#commitSeconds = new Histogram({
      name: "longwave_commit_seconds",
      help: "Time from handing a group of messages to the store to its commit.",
      buckets: COMMIT_BUCKETS_SECONDS,
      registers: [this.#registry],
    });
    this.#gauge("longwave_resident_bytes", "Resident memory of the process.", () => process.memoryUsage.rss());
    this.#total("longwave_publishes_repeated_total", "Publishes that repeated an accepted one.", () => this.#repeated);
    this.#total("longwave_messages_committed_total", "Messages committed to the store.", () => this.#committed);
    this.#total("longwave_commit_failures_total", "Group commits that the disk refused.", () => this.#commitFailures);
    this.#acceptedByKind();
    this.#refusedByError();
    this.#pushedByOutcome();
  }

  /** Adds the numbers that other rooms keep. */
  observe(sources: MetricSources): void {
    this.#total("longwave_messages_delivered_total", "Messages given to subscribers, each counted.", sources.delivered);
    this.#gauge("longwave_held_polls", "Long polls that are held.", sources.heldPolls);
    this.#gauge("longwave_streams", "Event streams and WebSockets that are open.", sources.streams);
    this.#gauge("longwave_queue_bytes", "Bytes of messages in memory, roughly.", sources.queueBytes);
    this.#gauge("longwave_commit_backlog_messages", "Messages accepted and not yet committed.", sources.commitBacklog);
    this.#gauge("longwave_presence_members", "Uuids on channels, each channel counted.", sources.presenceMembers);
    this.#gauge("longwave_push_jobs", "Push notices that wait to be sent, or sent again.", sources.pushJobs);
  }

  accepted(kind: AcceptedKind): void {
    this.#accepted[kind] += 1;
  }

  /** A repeat was answered with the first timetoken. */
  repeated(): void {
    this.#repeated += 1;
  }

  refused(error: ErrorCode): void {
    this.#refused.set(error, (this.#refused.get(error) ?? 0) + 1);
  }

  /** Notifications had an outcome, both words from our own tables. */
  pushed(provider: string, outcome: string, notifications: number): void {
    const key = `${provider} ${outcome}`;
    const count = this.#pushed.get(key) ?? { provider, outcome, notifications: 0 };
    count.notifications += notifications;
    this.#pushed.set(key, count);
  }

  /** A group commit has ended. */
  committed(messages: number, elapsedMs: number, isKept: boolean): void {
    if (messages > 0) this.#commitSeconds.observe(elapsedMs / 1_000);
    if (isKept) this.#committed += messages;
    else this.#commitFailures += 1;
  }

  /** The content type of {@link print}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics as Prometheus text. */
  print(): Promise<string> {
    return this.#registry.metrics();
  }

  #gauge(name: string, help: string, read: () => number): void {
    const registers = [this.#registry];
    new Gauge({
      name,
      help,
      registers,
      collect: function collect() {
        this.set(read());
      },
    });
  }

  #total(name: string, help: string, read: () => number): void {
    const registers = [this.#registry];
    new Counter({
      name,
      help,
      registers,
      collect: function collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  #acceptedByKind(): void {
    const accepted = this.#accepted;
    new Counter({
      name: "longwave_messages_accepted_total",
      help: "Messages that were given a timetoken and acknowledged.",
      labelNames: ["kind"],
      registers: [this.#registry],
      collect: function collect() {
        this.reset();
        for (const [kind, count] of Object.entries(accepted)) this.inc({ kind }, count);
      },
    });
  }

  #pushedByOutcome(): void {
    const pushed = this.#pushed;
    new Counter({
      name: "longwave_push_notifications_total",
      help: "Push notifications by provider and by what became of them.",
      labelNames: ["provider", "outcome"],
      registers: [this.#registry],
      collect: function collect() {
        this.reset();
        for (const { provider, outcome, notifications } of pushed.values())
          this.inc({ provider, outcome }, notifications);
      },
    });
  }

  #refusedByError(): void {
    const refused = this.#refused;
    new Counter({
      name: "longwave_requests_refused_total",
      help: "Requests answered with an error, by its name in the error table.",
      labelNames: ["error"],
      registers: [this.#registry],
      collect: function collect() {
        this.reset();
        for (const [error, count] of refused) this.inc({ error }, count);
      },
    });
  }
}
