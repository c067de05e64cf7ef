/**
 * Several followers with different interests, and the account of what each of them was due and got.
 *
 * For tests only.
 *
 * @module
 */
import type { Acknowledged } from "./flood.ts";
import { Follower } from "./follower.ts";

/** The channels that are published to. */
export const CHANNELS = ["bad.a", "bad.b", "bad.c", "other"] as const;

// What each follower asks for, and the channels that it hears so.
const INTERESTS: Readonly<Record<string, readonly string[]>> = {
  "bad.a": ["bad.a"],
  "bad.*": ["bad.a", "bad.b", "bad.c"],
  "bad.b,other": ["bad.b", "other"],
  "other,bad.*": CHANNELS,
};

/** What went wrong on the way to one follower; all empty when nothing did. */
export interface Complaints {
  readonly follower: string;
  readonly lost: readonly number[];
  readonly repeated: readonly unknown[];
  /** Timetokens that are not greater than the one before. */
  readonly outOfOrder: readonly string[];
}

/** Followers of everything. Disposed of, they poll no more. */
export class Audience implements AsyncDisposable {
  readonly followers: readonly Follower[];
  readonly #url: string;

  /** @param cursor where they begin; without one, now. */
  constructor(url: string, cursor?: string) {
    this.#url = url;
    this.followers = Object.keys(INTERESTS).map((names) => new Follower(url, names, cursor));
  }

  /** Waits until all have their cursors. @returns one from before everything that is published later. */
  async ready(): Promise<string> {
    await Promise.all(this.followers.map(({ ready }) => ready));
    return this.followers[0]?.cursor ?? "";
  }

  /** Publishes a last message to every channel and waits until everybody has got to it. */
  async end(name: string): Promise<void> {
    for (const channel of CHANNELS) {
      const path = `/publish/demo/demo/0/${channel}/0/${encodeURIComponent(JSON.stringify(`${name} ${channel}`))}`;
      const { status } = await fetch(`${this.#url}${path}`);
      if (status !== 200) throw new Error(`the last message was refused: ${status}`);
    }
    const ends = this.followers.flatMap((follower) =>
      channelsOf(follower).map((channel) => follower.until(`${name} ${channel}`)),
    );
    await Promise.all(ends);
  }

  /** Compares what was acknowledged with what came, follower by follower. */
  complaints(acknowledged: readonly Acknowledged[]): readonly Complaints[] {
    return this.followers.map((follower) => complaintsOf(follower, acknowledged));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.followers.map((follower) => follower[Symbol.asyncDispose]()));
  }
}

/** What an audience without complaints says. */
export const CONTENT: readonly Complaints[] = Object.keys(INTERESTS).map((follower) => ({
  follower,
  lost: [],
  repeated: [],
  outOfOrder: [],
}));

function channelsOf({ names }: Follower): readonly string[] {
  return INTERESTS[names] ?? [];
}

function complaintsOf(follower: Follower, acknowledged: readonly Acknowledged[]): Complaints {
  const { received, names } = follower;
  const due = acknowledged.filter(({ channel }) => channelsOf(follower).includes(channel));
  const got = new Map(received.map(({ payload, timetoken, channel }) => [payload, `${timetoken} ${channel}`]));
  const seen = new Set<unknown>();
  return {
    follower: names,
    lost: due.filter(({ id, timetoken, channel }) => got.get(id) !== `${timetoken} ${channel}`).map(({ id }) => id),
    repeated: received.flatMap(({ payload }) => (seen.size === seen.add(payload).size ? [payload] : [])),
    outOfOrder: received.flatMap(({ timetoken }, at) =>
      at > 0 && timetoken <= (received[at - 1]?.timetoken ?? "") ? [timetoken] : [],
    ),
  };
}
