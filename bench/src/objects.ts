/**
 * How long listings of objects take at a keyset's recommended size. Run by hand:
 * `bun bench/src/objects.ts DIRECTORY [USERS] [CHANNELS] [MEMBERSHIPS]`.
 *
 * Fills the directory's database once, by statements of its own, and lists through the store, as the edge does: what is
 * measured is the store's call, without sockets. A directory that is filled already is only measured.
 *
 * @module
 */
import { join } from "node:path";
import { readObjectFilter } from "../../packages/server/src/objects/object-filter.ts";
import type { Listed } from "../../packages/server/src/objects/object-fields.ts";
import { readObjectSort } from "../../packages/server/src/objects/object-sort.ts";
import { openDataDirectory } from "../../packages/server/src/adapters/embedded/data-directory.ts";
import { SqliteObjectStore } from "../../packages/server/src/adapters/embedded/sqlite-object-store.ts";
import { openWriting } from "../../packages/server/src/adapters/embedded/sqlite-writer.ts";
import type { Listing } from "../../packages/server/src/ports/object-listing.ts";

const [directory = "", users = "1000000", channels = "100000", memberships = "5000000"] = process.argv.slice(2);
const SIZES = { users: Number(users), channels: Number(channels), memberships: Number(memberships) };
const RUNS = 300;
const KEYSET = "bench";

const storage = openDataDirectory(directory, "normal");
const store = new SqliteObjectStore(storage.reading, storage.writer, console.error);
fill();
await Bun.file(join(directory, "longwave.db")).bytes(); // into the system's cache, where a busy network has it

interface Case {
  readonly listed: Listed;
  /** Of run number `at`, so that no two runs find their rows in the same place. */
  readonly filter?: (at: number) => string;
  readonly sort?: string;
  readonly id?: (at: number) => string;
  readonly offset?: number;
  readonly counts?: boolean;
  readonly includesOther?: boolean;
}

const USERS: Listed = { of: "metadata", kind: "uuid" };
const CHANNELS: Listed = { of: "metadata", kind: "channel" };
const MEMBERSHIPS: Listed = { of: "relations", other: "channel" };
const MEMBERS: Listed = { of: "relations", other: "uuid" };
const user = (at: number): string => `user-${String((at * 7_919) % SIZES.users).padStart(7, "0")}`;
const channel = (at: number): string => `channel-${String((at * 7_919) % SIZES.channels).padStart(6, "0")}`;
const big = (): string => "channel-big";

const CASES: Readonly<Record<string, Case>> = {
  users: { listed: USERS, counts: true },
  "users at offset 900 000": { listed: USERS, offset: 900_000 },
  "users by name": { listed: USERS, sort: "name" },
  "users by name, descending": { listed: USERS, sort: "name:desc" },
  "users by name, descending, and updated": { listed: USERS, sort: "name:desc,updated" },
  "users, name == || email ==": {
    listed: USERS,
    filter: (at) => `name == 'Name ${at}' || email == '${user(at)}@example.com'`,
  },
  "users, name ==": { listed: USERS, filter: (at) => `name == 'Name ${at * 31}'`, counts: true },
  "users, name LIKE": { listed: USERS, filter: (at) => `name LIKE 'name ${at * 31}*'`, counts: true },
  "users, email ==": { listed: USERS, filter: (at) => `email == '${user(at)}@example.com'` },
  "users, externalId ==": { listed: USERS, filter: (at) => `externalId == 'x-${at}'` },
  "users, id LIKE": { listed: USERS, filter: (at) => `id LIKE '${user(at).slice(0, 10)}*'` },
  "users, status == (a third)": { listed: USERS, filter: () => "status == 'active'" },
  "users, status == (a third), by name": { listed: USERS, filter: () => "status == 'active'", sort: "name" },
  "users, status == (a thousandth), by name": { listed: USERS, filter: () => "status == 'rare'", sort: "name" },
  "users, type == && status ==": { listed: USERS, filter: () => "type == 'type-3' && status == 'active'" },
  "users, status == && custom": { listed: USERS, filter: () => "status == 'active' && custom.age > 50" },
  "users, updated >=": { listed: USERS, filter: () => "updated >= '2026-01-01T00:00:00Z'" },
  "users, updated >=, latest first": { listed: USERS, filter: () => "updated >= '2026-01-01'", sort: "updated:desc" },
  "channels, name LIKE": { listed: CHANNELS, filter: (at) => `name LIKE 'room ${at}*'`, counts: true },
  memberships: { listed: MEMBERSHIPS, id: user, counts: true },
  "memberships, channel.name LIKE": { listed: MEMBERSHIPS, id: user, filter: () => "channel.name LIKE 'room 1*'" },
  "memberships, status ==": { listed: MEMBERSHIPS, id: user, filter: () => "status == 'active'", counts: true },
  members: { listed: MEMBERS, id: channel, counts: true },
  "members, uuid.name LIKE": { listed: MEMBERS, id: channel, filter: () => "uuid.name LIKE 'name 1*'", counts: true },
  "members with their metadata": { listed: MEMBERS, id: channel, includesOther: true },
  "members of a tenth": { listed: MEMBERS, id: big, counts: true },
  "members of a tenth, status ==": { listed: MEMBERS, id: big, filter: () => "status == 'active'" },
  "members of a tenth, uuid.name ==": { listed: MEMBERS, id: big, filter: (at) => `uuid.name == 'Name ${at * 10}'` },
  "members of a tenth, uuid.name LIKE": { listed: MEMBERS, id: big, filter: (at) => `uuid.name LIKE 'name ${at}*'` },
  "members of a tenth, by uuid.name": { listed: MEMBERS, id: big, sort: "uuid.name" },
  "members of a tenth, latest first": { listed: MEMBERS, id: big, sort: "updated:desc" },
};

