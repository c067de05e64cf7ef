/**
 * What a presence store does, as plainly as it can be said: a list that is searched from its beginning every time.
 *
 * @module
 */
import type { PresenceStep } from "./presence-store.ts";

interface Row {
  readonly channel: string;
  readonly uuid: string;
  isPresent: boolean;
  timeoutMs: number;
  deadlineMs: number;
  state: string | undefined;
}

/** A presence store for one keyset that is right because it is simple. */
export class PresenceModel {
  readonly #timeoutMs: number;
  #nowMs = 0;
  #rows: Row[] = [];

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  advance(milliseconds: number): void {
    this.#nowMs += milliseconds;
  }

  /** Does a step and says what changed, each as `action channel uuid occupancy state`. */
  perform(step: PresenceStep): readonly string[] {
    switch (step.kind) {
      case "touch":
        return step.channels.flatMap((channel) => this.#touch(channel, step));
      case "leave":
        return step.channels.flatMap((channel) =>
          this.#rows
            .filter((row) => row.isPresent && is(row, channel, step.uuid))
            .map((row) => this.#end(row, "leave")),
        );
      case "state":
        return step.channels.flatMap((channel) => this.#setState(channel, step.uuid, step.state));
      case "advance":
        return this.#expire();
    }
  }

  occupants(channel: string): readonly string[] {
    const there = this.#rows.filter((row) => row.isPresent && row.channel === channel);
    return there.map(({ uuid, state }) => `${uuid} ${state}`);
  }

  channelsOf(uuid: string): readonly string[] {
    return this.#rows.filter((row) => row.isPresent && row.uuid === uuid).map(({ channel }) => channel);
  }

  #touch(channel: string, { uuid, seconds, state }: Extract<PresenceStep, { kind: "touch" }>): readonly string[] {
    const found = this.#rows.find((row) => is(row, channel, uuid));
    const given = seconds === undefined ? undefined : seconds * 1_000;
    const timeoutMs = given ?? (found?.isPresent ? found.timeoutMs : this.#timeoutMs);
    const deadlineMs = this.#nowMs + timeoutMs;
    if (!found?.isPresent) {
      const row = { channel, uuid, isPresent: true, timeoutMs, deadlineMs, state: state ?? found?.state };
      this.#rows = [...this.#rows.filter((other) => other !== found), row];
      return [this.#say("join", row, state)];
    }
    found.timeoutMs = timeoutMs;
    found.deadlineMs = deadlineMs;
    if (state === undefined || state === found.state) return [];
    found.state = state;
    return [this.#say("state-change", found, state)];
  }

  #setState(channel: string, uuid: string, state: string | undefined): readonly string[] {
    const found = this.#rows.find((row) => is(row, channel, uuid));
    if (found?.isPresent) {
      if (found.state === state) return [];
      found.state = state;
      return [this.#say("state-change", found, state)];
    }
    this.#rows = this.#rows.filter((row) => row !== found);
    const timeoutMs = this.#timeoutMs;
    const row = { channel, uuid, isPresent: false, timeoutMs, deadlineMs: this.#nowMs + timeoutMs, state };
    if (state !== undefined) this.#rows.push(row);
    return [];
  }

  #expire(): readonly string[] {
    const due = this.#rows.filter(({ deadlineMs }) => deadlineMs <= this.#nowMs);
    this.#rows = this.#rows.filter((row) => row.isPresent || !due.includes(row));
    return due.filter(({ isPresent }) => isPresent).map((row) => this.#end(row, "timeout"));
  }

  #end(row: Row, action: "leave" | "timeout"): string {
    this.#rows = this.#rows.filter((other) => other !== row);
    return this.#say(action, row, row.state);
  }

  #say(action: string, { channel, uuid }: Pick<Row, "channel" | "uuid">, state: string | undefined): string {
    const occupancy = this.occupants(channel).length;
    return `${action} ${channel} ${uuid} ${occupancy}${state === undefined ? "" : ` ${state}`}`;
  }
}

function is(row: Row, channel: string, uuid: string): boolean {
  return row.channel === channel && row.uuid === uuid;
}
