import { afterAll, beforeAll, expect, test } from "bun:test";
import { type KeyObject, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LONGWAVE, type SpawnedNetwork, longwave, startSpawned } from "./spawned.ts";

const PACKAGE = fileURLToPath(new URL("../package.json", import.meta.url));

const ADMIN_TOKEN = "the-admin-of-these-tests";
let network: SpawnedNetwork;
beforeAll(async () => {
  network = await startSpawned(["--memory", "--port", "0", "--admin-token", ADMIN_TOKEN]);
});
afterAll(async () => {
  await network[Symbol.asyncDispose]();
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  await using command = longwave(argv, "", { LONGWAVE_ORIGIN: network.url, LONGWAVE_ADMIN_TOKEN: ADMIN_TOKEN, ...env });
  const code = await command.ended;
  return { code, out: command.out(), err: command.err() };
}

const json = ({ out }: Ended): readonly Record<string, unknown>[] =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("[CLI40 CLI44] longwave keys makes, changes and deletes keysets, and longwave audit tells it", async () => {
  expect(json(await run(["keys", "list"])).map(({ name }) => name)).toEqual(["demo", "guarded"]);
  const created = await run(["keys", "create", "shop", "accessManager=true", "--subscribe-key", "sub-c-1"]);
  expect(created.err).toBe("Keep the secret key now: it is not shown again.\n");
  const [shop] = json(created);
  expect(shop).toMatchObject({ name: "shop", subscribeKey: "sub-c-1", settings: { accessManager: true } });
  expect(shop?.["secretKey"]).toStartWith("sec-lw-");
  const [set] = json(await run(["keys", "set", "sub-c-1", "accessManager=false", "storesByDefault=false"]));
  expect(set).toMatchObject({ settings: { accessManager: false, storesByDefault: false } });
  const [rotated] = json(await run(["keys", "rotate", "sub-c-1"]));
  expect(rotated?.["secretKey"]).not.toBe(shop?.["secretKey"]);
  const tokenKey = await run(["keys", "rotate", "sub-c-1", "--token-key", "--keep-old"]);
  expect([tokenKey.code, tokenKey.out.includes("secretKey")]).toEqual([0, false]);
  const hesitating = await run(["keys", "delete", "sub-c-1"]);
  expect([hesitating.code, hesitating.err]).toEqual([2, expect.stringContaining("--yes")]);
  expect(json(await run(["keys", "delete", "sub-c-1", "--yes"]))).toEqual([{ deleted: "sub-c-1" }]);
  const trail = json(await run(["audit", "--keyset", "sub-c-1", "--limit", "3"]));
  expect(trail.map(({ action }) => action)).toEqual(["keyset deleted", "token key rotated", "secret key rotated"]);
  expect(trail[0]?.["at"]).toMatch(/^\d{4}-\d\d-\d\dT/);
}, 60_000);

test("[CLI45] longwave keys set gives a keyset credentials for push from files, and prints no key", async () => {
  const directory = mkdtempSync(join(tmpdir(), "longwave-credentials-"));
  const pem = (key: KeyObject): string => key.export({ format: "pem", type: "pkcs8" }).toString();
  const [account, key] = ["account.json", "key.p8"].map((name) => join(directory, name)) as [string, string];
  const { privateKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  writeFileSync(account, JSON.stringify({ project_id: "shop-1", client_email: "a@b.example", private_key: pem(rsa) }));
  writeFileSync(key, pem(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey));
  const set = async (...argv: readonly string[]): Promise<unknown> => {
    const ended = await run(["keys", "set", "demo", ...argv]);
    expect([ended.code, ended.err, ended.out.includes("PRIVATE")]).toEqual([0, "", false]);
    return json(ended)[0]?.["push"];
  };
  const apple = ["--apns-key", key, "--apns-key-id", "K1", "--apns-team-id", "T1"];
  const told = { teamId: "T1", keyId: "K1", topic: null, environment: "production" };
  expect(await set("--fcm", account, ...apple)).toEqual({ fcm: { projectId: "shop-1" }, apns: told });
  const more = ["--apns-topic", "com.shop", "--apns-environment", "development"];
  expect(await set("--no-fcm", ...apple, ...more)).toEqual({
    fcm: null,
    apns: { ...told, topic: "com.shop", environment: "development" },
  });
  expect(await set("--no-apns")).toEqual({ fcm: null, apns: null });
  rmSync(directory, { recursive: true });
}, 60_000);

const WRONG: Readonly<
  Record<string, readonly [argv: readonly string[], code: number, sentence: RegExp, env?: Record<string, string>]>
> = {
  "no token": [["keys", "list"], 2, /^Say the admin token with \$LONGWAVE_ADMIN_TOKEN/, { LONGWAVE_ADMIN_TOKEN: "" }],
  "a wrong token": [
    ["audit"],
    1,
    /The admin token is missing or wrong \(HTTP 401\)\. Check/,
    { LONGWAVE_ADMIN_TOKEN: "x" },
  ],
  "no verb": [["keys"], 2, /^Say what to do: longwave keys list \| create/],
  "no name": [["keys", "create"], 2, /^Say the new keyset's name/],
  "an unknown keyset": [["keys", "rotate", "nobody"], 1, /There is no such keyset/],
  "a setting that is none": [["keys", "set", "demo", "speed=9"], 1, /It says: there is no such setting/],
  "a setting without a value": [["keys", "set", "demo", "accessManager"], 2, /is no setting: write NAME=true/],
  "a service account that is not there": [["keys", "set", "demo", "--fcm", "/nowhere.json"], 2, /cannot be read: /],
  "a service account that is no JSON": [["keys", "set", "demo", "--fcm", LONGWAVE], 2, /is no JSON: name the file/],
  "a service account without a key": [["keys", "set", "demo", "--fcm", PACKAGE], 1, /It says: project_id must be/],
  "half of Apple's key": [["keys", "set", "demo", "--apns-key", "key.p8"], 2, /needs all three of --apns-key/],
  "Apple's app without a key": [["keys", "set", "demo", "--apns-topic", "app"], 2, /needs all three of --apns-key/],
  "both at once": [["keys", "set", "demo", "--fcm", PACKAGE, "--no-fcm"], 2, /not both/],
  "credentials and settings": [["keys", "set", "demo", "hasPush=true", "--no-fcm"], 2, /one after the other/],
  "a permission that is none": [["token", "grant", "-c", "room=fly"], 2, /grants nothing: write NAME=read,write/],
  "a name without permissions": [["token", "grant", "-c", "room"], 2, /grants nothing/],
  "a grant of nothing": [["token", "grant"], 1, /This grant contains no permissions/],
  "a wrong secret key": [
    ["token", "grant", "-c", "a=all", "--secret-key", "x"],
    1,
    /Signature Does Not Match.*Check --publish-key/,
  ],
  "a token that is none": [["token", "parse", "hello"], 1, /^This is no access token\./],
  "no token to read": [["token", "parse"], 2, /^Say the token/],
};
for (const [what, [argv, code, sentence, env]] of Object.entries(WRONG)) {
  test(`[CLI41 CLI43 CLI46 CLI5] ${what} is refused in a sentence`, async () => {
    const ended = await run(argv, env);
    expect(ended.err).toMatch(sentence);
    expect([ended.code, ended.out]).toEqual([code, ""]);
  });
}

test("[CLI43] longwave token grants, reads and revokes", async () => {
  const grant = ["token", "grant", "-c", "a=b=read,write", "--channel-pattern", "^r-=all", "--ttl", "5"];
  const granted = await run([...grant, "--authorized-uuid", "me", "--meta", '{"a":1}']);
  expect(granted.code).toBe(0);
  const token = granted.out.trim();
  const [parsed] = json(await run(["token", "parse", token]));
  expect(parsed).toMatchObject({
    version: 2,
    ttlMinutes: 5,
    authorizedUuid: "me",
    resources: { channels: { "a=b": ["read", "write"] } },
    patterns: { channels: { "^r-": ["read", "write", "manage", "delete", "get", "update", "join"] } },
    meta: { a: 1 },
  });
  const publish = (): Promise<Response> =>
    fetch(`${network.url}/publish/guarded-pub/guarded-sub/0/r-1/0/1?uuid=me&auth=${encodeURIComponent(token)}`);
  expect((await publish()).status).toBe(200);
  expect((await run(["token", "revoke", token])).code).toBe(0);
  expect((await publish()).status).toBe(403);
}, 60_000);

test("[CLI42 ACC70] the admin token is shown by the start that makes it, and opens the admin API", async () => {
  await using own = await startSpawned(["--memory", "--port", "0", "--log-level", "debug"]);
  const [, token = ""] = await own.outMatch(/token (adm-lw-[\w-]{43}): shown this once/);
  const env = { LONGWAVE_ORIGIN: own.url, LONGWAVE_ADMIN_TOKEN: token };
  expect((await run(["keys", "list"], env)).code).toBe(0);
  expect(own.err()).not.toContain(token);
  expect(network.out()).not.toContain("shown this once");
});
