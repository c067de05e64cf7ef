/**
 * Announces what happened to members: at once, or for large channels in one interval event.
 *
 * Events leave in the order of the changes. Rules: spec/PRESENCE.md PRE20-PRE28.
 *
 * @module
 */
import type { KeysetSettings } from "../access/keyset-settings.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import { after } from "../ports/maybe-promise.ts";
import type { MessageDraft } from "../ports/message.ts";
import type { LeaseAnswer, PresenceChange, PresenceStore } from "../ports/presence-store.ts";
import { intervalEvent, memberEvent } from "./event.ts";

/** What announcing needs from outside. */
export interface AnnouncerPorts {
  readonly store: PresenceStore;
  readonly clock: Clock;
  /** Publishes an event. It is visible in the order of the calls; a rejection means that it may not be. */
  readonly emit: (keyset: string, draft: MessageDraft) => Promise<void>;
  /** How presence behaves for a keyset, by its subscribe key. */
  readonly settingsOf: (keyset: string) => KeysetSettings;
  /** Told of a failure that nobody waits for. */
  readonly failed: (failure: unknown) => void;
}

/** Turns changes into events. */
export class Announcer {
  readonly #ports: AnnouncerPorts;
  // Channels whose interval is open, by keyset and channel; a line break is in no name.
  readonly #open = new Map<string, { readonly keyset: string; readonly channel: string; readonly timer: Timer }>();

  constructor(ports: AnnouncerPorts) {
    this.#ports = ports;
  }

  /** Announces changes. The promise ends when they are visible, and never rejects: nobody's request fails with an event. */
  async announce(changes: readonly PresenceChange[]): Promise<void> {
    const emitted: Promise<void>[] = [];
    for (const change of changes) {
      const { keyset, channel, isNoted, noted } = change;
      const settings = this.#ports.settingsOf(keyset);
      if (!settings.presenceEvents) continue;
      if (noted) emitted.push(this.#emitInterval(keyset, channel, { kind: "granted", digest: noted }));
      if (isNoted) this.#openInterval(keyset, channel, settings.presenceIntervalSeconds * 1_000);
      else emitted.push(this.#emit(keyset, memberEvent(change, this.#ports.clock.wallMs())));
    }
    await Promise.all(emitted);
  }

  /** Announces every open interval now, and opens no other. */
  async stop(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { timer } of open) timer.cancel();
    await Promise.all(open.map(({ keyset, channel }) => this.#lease(keyset, channel, 0)));
  }

  // The first change opens the interval; the ones that follow are found when it ends.
  #openInterval(keyset: string, channel: string, intervalMs: number, waitMs = intervalMs): void {
    const key = `${keyset}\n${channel}`;
    if (this.#open.has(key)) return;
    const timer = this.#ports.clock.after(waitMs, () => {
      this.#open.delete(key);
      this.#lease(keyset, channel, intervalMs).catch(this.#ports.failed);
    });
    this.#open.set(key, { keyset, channel, timer });
  }

  async #lease(keyset: string, channel: string, intervalMs: number): Promise<void> {
    const answer = this.#ports.store.lease({ keyset, channel, intervalMs });
    await after(answer, (known) => {
      if (known.kind === "early") return this.#openInterval(keyset, channel, intervalMs, known.waitMs);
      return this.#emitInterval(keyset, channel, known);
    });
  }

  async #emitInterval(keyset: string, channel: string, answer: LeaseAnswer): Promise<void> {
    if (answer.kind !== "granted") return;
    const { presenceDeltas: hasDeltas } = this.#ports.settingsOf(keyset);
    const event = { channel, digest: answer.digest, hasDeltas };
    await this.#emit(keyset, intervalEvent(event, this.#ports.clock.wallMs()));
  }

  async #emit(keyset: string, draft: MessageDraft): Promise<void> {
    try {
      await this.#ports.emit(keyset, draft);
    } catch (failure) {
      this.#ports.failed(failure);
    }
  }
}
