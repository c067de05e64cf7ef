import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NetworkError } from "@longwave/protocol";
import { openInMemory } from "../adapters/embedded/data-directory.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { SqliteKeysetStore } from "../adapters/embedded/sqlite-keyset-store.ts";
import { type Network, startNetwork } from "../main.ts";
import { sendSigned } from "../edge/signed-by-hand.ts";
import { SILENT_LOG } from "../observe/log.ts";
import type { ServerOptions } from "../options.ts";
import type { KeysetStore } from "../ports/keyset-store.ts";
import { StartupError } from "../startup-error.ts";
import { Access, type AccessEvent } from "./access.ts";
import { KeysetOffice } from "./keyset-office.ts";
import { KEYSET_SETTINGS, readSettings, restoreSettings } from "./keyset-settings.ts";
import { KeysetDirectory } from "./keysets.ts";

const MASTER = new Uint8Array(32).fill(5);

interface Desk extends Disposable {
  readonly access: Access;
  readonly office: KeysetOffice;
  readonly events: AccessEvent[];
  /** Keysets whose leavings were taken away. */
  readonly removed: string[];
  readonly store: KeysetStore;
  /** Whether the disk takes changes. */
  isWorking: boolean;
}

async function desk(hasWellKnown = false): Promise<Desk> {
  const storage = openInMemory();
  const sqlite = new SqliteKeysetStore(storage.reading, storage.writer);
  const events: AccessEvent[] = [];
  const removed: string[] = [];
  const store: KeysetStore = {
    load: () => sqlite.load(),
    readAudit: (request) => sqlite.readAudit(request),
    keep: async (changes) => (made.isWorking ? sqlite.keep(changes) : "unavailable"),
  };
  const access = new Access(
    {
      store,
      clock: new ManualClock(),
      announce: (event) => events.push(event),
      removed: async (keyset) => void removed.push(keyset),
    },
    new KeysetDirectory(),
  );
  const office = new KeysetOffice(access, MASTER);
  const made = { access, office, events, removed, store, isWorking: true, [Symbol.dispose]: () => storage.close() };
  await office.open(await store.load(), hasWellKnown);
  return made;
}

const codeOf = async (running: Promise<unknown>): Promise<string | undefined> =>
  running.then(
    () => undefined,
    (failure: unknown) => (failure instanceof NetworkError ? failure.code : String(failure)),
  );

/** What stands in the files below a directory. */
function textsIn(directory: string): readonly string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) =>
    entry.isFile() ? [readFileSync(join(entry.parentPath, entry.name), "latin1")] : [],
  );
}

test("keysets [ACC11] are made, set, rotated and deleted, each in force at once and announced", async () => {
  using at = await desk();
  const { keyset, secretKey } = await at.office.create({ name: "shop" }, "admin");
  const { subscribeKey } = keyset;
  const secrets = () => at.access.directory.secretsOf(subscribeKey);
  expect(at.access.directory.find(subscribeKey)).toEqual(keyset);
  expect(secrets()?.secretKey).toBe(secretKey);
  await at.office.set(subscribeKey, { accessManager: true }, "admin");
  expect(at.access.directory.find(subscribeKey)).toEqual({ ...keyset, accessManager: true });
  const rotated = await at.office.rotate(subscribeKey, { what: "secretKey" }, "admin");
  expect(rotated.secretKey).not.toBe(secretKey);
  expect(secrets()?.secretKey).toBe(rotated.secretKey);
  await at.office.delete(subscribeKey, "admin");
  expect(at.access.directory.find(subscribeKey)).toBeUndefined();
  expect(at.removed).toEqual([subscribeKey]);
  expect(at.events).toEqual(Array.from({ length: 4 }, () => ({ kind: "keysetChanged", keyset: subscribeKey })));
});

test("keysets [ACC10] take the keys of an application that moves here", async () => {
  using at = await desk();
  const given = { name: "moved", publishKey: "pub-c-1", subscribeKey: "sub-c-1", secretKey: "sec-c-MGZk+/=" };
  const { keyset, secretKey } = await at.office.create({ ...given, settings: { accessManager: true } }, "admin");
  expect(keyset).toMatchObject({ name: "moved", publishKey: "pub-c-1", subscribeKey: "sub-c-1", accessManager: true });
  expect(secretKey).toBe("sec-c-MGZk+/=");
});

