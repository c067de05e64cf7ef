import { expect, test } from "bun:test";
import type { NamedResource } from "../access/authorise.ts";
import { Access, type AccessEvent } from "../access/access.ts";
import { KeysetOffice } from "../access/keyset-office.ts";
import { KeysetDirectory, WELL_KNOWN_KEYSETS } from "../access/keysets.ts";
import { openInMemory } from "../adapters/embedded/data-directory.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { SqliteKeysetStore } from "../adapters/embedded/sqlite-keyset-store.ts";
import { Admission, UNLIMITED_ADDRESSES } from "./admission.ts";
import { receiveBody } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { claimOf, isSigned, isStillAllowed, namesOf, permit, permitFurther } from "./permit.ts";
import { findRoute } from "./router.ts";
import type { Services } from "./services.ts";
import { signedTarget } from "./signed-by-hand.ts";
import { parseTarget } from "./target.ts";

interface World extends Disposable {
  readonly services: Services;
  readonly access: Access;
  readonly office: KeysetOffice;
  readonly clock: ManualClock;
  readonly events: AccessEvent[];
}

async function world(): Promise<World> {
  const storage = openInMemory();
  const [clock, events]: [ManualClock, AccessEvent[]] = [new ManualClock(), []];
  const store = new SqliteKeysetStore(storage.reading, storage.writer);
  const access = new Access(
    { store, clock, announce: (event) => events.push(event), removed: async () => {} },
    new KeysetDirectory(),
  );
  const office = new KeysetOffice(access, new Uint8Array(32));
  await office.open(await store.load(), true);
  const admission = new Admission(clock, UNLIMITED_ADDRESSES);
  const services = { keysets: access.directory, access, admission } as unknown as Services; // the others are not reached
  return { services, access, office, clock, events, [Symbol.dispose]: () => storage.close() };
}

function exchangeOf(url: string, method = "GET", body?: string): Exchange {
  const request = new Request(`http://h${url}`, { method, ...(body !== undefined && { body }) });
  const target = parseTarget(request.url);
  const match = findRoute(method, target.segments);
  if (match.kind !== "route") throw new Error("no route");
  return {
    request,
    route: match.name,
    places: match.places,
    target,
    connections: { setHeld: () => {}, upgrade: () => false, peerOf: () => undefined, upload: () => () => {} },
    address: undefined,
    keyset: WELL_KNOWN_KEYSETS.map(({ keyset }) => keyset).find(({ subscribeKey }) =>
      url.includes(`/${subscribeKey}/`),
    ),
  };
}

const READS_ROOM: readonly NamedResource[] = [{ kind: "channel", permission: "read", name: "room" }];

function isHeldOn({ services }: World, exchange: Exchange, resources = READS_ROOM): boolean {
  return isStillAllowed(services, claimOf(exchange), resources);
}

function tokenOf({ access }: World): string {
  const [keyset, secrets] = [access.directory.find("guarded-sub"), access.directory.secretsOf("guarded-sub")];
  if (!keyset || !secrets) throw new Error("no keyset");
  const none = new Map<string, number>();
  const resources = { channels: new Map([["room", 1]]), groups: none, uuids: none, users: none, spaces: none };
  const patterns = { ...resources, channels: none };
  return access.grantToken(keyset, secrets, {
    ttlMinutes: 1,
    resources,
    patterns,
    meta: {},
    authorizedUuid: undefined,
  });
}

const held = (auth: string): Exchange =>
  exchangeOf(`/v2/subscribe/guarded-sub/room/0?tt=1&auth=${encodeURIComponent(auth)}`);
const grantTo = (mask: number): Parameters<Access["grant"]> => [
  "guarded-sub",
  [{ keyset: "guarded-sub", level: "channel", resource: "room", auth: "k", mask, ttlMinutes: 0, expiresMs: 0 }],
];

/** What ends a request that is held with a token, and what is announced of it. */
const ENDINGS: Readonly<
  Record<string, readonly [end: (at: World, token: string) => Promise<unknown>, events: readonly AccessEvent["kind"][]]>
> = {
  "its token is revoked": [
    async ({ access }, token) => {
      const [keyset, secrets] = [access.directory.find("guarded-sub"), access.directory.secretsOf("guarded-sub")];
      if (keyset && secrets) await access.revokeToken(keyset, secrets, token);
    },
    ["tokenRevoked"],
  ],
  "its token expires": [async ({ clock }) => clock.advance(60_000), []],
  "the token key is made anew": [
    ({ office }) => office.rotate("guarded-sub", { what: "tokenKey", isOldAccepted: false }, "admin"),
    ["keysetChanged"],
  ],
  "its keyset is deleted": [({ office }) => office.delete("guarded-sub", "admin"), ["keysetChanged"]],
};
for (const [what, [end, kinds]] of Object.entries(ENDINGS)) {
  test(`isStillAllowed() [ACC51] not when ${what}`, async () => {
    using at = await world();
    const token = tokenOf(at);
    const exchange = held(token);
    expect(permit(at.services, exchange)).toBeUndefined();
    expect(isHeldOn(at, exchange)).toBe(true);
    await end(at, token);
    expect(isHeldOn(at, exchange)).toBe(false);
    expect(at.events.map(({ kind }) => kind)).toEqual([...kinds]);
    expect(at.events.every(({ keyset }) => keyset === "guarded-sub")).toBe(true);
  });
}

