/**
 * The loop that performs the effects of a client's presence: one heartbeat at a time, or one pause; leaves beside them.
 *
 * Without an interval one heartbeat says that the client is there, and the subscription's own requests are signs of life from
 * then on. The only place of this room that knows network and time. Rules: spec/SDK.md SDK35-SDK37.
 *
 * @module
 */
import { type Caller, perform } from "../endpoints/call.ts";
import { heartbeatCall, leaveCall } from "../endpoints/presence.ts";
import { PubNubError } from "../errors.ts";
import { present } from "../json.ts";
import type { StatusEvent } from "../status.ts";
import { STATUS_CATEGORIES } from "../status.ts";
import { isForGood } from "../subscription/answer.ts";
import { type Names, NO_NAMES, difference, isEmpty } from "../subscription/names.ts";
import { Machine } from "../machine.ts";
import { type Timers, unlessAborted } from "../timers.ts";
import { presenceTransition } from "./machine.ts";
import type { PresenceMemory } from "./memory.ts";
import { ABSENT, type PresenceEffect, type PresenceHappening, type PresenceState } from "./states.ts";

/** What the loop works with. */
export interface PresenceParts {
  readonly caller: Caller;
  readonly timers: Timers;
  readonly memory: PresenceMemory;
  /** What a leave has to wait for, so that nothing that was sent before it comes after it; nothing where there is nothing. */
  readonly before: () => Promise<void> | undefined;
  /** Takes the statuses of heartbeats. */
  readonly tell: (status: StatusEvent) => void;
}

/** One client's presence. */
export class PresenceLoop {
  readonly #parts: PresenceParts;
  readonly #machine = new Machine(ABSENT, presenceTransition, (effect: PresenceEffect) => this.#perform(effect));
  #underway: Promise<unknown> | undefined; // the heartbeat that was sent last
  #intervalMs: number;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    this.#intervalMs = parts.caller.configuration.heartbeatInterval;
  }

  /** Sets the pause between heartbeats, in milliseconds, zero for none; a heartbeat follows at once. */
  setInterval(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    const { name } = this.#machine.state;
    if (name === "beating" || name === "resting") this.handle({ kind: "joined", ...NO_NAMES });
  }

  /** Takes what happened and performs what follows from it. */
  handle(event: PresenceHappening): void {
    this.#machine.handle(event);
  }

  #perform(effect: PresenceEffect): void {
    switch (effect.kind) {
      case "heartbeat":
        void this.#beat(effect, this.#machine.replace());
        break;
      case "leave":
        this.#leave(effect);
        break;
      case "wait":
        this.#wait(this.#machine.replace());
        break;
      case "cancel":
        this.#machine.replace();
        break;
      case "tell":
        this.#tell(effect.error, effect);
        break;
    }
  }

  // At the end of the turn, so that names that are joined one by one beat once.
  async #beat(names: Names, signal: AbortSignal): Promise<void> {
    await Promise.resolve();
    if (signal.aborted) return;
    const beat = this.#eventOf(names);
    this.#underway = beat;
    const event = await beat;
    if (!signal.aborted) this.handle(event);
  }

  // Never cut off: the network might take it all the same, after the leave that follows it.
  async #eventOf({ channels, groups }: Names): Promise<PresenceHappening> {
    const states = this.#parts.memory.statesOf({ channels, groups });
    const state = Object.keys(states).length === 0 ? undefined : states;
    try {
      await perform(this.#parts.caller, heartbeatCall, { channels, channelGroups: groups, state });
      return { kind: "succeeded" };
    } catch (failure) {
      const error = failure as PubNubError; // a call throws nothing else
      return { kind: isForGood(error.status ?? 0) ? "refused" : "lost", error };
    }
  }

  // Nobody waits for it: where it fails, the network notices the absence by itself.
  #leave({ channels, groups }: Names): void {
    const { caller, before } = this.#parts;
    if (caller.configuration.suppressLeaveEvents) return;
    const leave = async (): Promise<void> => {
      await Promise.resolve(); // what gives the subscription up is done in this turn
      await Promise.all([before(), this.#underway]);
      const gone = difference({ channels, groups }, presentIn(this.#machine.state)); // but for what has come back meanwhile
      if (!isEmpty(gone)) await perform(caller, leaveCall, { channels: gone.channels, channelGroups: gone.groups });
    };
    leave().catch(() => {});
  }

  #wait(signal: AbortSignal): void {
    if (this.#intervalMs === 0) return;
    unlessAborted(this.#parts.timers, this.#intervalMs, signal, () => this.handle({ kind: "due" }));
  }

  #tell(error: PubNubError | undefined, { channels, groups }: Names): void {
    const { announceSuccessfulHeartbeats, announceFailedHeartbeats } = this.#parts.caller.configuration;
    const isAsked = this.#intervalMs > 0; // an application without heartbeats is not troubled with one that failed
    if (!isAsked || !(error === undefined ? announceSuccessfulHeartbeats : announceFailedHeartbeats)) return;
    this.#parts.tell(
      present<StatusEvent>({
        category: error?.category ?? STATUS_CATEGORIES.acknowledgment,
        operation: "PNHeartbeatOperation",
        error: error !== undefined,
        errorData: error,
        statusCode: error === undefined ? 200 : error.status,
        affectedChannels: channels,
        affectedChannelGroups: groups,
      }),
    );
  }
}

function presentIn(state: PresenceState): Names {
  return state.name === "inactive" || state.name === "stopped" ? NO_NAMES : state;
}