test("keysets [ACC22] a token key is made anew, and the old one ends or stays", async () => {
  using at = await desk();
  const { subscribeKey } = (await at.office.create({ name: "shop" }, "admin")).keyset;
  const keys = (): readonly Uint8Array[] => at.access.directory.secretsOf(subscribeKey)?.tokenKeys ?? [];
  const [first] = keys();
  await at.office.rotate(subscribeKey, { what: "tokenKey", isOldAccepted: true }, "admin");
  const [second, ...older] = keys();
  expect(older).toEqual(first ? [first] : []);
  await at.office.rotate(subscribeKey, { what: "tokenKey", isOldAccepted: false }, "admin");
  expect(keys()).toHaveLength(1);
  expect(keys()).not.toContainEqual(second);
});

const REFUSED = {
  "an empty name": [{ name: "" }, "keysetMalformed"],
  "a name with a line break": [{ name: "a\nb" }, "keysetMalformed"],
  "a name with a space around it": [{ name: " a" }, "keysetMalformed"],
  "a key with a slash": [{ name: "a", publishKey: "a/b" }, "keysetMalformed"],
  "an empty key": [{ name: "a", subscribeKey: "" }, "keysetMalformed"],
  "a secret key with a space": [{ name: "a", secretKey: "a b" }, "keysetMalformed"],
  "a name that exists": [{ name: "taken" }, "keysetExists"],
  "a subscribe key that exists": [{ name: "a", subscribeKey: "taken" }, "keysetExists"],
} as const;
for (const [what, [request, code]] of Object.entries(REFUSED)) {
  test(`keysets [ACC10] with ${what} are refused`, async () => {
    using at = await desk();
    await at.office.create({ name: "taken", subscribeKey: "taken" }, "admin");
    expect(await codeOf(at.office.create(request, "admin"))).toBe(code);
    expect(at.access.directory.all).toHaveLength(1);
  });
}

test("keysets [ACC11] changes that come together happen one after the other", async () => {
  using at = await desk();
  const twins = [1, 2, 3].map(() => codeOf(at.office.create({ name: "a", subscribeKey: "a" }, "admin")));
  const codes = await Promise.all(twins);
  expect(codes).toEqual([undefined, "keysetExists", "keysetExists"]);
  await Promise.all([
    at.office.set("a", { accessManager: true }, "x"),
    at.office.set("a", { storesByDefault: false }, "x"),
  ]);
  expect(at.access.directory.find("a")).toMatchObject({ accessManager: true, storesByDefault: false });
});

test("keysets [ACC17] what the disk refuses is not in force, and the next change is", async () => {
  using at = await desk(true);
  at.isWorking = false;
  expect(await codeOf(at.office.create({ name: "a" }, "admin"))).toBe("accessUnavailable");
  expect(await codeOf(at.office.set("demo", { accessManager: true }, "admin"))).toBe("accessUnavailable");
  expect(await codeOf(at.office.delete("demo", "admin"))).toBe("accessUnavailable");
  expect(at.access.directory.find("demo")?.accessManager).toBe(false);
  expect(at.events).toEqual([]);
  at.isWorking = true;
  await at.office.set("demo", { accessManager: true }, "admin");
  expect(at.access.directory.find("demo")?.accessManager).toBe(true);
});

test("keysets [ACC16] every change is in the trail, with who and what and no secret", async () => {
  using at = await desk();
  const { keyset, secretKey } = await at.office.create({ name: "shop" }, "admin");
  await at.office.set(keyset.subscribeKey, { accessManager: true }, "admin");
  const { secretKey: second } = await at.office.rotate(keyset.subscribeKey, { what: "secretKey" }, "admin");
  await at.office.rotate(keyset.subscribeKey, { what: "tokenKey", isOldAccepted: true }, "admin");
  await at.office.delete(keyset.subscribeKey, "admin");
  const trail = await at.access.readAudit({ entriesMax: 10 });
  expect(trail.map(({ action, detail }) => `${action} ${detail}`.trim())).toEqual([
    'keyset deleted "shop"',
    "token key rotated tokens of the old one stay valid",
    "secret key rotated",
    "settings changed accessManager=true",
    'keyset created "shop"',
  ]);
  expect(trail.every(({ actor, keyset: key }) => actor === "admin" && key === keyset.subscribeKey)).toBe(true);
  expect(JSON.stringify(trail)).not.toContain(secretKey);
  expect(JSON.stringify(trail)).not.toContain(second);
});

