import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Database } from "bun:sqlite";
import { LIMITS } from "@longwave/protocol";
import { KEYSET } from "../../conformance/fixtures.ts";
import type { Listed } from "../../objects/object-fields.ts";
import { readObjectFilter } from "../../objects/object-filter.ts";
import { readObjectSort } from "../../objects/object-sort.ts";
import type { Listing } from "../../ports/object-listing.ts";
import type { ObjectKind } from "../../ports/object-record.ts";
import { type EmbeddedStorage, openInMemory } from "./data-directory.ts";
import { OBJECT_BOUNDS, SqliteObjectStore } from "./sqlite-object-store.ts";

// More than a listing may look at one by one, so that only an index leads to a page.
const USERS = LIMITS.objectRowsPerListingMax * 2;

let storage: EmbeddedStorage;
beforeAll(() => {
  storage = openInMemory();
  const series = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${USERS})`;
  storage.reading.run(`INSERT INTO object_collection (id, keyset, kind)
    VALUES (1, '${KEYSET}', 'uuid'), (2, '${KEYSET}', 'channel'), (3, '${KEYSET}', 'relation')`);
  storage.reading.run(`${series} INSERT INTO object_metadata
    (collection_id, id, name, external_id, email, type, status, custom, updated_us, etag)
    SELECT 1, printf('u-%06d', i), 'Name ' || i, 'x-' || i, 'm' || i || '@example.com', 'type-' || (i % 2),
    CASE WHEN i % 1000 = 0 THEN 'rare' ELSE 'common' END, json_object('n', i), i, 'tag' FROM n`);
  storage.reading.run(`${series} INSERT INTO object_relation
    (collection_id, uuid, channel, type, status, updated_us, etag)
    SELECT 3, printf('u-%06d', i), 'big', 'member', CASE WHEN i % 1000 = 0 THEN 'rare' ELSE 'common' END, i, 'tag'
    FROM n`);
});
afterAll(() => storage.close());

/** A connection that tells how each statement that is run on it would be performed. */
function explaining(database: Database): { readonly database: Database; readonly plans: string[] } {
  const plans: string[] = [];
  const explained = new Proxy(database, {
    get(target, property) {
      if (property !== "prepare") return Reflect.get(target, property, target) as unknown;
      return (text: string) => {
        const steps = target.query<{ readonly detail: string }, []>(`EXPLAIN QUERY PLAN ${text}`).all();
        plans.push(...steps.map(({ detail }) => detail));
        return target.prepare(text);
      };
    },
  });
  return { database: explained, plans };
}

interface Case {
  readonly listed: Listed;
  readonly filter?: string;
  readonly sort?: string;
}

const USER_LIST: Listed = { of: "metadata", kind: "uuid" };
const MEMBER_LIST: Listed = { of: "relations", other: "uuid" };
const MEMBERSHIP_LIST: Listed = { of: "relations", other: "channel" };

async function list(database: Database, one: Case): Promise<{ readonly kind: string; readonly total?: unknown }> {
  const store = new SqliteObjectStore(database, storage.writer, () => {});
  const listing = listingOf(one);
  if (one.listed.of === "metadata") return store.listMetadata({ ...listing, keyset: KEYSET, kind: one.listed.kind });
  const place: { readonly kind: ObjectKind; readonly id: string } =
    one.listed.other === "uuid" ? { kind: "channel", id: "big" } : { kind: "uuid", id: "u-000000" };
  return store.listRelations({ ...listing, keyset: KEYSET, ...place, includesOther: false });
}

function listingOf({ listed, filter, sort }: Case): Listing {
  const outcome = filter === undefined ? undefined : readObjectFilter(listed, filter);
  if (outcome?.kind === "malformed") throw new Error(outcome.reason);
  const keys = readObjectSort(listed, sort?.split(",") ?? []);
  if (!keys) throw new Error(sort);
  return { condition: outcome?.condition, sort: keys, offset: 0, limit: 10, counts: false };
}

const INDEXED: Readonly<Record<string, readonly (readonly [text: string, index: string])[]>> = {
  "users by a filter": [
    ["id == 'u-000001'", "by_id (collection_id=? AND id=?"],
    ["id > 'u-000001'", "by_id (collection_id=? AND id>?"],
    ["id LIKE 'U-00000*'", "by_id_in_any_case (collection_id=? AND id>? AND id<?"],
    ["name == 'Name 7'", "by_name (collection_id=? AND name=?"],
    ["name LIKE 'name 77*'", "by_name (collection_id=? AND name>? AND name<?"],
    ["name < 'name 1000'", "by_name (collection_id=? AND name<?"],
    ["name == null", "by_name (collection_id=? AND name=?"],
    ["externalId == 'x-7'", "by_external_id (collection_id=? AND external_id=?"],
    ["email == 'm7@example.com'", "by_email (collection_id=? AND email=?"],
    ["email LIKE 'm77*' && custom.n > 5", "by_email (collection_id=? AND email>? AND email<?"],
    ["type == 'type-1'", "by_type (collection_id=? AND type=?"],
    ["status == 'rare'", "by_status (collection_id=? AND status=?"],
    ["status == 'common' && name LIKE '*9'", "by_status (collection_id=? AND status=?"],
    ["name == 'Name 7' || email == 'm9@example.com'", "by_email (collection_id=? AND email=?"],
    ["status == 'rare' || type == 'none'", "USING INTEGER PRIMARY KEY"],
    ["updated >= '1970-01-01T00:00:00.005Z'", "by_updated (collection_id=? AND updated_us>?"],
  ],
  "users in an order": [
    ["id", "by_id (collection_id=?)"],
    ["id:desc", "by_id (collection_id=?)"],
    ["name", "by_name (collection_id=?)"],
    ["name:desc", "by_name (collection_id=?)"],
    ["name:desc,id:desc", "by_name (collection_id=?)"],
    ["externalId", "by_external_id (collection_id=?)"],
    ["email:desc", "by_email (collection_id=?)"],
    ["type", "by_type (collection_id=?)"],
    ["status:desc", "by_status (collection_id=?)"],
    ["updated", "by_updated (collection_id=?)"],
    ["updated:desc", "by_updated (collection_id=?)"],
  ],
  "members by a filter": [
    ["uuid.id == 'u-000001'", "by_channel (collection_id=? AND channel=? AND uuid=?"],
    ["status == 'rare'", "by_status (collection_id=? AND channel=? AND status=?"],
    ["type == 'member'", "by_type (collection_id=? AND channel=? AND type=?"],
    ["updated < '1970-01-01T00:00:00.019Z'", "by_updated (collection_id=? AND channel=? AND updated_us<?"],
    ["uuid.name == 'Name 7'", "by_name (collection_id=? AND name=?"],
    ["uuid.name LIKE 'name 77*'", "by_name (collection_id=? AND name>? AND name<?"],
    ["uuid.email == 'm7@example.com'", "by_email (collection_id=? AND email=?"],
  ],
  "members in an order": [
    ["uuid.id", "by_channel (collection_id=? AND channel=?)"],
    ["status", "by_status (collection_id=? AND channel=?)"],
    ["updated:desc", "by_updated (collection_id=? AND channel=?)"],
    ["uuid.name", "by_name (collection_id=?)"],
  ],
  "memberships by a filter": [
    ["channel.id == 'big'", "by_uuid (collection_id=? AND uuid=? AND channel=?"],
    ["status == 'rare'", "by_uuid (collection_id=? AND uuid=?)"],
    ["channel.name == 'Big'", "by_name (collection_id=? AND name=?"],
  ],
};

for (const [name, cases] of Object.entries(INDEXED)) {
  const [what = "", , , way] = name.split(" ");
  const listed = { users: USER_LIST, members: MEMBER_LIST, memberships: MEMBERSHIP_LIST }[what] ?? USER_LIST;
  for (const [text, index] of cases) {
    test(`[OBJ27] ${name}: ${text} uses its index`, async () => {
      const { database, plans } = explaining(storage.reading);
      const outcome = await list(database, { listed, [way === "order" ? "sort" : "filter"]: text });
      expect(outcome.kind).toBe("page");
      expect(plans.join("\n")).toContain(index);
      // No table is read as a whole: what is scanned is what an index has led to.
      expect(plans.filter((detail) => /^SCAN (?!r$|k$|u$|\(subquery)/.test(detail))).toEqual([]);
      if (way === "order") expect(plans.join("\n")).not.toContain("TEMP B-TREE");
    });
  }
}

const REFUSED: readonly Case[] = [
  { listed: USER_LIST, filter: "custom.n == -1" },
  { listed: USER_LIST, filter: "status == 'common' && custom.n == -1" },
  { listed: USER_LIST, filter: "name LIKE '*nobody*'" },
  { listed: USER_LIST, sort: "custom.n" },
  { listed: USER_LIST, sort: "profileUrl" },
  { listed: USER_LIST, sort: "type,name" },
  { listed: MEMBER_LIST, filter: "uuid.custom.n == -1" },
  { listed: MEMBER_LIST, sort: "custom.n" },
];

for (const one of REFUSED) {
  test(`[OBJ28] ${JSON.stringify(one)} would look at too many rows`, async () => {
    expect(await list(storage.reading, one)).toEqual({ kind: "tooManyRows" });
  });
}

const FOUND_EARLY: readonly Case[] = [
  { listed: USER_LIST, filter: "custom.n >= 100" },
  { listed: USER_LIST, filter: "name LIKE '*5'", sort: "updated:desc" },
  { listed: USER_LIST, sort: "name:desc,updated" },
  { listed: USER_LIST, filter: "type == 'type-1'", sort: "updated,name:desc" },
  { listed: USER_LIST, sort: "id:desc,name" },
  { listed: MEMBER_LIST, sort: "updated:desc,status" },
  { listed: MEMBER_LIST, sort: "uuid.name,status" },
  { listed: USER_LIST, filter: "status == 'common'", sort: "name" },
  { listed: MEMBER_LIST, filter: "uuid.custom.n != 5" },
];

for (const one of FOUND_EARLY) {
  test(`[OBJ28] ${JSON.stringify(one)} fills its page before that`, async () => {
    expect(await list(storage.reading, one)).toMatchObject({ kind: "page", items: { length: 10 } });
  });
}

test("[OBJ26 OBJ28] several keys make the right page of many records, also where the first one has large groups", async () => {
  const bounds = { smallRows: 50, rowsMax: 500, countedMax: 500 };
  const { reading, writer } = storage;
  const small = new SqliteObjectStore(reading, writer, () => {}, { ...OBJECT_BOUNDS, listings: bounds });
  const whole = { smallRows: USERS, rowsMax: USERS, countedMax: USERS };
  const large = new SqliteObjectStore(reading, writer, () => {}, { ...OBJECT_BOUNDS, listings: whole });
  const cases: readonly (readonly [sort: string, kind: string])[] = [
    ["status:desc,name:desc", "page"],
    ["name:desc,updated", "page"],
    ["name,id:desc", "page"],
    ["updated:desc,email", "page"],
    ["status,name", "tooManyRows"],
    ["profileUrl,name", "tooManyRows"],
  ];
  for (const [sort, kind] of cases) {
    for (const offset of [0, 7]) {
      const request = { ...listingOf({ listed: USER_LIST, sort }), offset, keyset: KEYSET, kind: "uuid" } as const;
      const page = await small.listMetadata(request);
      expect([sort, page.kind]).toEqual([sort, kind]);
      if (page.kind === "page") expect<object>(page).toEqual(await large.listMetadata(request));
    }
  }
});

const RANGES: readonly (readonly [filter: string, first: string])[] = [
  ["updated >= '1970-01-01T00:00:00.005Z'", "u-005000"],
  ["updated >= '1970-01-01T00:00:00.005Z' && custom.n != 5000", "u-005001"],
  ["name LIKE 'name 1*'", "u-000001"],
  ["name < 'name 5'", "u-000000"],
  ["updated >= '1970-01-01T00:00:00.0199Z'", "u-019900"],
];

for (const [filter, first] of RANGES) {
  test(`[OBJ29] ${filter}, without an order, is that of the filter's field where it leaves many`, async () => {
    const page = await list(storage.reading, { listed: USER_LIST, filter });
    expect(page).toMatchObject({ kind: "page", items: { 0: { id: first } } });
    const sort = filter.startsWith("name") ? "name" : "updated";
    expect(page).toEqual(await list(storage.reading, { listed: USER_LIST, filter, sort }));
  });
}
