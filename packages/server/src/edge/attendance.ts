/**
 * Presence of those who subscribe: every poll and every living stream is a sign of life of its uuid.
 *
 * Rules: spec/PRESENCE.md PRE70-PRE73.
 *
 * @module
 */
import type { Keyset } from "../access/keysets.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { SubscribeCommand } from "../channels/subscribe.ts";
import { type Exchange, keysetOf } from "./exchange.ts";
import type { Claim } from "./permit.ts";
import { readStates, readTimeoutSeconds } from "./presence-request.ts";
import type { Services } from "./services.ts";

/** What somebody is subscribed to. */
type Names = Pick<SubscribeCommand, "names" | "groups">;

/** One subscriber's signs of life. */
export class Attendance {
  readonly #services: Services;
  readonly #keyset: Keyset;
  readonly #uuid: string;
  readonly #timeoutSeconds: number | undefined;
  #states: ReadonlyMap<string, string> | undefined;

  constructor(services: Services, keyset: Keyset, uuid: string, exchange: Exchange) {
    const { query } = exchange.target;
    this.#services = services;
    this.#keyset = keyset;
    this.#uuid = uuid;
    this.#timeoutSeconds = readTimeoutSeconds(query);
    this.#states = readStates(query);
  }

  /** Joins, or moves the deadline. A network that has no room for more members does not refuse a subscription for it. At once where nobody is told of it. */
  show(names: Names): MaybePromise<unknown> {
    const states = this.#states;
    this.#states = undefined; // what the request brought counts once, not with every sign of life that follows
    const channels = channelsOf(names);
    const groups = groupsOf(names);
    const timeoutSeconds = this.#timeoutSeconds;
    return this.#services.presence.attend({
      keyset: this.#keyset,
      uuid: this.#uuid,
      channels,
      groups,
      timeoutSeconds,
      states,
    });
  }

  /** The client's connection has ended: a leave where the keyset says so. */
  async end(names: Names): Promise<void> {
    if (!this.#keyset.presenceLeaveOnDisconnect) return;
    const meant = { keyset: this.#keyset, uuid: this.#uuid, channels: channelsOf(names), groups: groupsOf(names) };
    await this.#services.presence.leave(meant);
  }
}

function channelsOf({ names }: Names): readonly string[] {
  return names.map(({ name }) => name);
}

function groupsOf({ groups }: Names): readonly string[] {
  if (groups.length === 0) return NO_GROUPS;
  return groups.filter(({ isPresence }) => !isPresence).map(({ group }) => group);
}

const NO_GROUPS: readonly string[] = Object.freeze([]);

/**
 * The attendance of whoever subscribes; nothing for a request without a uuid, or where the keyset has no presence.
 *
 * @throws {NetworkError} `heartbeatMalformed`, `presenceStateMalformed`, `presenceStateTooLarge`.
 */
export function attendanceOf(services: Services, exchange: Exchange, { uuid }: Claim): Attendance | undefined {
  const keyset = keysetOf(exchange);
  if (!keyset.hasPresence || uuid === undefined || uuid === "") return undefined;
  return new Attendance(services, keyset, uuid, exchange);
}