test("keysets [ACC12] settings are checked by their table, and kept ones that are not valid have their default", () => {
  expect(readSettings({ accessManager: true })).toEqual({ kind: "settings", settings: { accessManager: true } });
  for (const wrong of [
    null,
    [],
    "x",
    1,
    { accessManager: 1 },
    { unknown: true },
    { __proto__: null, constructor: 1 },
  ]) {
    expect(readSettings(wrong).kind).toBe("refused");
  }
  expect(readSettings(JSON.parse('{"__proto__":{"accessManager":true}}'))).toMatchObject({ kind: "refused" });
  const restored = restoreSettings('{"accessManager":true,"storesByDefault":"no","gone":1}');
  expect(restored).toMatchObject({ accessManager: true, storesByDefault: true });
  expect(Object.keys(restored).toSorted()).toEqual(Object.keys(KEYSET_SETTINGS).toSorted());
});

const places: string[] = [];
afterAll(() => places.forEach((place) => rmSync(place, { recursive: true })));

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), "longwave-access-"));
  places.push(directory);
  return directory;
}

const start = (directory: string, options: Partial<ServerOptions> = {}): Promise<Network> =>
  startNetwork({ dataDir: join(directory, "data"), port: 0, drainSeconds: 0, ...options }, { log: SILENT_LOG });

const sentenceOf = (starting: Promise<Network>): Promise<string> =>
  starting.then(
    () => "it started",
    (failure: unknown) => (failure instanceof StartupError ? failure.message : `not in a sentence: ${failure}`),
  );

const namesOf = ({ keysets }: Network): readonly string[] => keysets.map(({ name }) => name);

test("the first start [ACC10 ACC13] makes the keysets that everybody knows, and a key that only its owner may read", async () => {
  const directory = place();
  const first = await start(directory);
  expect(namesOf(first)).toEqual(["demo", "guarded"]);
  expect(first.keysets.map(({ accessManager }) => accessManager)).toEqual([false, true]);
  await first.stop();
  const file = join(directory, "data.master-key");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  const second = await start(directory);
  expect(namesOf(second)).toEqual(["demo", "guarded"]);
  await second.stop();
  const without = await start(directory, { demoKeys: false, adminToken: "a-token-of-the-admin" });
  expect(namesOf(without)).toEqual([]);
  const headers = { Authorization: "Bearer a-token-of-the-admin" };
  const create = { method: "POST", headers, body: '{"name":"mine","subscribeKey":"demo"}' };
  expect((await fetch(`${without.url}/admin/v1/keysets`, create)).status).toBe(409);
  await without.stop();
});

test("the database [ACC13] holds no secret that could be read", async () => {
  const directory = place();
  const network = await start(directory);
  await network.stop();
  const files = textsIn(join(directory, "data"));
  expect(files.join("")).toContain("guarded-pub");
  expect(files.join("")).not.toContain("guarded-secret");
  expect(files.join("")).not.toContain("demo-secret");
});

test("a start [ACC13] with a key that does not fit, is none, or that others may read, is refused in a sentence", async () => {
  const directory = place();
  await (await start(directory)).stop();
  const file = join(directory, "data.master-key");
  const right = readFileSync(file, "utf8");
  writeFileSync(file, `${"0".repeat(64)}\n`);
  expect(await sentenceOf(start(directory))).toMatch(/does not open the keyset "demo".*--master-key-file/);
  writeFileSync(file, "hello");
  expect(await sentenceOf(start(directory))).toMatch(/holds no key/);
  writeFileSync(file, right);
  chmodSync(file, 0o640);
  expect(await sentenceOf(start(directory))).toMatch(/Others may read .*chmod 600/);
  chmodSync(file, 0o600);
  expect(await sentenceOf(start(directory, { masterKeyFile: join(directory, "none", "key") }))).toMatch(
    /cannot be used/,
  );
  const elsewhere = join(directory, "elsewhere");
  writeFileSync(elsewhere, right, { mode: 0o600 });
  const network = await start(directory, { masterKeyFile: elsewhere });
  expect(namesOf(network)).toEqual(["demo", "guarded"]);
  await network.stop();
});