for (const [name, one] of Object.entries(CASES)) await measure(name, one);
await store.stop();
await storage.writer.close();
storage.close();

async function measure(
  name: string,
  { listed, filter, sort, id, offset = 0, counts = false, includesOther = false }: Case,
): Promise<void> {
  const times: number[] = [];
  const cpu: number[] = []; // what other programs do at the same time is not in it
  let found = "";
  for (let at = 0; at < RUNS; at++) {
    const listing: Listing = {
      condition: filter && conditionOf(listed, filter(at)),
      sort: readObjectSort(listed, sort?.split(",") ?? []) ?? [],
      offset,
      limit: 100,
      counts,
    };
    const before = process.cpuUsage();
    const startedAt = performance.now();
    const outcome =
      listed.of === "metadata"
        ? await store.listMetadata({ ...listing, keyset: KEYSET, kind: listed.kind })
        : await store.listRelations({
            ...listing,
            keyset: KEYSET,
            kind: kindOf(listed),
            id: id?.(at) ?? "",
            includesOther,
          });
    times.push(performance.now() - startedAt);
    const used = process.cpuUsage(before);
    cpu.push((used.user + used.system) / 1_000);
    found = outcome.kind === "page" ? `${outcome.items.length} of ${outcome.total ?? "?"}` : outcome.kind;
  }
  for (const list of [times, cpu]) list.sort((one, other) => one - other);
  const at = (list: readonly number[], share: number): string =>
    (list[Math.floor(share * RUNS)] ?? 0).toFixed(2).padStart(7);
  const figures = `p50 ${at(times, 0.5)} ms  p99 ${at(times, 0.99)} ms  CPU p50 ${at(cpu, 0.5)} p99 ${at(cpu, 0.99)} ms`;
  console.log(`${name.padEnd(42)} ${figures}  last: ${found}`);
}

function kindOf(listed: Extract<Listed, { readonly of: "relations" }>): "uuid" | "channel" {
  return listed.other === "uuid" ? "channel" : "uuid";
}

function conditionOf(listed: Listed, text: string): Listing["condition"] {
  const outcome = readObjectFilter(listed, text);
  if (outcome.kind === "malformed") throw new Error(outcome.reason);
  return outcome.condition;
}

function fill(): void {
  const database = openWriting({ path: join(directory, "longwave.db"), synchronous: "normal" });
  const isFilled = database.query("SELECT 1 FROM object_collection").get() !== null;
  if (!isFilled) {
    const startedAt = performance.now();
    database.run("PRAGMA cache_size = -1000000");
    const series = (size: number): string =>
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${size})`;
    const since = 1_735_689_600_000_000n; // 2025
    database.run(`INSERT INTO object_collection (id, keyset, kind) VALUES
      (1, '${KEYSET}', 'uuid'), (2, '${KEYSET}', 'channel'), (3, '${KEYSET}', 'relation')`);
    database.run(`${series(SIZES.users)} INSERT INTO object_metadata
      (collection_id, id, name, external_id, email, type, status, custom, updated_us, etag)
      SELECT 1, printf('user-%07d', i), 'Name ' || (i * 7919 % ${SIZES.users}), 'x-' || i,
      printf('user-%07d@example.com', i), 'type-' || (i % 10),
      CASE WHEN i % 1000 = 0 THEN 'rare' WHEN i % 3 = 0 THEN 'active' ELSE 'idle' END,
      json_object('age', i % 90, 'city', 'city-' || (i % 100)), ${since} + i * 40000000, '0123456789abcdef0123456789abcdef'
      FROM n`);
    database.run(`${series(SIZES.channels)} INSERT INTO object_metadata
      (collection_id, id, name, description, updated_us, etag)
      SELECT 2, printf('channel-%06d', i), 'Room ' || i, 'a room', ${since} + i, '0123456789abcdef0123456789abcdef' FROM n`);
    database.run(`${series(SIZES.users / 10)} INSERT INTO object_relation
      (collection_id, uuid, channel, type, status, updated_us, etag)
      SELECT 3, printf('user-%07d', i * 10), 'channel-big', 'member',
      CASE WHEN i % 3 = 0 THEN 'active' ELSE 'idle' END, ${since} + i, 'AY39mJKK//C0VA' FROM n`);
    const each = Math.max(1, Math.floor(SIZES.memberships / SIZES.users));
    for (let round = 0; round < each; round++) {
      database.run(`${series(SIZES.users)} INSERT INTO object_relation
        (collection_id, uuid, channel, type, status, updated_us, etag)
        SELECT 3, printf('user-%07d', i), printf('channel-%06d', (i * 31 + ${round} * 977) % ${SIZES.channels}), 'member',
        CASE WHEN i % 3 = 0 THEN 'active' ELSE 'idle' END, ${since} + i, 'AY39mJKK//C0VA' FROM n`);
      console.log(
        `${round + 1} of ${each} memberships each, ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`,
      );
    }
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  console.log(`${(Bun.file(join(directory, "longwave.db")).size / 2 ** 20).toFixed(0)} MiB`);
  database.close();
}
