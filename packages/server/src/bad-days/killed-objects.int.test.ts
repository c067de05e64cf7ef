import { expect, test } from "bun:test";
import { count, randomFrom, seed } from "../../../../tools/counts.ts";
import { type ServerProcess, startServer, startServerSomewhere, temporaryDirectory } from "./server-process.ts";

const ROUNDS = count({ quick: 2, full: 10 });
const CHANGES = count({ quick: 60, full: 300 });
const SEED = seed();
const USERS = ["u-0", "u-1", "u-2", "u-3"];
/** Channels that each change turns: half of them it sets and the other half it deletes. */
const HALF = 20;
const channelsOf = (change: number): readonly string[] =>
  Array.from({ length: HALF }, (_, at) => `c-${(change % 2) * HALF + at}`);
const entries = (ids: readonly string[], more: object): readonly object[] =>
  ids.map((id) => ({ channel: { id }, ...more }));

interface Membership {
  readonly channel: { readonly id: string };
  readonly status: string;
}

/** Changes a user's memberships one change after another. @returns the last one that was acknowledged. */
async function change(url: string, user: string, from: number, acknowledged: () => void): Promise<number> {
  let last = from - 1;
  try {
    for (let at = from; at < from + CHANGES; at++) {
      const body = { set: entries(channelsOf(at), { status: String(at) }), delete: entries(channelsOf(at + 1), {}) };
      const path = `${url}/v2/objects/demo/uuids/${user}/channels?limit=0`;
      const response = await fetch(path, { method: "PATCH", body: JSON.stringify(body) });
      if (response.status !== 200) break;
      last = at;
      acknowledged();
    }
  } catch {
    // The server is gone.
  }
  return last;
}

async function changeAndKill(
  server: ServerProcess,
  from: readonly number[],
  killAt: number,
): Promise<readonly number[]> {
  let acknowledgements = 0;
  let killed: Promise<number> | undefined;
  const acknowledged = (): void => {
    acknowledgements += 1;
    if (acknowledgements >= killAt) killed ??= server.end("SIGKILL");
  };
  const lasts = await Promise.all(USERS.map((user, at) => change(server.url, user, from[at] ?? 0, acknowledged)));
  await killed;
  return lasts;
}

test(`[OBJ42 OBJ45] killed amid changes of memberships, ${ROUNDS} times: each is there as a whole or not at all (seed ${SEED})`, async () => {
  const random = randomFrom(SEED);
  using directory = temporaryDirectory();
  await using servers = new AsyncDisposableStack();
  let server = servers.use(await startServerSomewhere({ dataDir: directory.path }));
  const { port } = server;
  let next: number[] = USERS.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    const lasts = await changeAndKill(server, next, 5 + Math.trunc(random() * CHANGES * 2));
    server = servers.use(await startServer({ dataDir: directory.path, port }));
    next = [];
    for (const [at, user] of USERS.entries()) {
      const response = await fetch(`${server.url}/v2/objects/demo/uuids/${user}/channels?include=status`);
      const { data } = (await response.json()) as { readonly data: readonly Membership[] };
      const found = Number(data[0]?.status ?? -1);
      // The one after the last that was acknowledged may have been made without its answer.
      expect([lasts[at], (lasts[at] ?? 0) + 1]).toContain(found);
      expect(data.map(({ status }) => Number(status))).toEqual(Array<number>(found < 0 ? 0 : HALF).fill(found));
      if (found >= 0) expect(new Set(data.map(({ channel }) => channel.id))).toEqual(new Set(channelsOf(found)));
      next.push(found + 1);
    }
    for (const channel of [...channelsOf(0), ...channelsOf(1)]) {
      const response = await fetch(`${server.url}/v2/objects/demo/channels/${channel}/uuids?count=true`);
      const { data, totalCount } = (await response.json()) as {
        readonly data: readonly unknown[];
        readonly totalCount: number;
      };
      expect(totalCount).toBe(data.length);
    }
  }
}, 300_000);