test("isStillAllowed() [ACC51] not when the grant is taken back, nor when an open keyset is closed", async () => {
  using at = await world();
  const exchange = held("k");
  await at.access.grant(...grantTo(1));
  expect(isHeldOn(at, exchange)).toBe(true);
  await at.access.grant(...grantTo(0));
  expect(isHeldOn(at, exchange)).toBe(false);
  const open = exchangeOf("/v2/subscribe/demo/room/0?tt=1");
  expect(isHeldOn(at, open)).toBe(true);
  await at.office.set("demo", { accessManager: true }, "admin");
  expect(isHeldOn(at, open)).toBe(false);
  expect(at.events.map(({ kind }) => kind)).toEqual(["grantsChanged", "grantsChanged", "keysetChanged"]);
  expect(isHeldOn(at, exchangeOf("/time/0"))).toBe(true);
});

test("isStillAllowed() [ACC51] a signed request stays until its key is made anew, however long it is held", async () => {
  using at = await world();
  const signer = { publishKey: "guarded-pub", secretKey: "guarded-secret", nowMs: () => at.clock.wallMs() };
  const exchange = exchangeOf(signedTarget(signer, { path: "/v2/subscribe/guarded-sub/room/0", query: { tt: "1" } }));
  at.clock.advance(200_000);
  expect(() => permit(at.services, exchange)).toThrow("timestampInvalid");
  expect(isHeldOn(at, exchange)).toBe(true);
  await at.office.rotate("guarded-sub", { what: "secretKey" }, "admin");
  expect(isHeldOn(at, exchange)).toBe(false);
});

test("isSigned() [ACC43] tells who holds the secret key, also on an open keyset", async () => {
  using at = await world();
  const signer = { publishKey: "demo", secretKey: "demo-secret", nowMs: () => at.clock.wallMs() };
  const [path, body] = ["/publish/demo/demo/0/room/0", '"ä"'];
  const signed = signedTarget(signer, { method: "POST", path, body });
  expect(await isSigned(at.services, exchangeOf(signed, "POST", body))).toBe(true);
  expect(await isSigned(at.services, exchangeOf(signed, "POST", '"b"'))).toBe(false);
  expect(isSigned(at.services, exchangeOf(`${path}/1`))).toBe(false);
  expect(isSigned(at.services, exchangeOf(signedTarget({ ...signer, secretKey: "x" }, { path: `${path}/1` })))).toBe(
    false,
  );
});

test("permit() [ACC18 ACC41] reads a signed body once, and leaves it for the handler", async () => {
  using at = await world();
  const signer = { publishKey: "guarded-pub", secretKey: "guarded-secret", nowMs: () => at.clock.wallMs() };
  const [path, body] = ["/publish/guarded-pub/guarded-sub/0/room/0", "[1]"];
  const exchange = exchangeOf(signedTarget(signer, { method: "POST", path, body }), "POST", body);
  await permit(at.services, exchange);
  expect(Buffer.from(await receiveBody(exchange)).toString()).toBe(body);
});

test("permit() [ACC42] answers at once for an open keyset, and leaves an unknown one to the form of its service", async () => {
  using at = await world();
  expect(permit(at.services, exchangeOf("/publish/demo/demo/0/room/0/1"))).toBeUndefined();
  expect(permit(at.services, exchangeOf("/time/0"))).toBeUndefined();
  expect(permit(at.services, exchangeOf("/publish/x/x/0/room/0/1"))).toBeUndefined();
  const refusal = (): unknown => permit(at.services, exchangeOf("/v2/auth/grant/sub-key/x"));
  expect(refusal).toThrow("subscribeKeyInvalid");
});

test("permitFurther() [ACC51] judges the names of a frame by the credentials of the request that opened its connection", async () => {
  using at = await world();
  const exchange = held(tokenOf(at));
  const name = (permission: "read" | "write", one: string) => [{ kind: "channel", permission, name: one }] as const;
  expect(() => permitFurther(at.services, claimOf(exchange), name("read", "room"))).not.toThrow();
  expect(() => permitFurther(at.services, claimOf(exchange), name("write", "room"))).toThrow("accessDenied");
  expect(() => permitFurther(at.services, claimOf(exchange), name("read", "hall"))).toThrow("accessDenied");
  expect([isHeldOn(at, exchange), isHeldOn(at, exchange, name("read", "hall"))]).toEqual([true, false]);
  const open = exchangeOf("/v2/subscribe/demo/room/0?tt=1");
  expect(() => permitFurther(at.services, claimOf(open), name("write", "hall"))).not.toThrow();
});

const NAMED: readonly (readonly [need: Parameters<typeof namesOf>[1], url: string, names: readonly string[]])[] = [
  [{ kind: "channel", permission: "read", from: "path", name: "channels" }, "a,b%2Cc,,a%20d", ["a", "b", "c", "a d"]],
  [{ kind: "group", permission: "manage", from: "path", name: "channels" }, ":g", ["g"]],
  [{ kind: "group", permission: "manage", from: "path", name: "channels" }, "ns:g", ["ns:g"]],
  [{ kind: "group", permission: "manage", from: "path", name: "channels", namespace: "sub" }, "g", ["guarded-sub:g"]],
];
for (const [need, segment, names] of NAMED) {
  test(`namesOf() [ACC41] reads ${segment} as the ${need.kind}s ${names.join(" ")}`, () => {
    const exchange = exchangeOf(`/v2/subscribe/guarded-sub/${segment}/0`);
    expect(namesOf(exchange, need).map(({ name }) => name)).toEqual([...names]);
  });
}

test("permit() [ACC48] refuses more names than a request may have, before it judges any", async () => {
  using at = await world();
  const names = (count: number): string => Array.from({ length: count }, (_, at) => `c${at}`).join(",");
  const refusal = (count: number) => () =>
    permit(at.services, exchangeOf(`/v2/subscribe/guarded-sub/${names(count)}/0`));
  expect(refusal(2_100)).toThrow("accessDenied");
  expect(refusal(2_101)).toThrow("subscribeTooManyChannels");
});