test("a start [ACC70] makes the admin token once, keeps only its hash, and takes a given one that is long enough", async () => {
  const directory = place();
  const first = await start(directory);
  const token = first.adminToken ?? "";
  expect(token).toMatch(/^adm-lw-[\w-]{43}$/);
  await first.stop();
  const statusOf = async ({ url }: Network, given: string): Promise<number> =>
    (await fetch(`${url}/admin/v1/keysets`, { headers: { Authorization: `Bearer ${given}` } })).status;
  const second = await start(directory);
  expect([second.adminToken, await statusOf(second, token), await statusOf(second, `${token}x`)]).toEqual([
    undefined,
    200,
    401,
  ]);
  await second.stop();
  const files = textsIn(join(directory, "data"));
  expect(files.join("")).not.toContain(token);
  const given = await start(directory, { adminToken: "a-token-of-my-own" });
  expect([given.adminToken, await statusOf(given, "a-token-of-my-own"), await statusOf(given, token)]).toEqual([
    undefined,
    200,
    401,
  ]);
  await given.stop();
  expect(await sentenceOf(start(directory, { adminToken: "short" }))).toMatch(/at least 16 characters/);
  const again = await start(directory); // the refused start has let the directory go
  expect(await statusOf(again, token)).toBe(200);
  await again.stop();
});

test("keysets, grants and revoked tokens [ACC14 ACC23] are as they were after a restart", async () => {
  const directory = place();
  const options = { adminToken: "a-token-of-my-own" };
  const first = await start(directory, options);
  const keys = { publishKey: "guarded-pub", secretKey: "guarded-secret", nowMs: () => Date.now() };
  const grantOn = (url: string): Promise<Response> =>
    sendSigned(
      { ...keys, url },
      { path: "/v2/auth/grant/sub-key/guarded-sub", query: { channel: "club", auth: "k", w: "1" } },
    );
  const body = '{"ttl":60,"permissions":{"resources":{"channels":{"room":2}}}}';
  const tokenOn = async (url: string): Promise<string> => {
    const response = await sendSigned({ ...keys, url }, { method: "POST", path: "/v3/pam/guarded-sub/grant", body });
    return ((await response.json()) as { data: { token: string } }).data.token;
  };
  const [alive, revoked] = [await tokenOn(first.url), await tokenOn(first.url)];
  await grantOn(first.url);
  await sendSigned(
    { ...keys, url: first.url },
    { method: "DELETE", path: `/v3/pam/guarded-sub/grant/${encodeURIComponent(revoked)}` },
  );
  const headers = { Authorization: `Bearer ${options.adminToken}` };
  const create = {
    method: "POST",
    headers,
    body: '{"name":"mine","subscribeKey":"mine","settings":{"accessManager":true}}',
  };
  await fetch(`${first.url}/admin/v1/keysets`, create);
  await first.stop();
  const second = await start(directory, options);
  expect(second.keysets.map(({ name, accessManager }) => [name, accessManager])).toEqual([
    ["demo", false],
    ["guarded", true],
    ["mine", true],
  ]);
  const statusOf = async (channel: string, auth: string): Promise<number> =>
    (await fetch(`${second.url}/publish/guarded-pub/guarded-sub/0/${channel}/0/1?auth=${encodeURIComponent(auth)}`))
      .status;
  expect([await statusOf("room", alive), await statusOf("room", revoked), await statusOf("club", "k")]).toEqual([
    200, 403, 200,
  ]);
  await second.stop();
});

test("a network in memory [ACC13] leaves nothing on disk", async () => {
  const directory = place();
  const network = await start(directory, { memory: true });
  expect(namesOf(network)).toEqual(["demo", "guarded"]);
  await network.stop();
  expect(readdirSync(directory)).toEqual([]);
});
