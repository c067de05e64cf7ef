/**
 * The whole permission matrix: every route of the table, every bit, granted and not, by every kind of credential.
 *
 * @module
 */
import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import {
  type ErrorCode,
  PERMISSIONS,
  type Permission,
  ROUTES,
  type RouteName,
  type TokenGrants,
  parseToken,
} from "@longwave/protocol";
import { type AccessParts, type AccessRequest, type Decision, type NamedResource, authorise } from "./authorise.ts";
import { CheckedTokens, type ResourceKind } from "./checked-tokens.ts";
import { GrantBook } from "./grant-book.ts";
import { DEMO_KEYSET, GUARDED_KEYSET, type KeysetSecrets } from "./keysets.ts";
import { Patterns } from "./patterns.ts";
import { type AccessRow, PERMISSION_TABLE } from "./permission-table.ts";
import { RevokedTokens } from "./revoked-tokens.ts";
import { issueToken, tokenIdOf } from "./tokens.ts";

const NOW_MS = 1_700_000_000_000;
const SECRETS: KeysetSecrets = { secretKey: "secret", tokenKeys: [new Uint8Array(32).fill(1)] };
const SUB = GUARDED_KEYSET.subscribeKey;
const BITS = Object.keys(PERMISSIONS) as readonly Permission[];
const NAMES = { channel: ["room", "room-pnpres"], group: ["g"], uuid: ["u-1"] } as const;
const KINDS = { channel: "channels", group: "groups", uuid: "uuids" } as const;

/** The names that a request to a route would hold, for each of its needs. */
function resourcesOf(row: AccessRow): readonly NamedResource[] {
  if (row.kind !== "resources") return [];
  return row.needs.flatMap(({ kind, permission }) => NAMES[kind].map((name) => ({ kind, name, permission })));
}

interface Given extends Partial<AccessRequest> {
  readonly parts?: Partial<AccessParts>;
}

const tokens = new CheckedTokens(new Patterns());

function decide(route: RouteName, { parts, ...given }: Given = {}): Decision {
  const row = PERMISSION_TABLE[route];
  const request: AccessRequest = {
    keyset: GUARDED_KEYSET,
    secrets: SECRETS,
    row,
    resources: resourcesOf(row),
    auth: undefined,
    uuid: "u-1",
    signature: undefined,
    isHeld: false,
    ...given,
  };
  return authorise({ tokens, grants: new GrantBook(), revoked: new RevokedTokens(), ...parts }, request, NOW_MS);
}

type Masks = Partial<Record<ResourceKind, Readonly<Record<string, number>>>>;

function grantsOf(masks: Masks): TokenGrants {
  const map = (kind: ResourceKind): ReadonlyMap<string, number> => new Map(Object.entries(masks[kind] ?? {}));
  return { channels: map("channel"), groups: map("group"), uuids: map("uuid"), users: new Map(), spaces: new Map() };
}

interface TokenGiven {
  readonly resources?: Masks;
  readonly patterns?: Masks;
  readonly uuid?: string;
  readonly ageSeconds?: number;
  readonly subscribeKey?: string;
}

function token({ resources = {}, patterns = {}, uuid, ageSeconds = 0, subscribeKey = SUB }: TokenGiven): string {
  return issueToken(subscribeKey, SECRETS, {
    issuedSeconds: NOW_MS / 1_000 - ageSeconds,
    ttlMinutes: 1,
    resources: grantsOf(resources),
    patterns: grantsOf(patterns),
    meta: {},
    authorizedUuid: uuid,
  });
}

/** One mask for every name, spelled out and as patterns. */
const onNames = (mask: number): Masks => ({
  channel: Object.fromEntries(NAMES.channel.map((name) => [name, mask])),
  group: { g: mask },
  uuid: { "u-1": mask },
});
const onPatterns = (mask: number): Masks => ({
  channel: { "^room": mask },
  group: { "^:g$": mask },
  uuid: { "u-[0-9]": mask },
});

function book(mask: number, auth: string, level: "names" | "keyset"): GrantBook {
  const grants = new GrantBook();
  const put = (kind: ResourceKind | "subkey", resource: string): void =>
    grants.put({ keyset: SUB, level: kind, resource, auth, mask, ttlMinutes: 1, expiresMs: NOW_MS + 1 });
  if (level === "keyset") put("subkey", "");
  else for (const [kind, names] of Object.entries(NAMES)) for (const name of names) put(kind as ResourceKind, name);
  return grants;
}

const ALLOWED: Decision = { kind: "allowed", isRoot: false };
const refusedAs = (code: ErrorCode, detail: object = {}): Decision => ({ kind: "refused", code, detail });

/** The refusal of these resources, in the form of the route's service. */
function deniedOf(route: RouteName, resources: readonly NamedResource[]): Decision {
  const row = PERMISSION_TABLE[route];
  const code = "refusal" in row ? row.refusal : "accessDenied";
  const kinds = (Object.keys(KINDS) as ResourceKind[]).map((kind) => {
    const names = resources.filter((one) => one.kind === kind).map(({ name }) => name);
    return [KINDS[kind], [...new Set(names)]] as const;
  });
  const denied = Object.fromEntries(kinds.filter(([, names]) => names.length > 0));
  return refusedAs(code, code === "accessDenied" ? { denied } : {});
}

function sign(route: RouteName, secretKey = "secret", timestamp = NOW_MS / 1_000): AccessRequest["signature"] {
  const [path, query, method] = [ROUTES[route].path, `timestamp=${timestamp}`, ROUTES[route].method];
  const text = `${method}\n${GUARDED_KEYSET.publishKey}\n${path}\n${query}\n`;
  const signature = `v2.${createHmac("sha256", secretKey).update(text).digest("base64url")}`;
  return { method, path, query, body: new Uint8Array(), signature, timestamp: String(timestamp) };
}

test("[ACC40] the table has a row for every route, and no other", () => {
  expect(Object.keys(PERMISSION_TABLE).toSorted()).toEqual(Object.keys(ROUTES).toSorted());
});

const ROUTE_NAMES = Object.keys(ROUTES) as readonly RouteName[];
for (const route of ROUTE_NAMES) {
  const row = PERMISSION_TABLE[route];
  switch (row.kind) {
    case "link":
    case "open":
    case "admin":
      test(`${route} [ACC40] needs nothing of a keyset`, () => expect(decide(route)).toEqual(ALLOWED));
      break;
    case "signature":
      signedCases(route);
      break;
    case "keyset":
      keysetCases(route, row.permission);
      break;
    case "resources":
      resourceCases(route);
  }
}

function signedCases(route: RouteName): void {
  test(`${route} [ACC43] needs the secret key, whether Access Manager is on or off`, () => {
    for (const keyset of [GUARDED_KEYSET, { ...GUARDED_KEYSET, accessManager: false }]) {
      expect(decide(route, { keyset })).toEqual(refusedAs("signatureWrong"));
      expect(decide(route, { keyset, auth: token({ resources: onNames(255) }) })).toEqual(refusedAs("signatureWrong"));
      expect(decide(route, { keyset, signature: sign(route) })).toEqual({ kind: "allowed", isRoot: true });
      expect(decide(route, { keyset, signature: sign(route, "other") })).toEqual(refusedAs("signatureWrong"));
    }
  });
}

function keysetCases(route: RouteName, permission: Permission): void {
  for (const bit of BITS) {
    test(`${route} [ACC49] ${bit} on the whole keyset`, () => {
      const mask = PERMISSIONS[bit];
      const expected = bit === permission ? ALLOWED : deniedOf(route, []);
      expect(decide(route, { parts: { grants: book(mask, "", "keyset") } })).toMatchObject({
        kind: expected.kind,
      });
      expect(decide(route, { parts: { grants: book(mask, "", "names") } }).kind).toBe("refused");
      expect(decide(route, { auth: token({ patterns: onPatterns(255) }) }).kind).toBe("refused");
    });
  }
}

function resourceCases(route: RouteName): void {
  const resources = resourcesOf(PERMISSION_TABLE[route]);

  for (const bit of BITS) {
    const mask = PERMISSIONS[bit];
    const lacking = resources.filter(({ permission }) => permission !== bit);
    const expected = lacking.length === 0 ? ALLOWED : deniedOf(route, lacking);
    test(`${route} [ACC44 ACC45 ACC47] with ${bit} alone`, () => {
      expect(decide(route, { auth: token({ resources: onNames(mask) }) })).toEqual(expected);
      expect(decide(route, { auth: token({ patterns: onPatterns(mask) }) })).toEqual(expected);
      expect(decide(route, { auth: token({ resources: onNames(mask), uuid: "u-1" }) })).toEqual(expected);
    });
    test(`${route} [ACC30 ACC46] with an older grant of ${bit} alone`, () => {
      for (const level of ["names", "keyset"] as const) {
        expect(decide(route, { parts: { grants: book(mask, "", level) } })).toEqual(expected);
      }
      expect(decide(route, { auth: "key", parts: { grants: book(mask, "key", "names") } })).toEqual(expected);
      const ofAnother = { parts: { grants: book(mask, "another", "names") } };
      expect(decide(route, { auth: "key", ...ofAnother })).toEqual(deniedOf(route, resources));
    });
    test(`${route} [ACC44] with all but ${bit}`, () => {
      const denied = resources.filter(({ permission }) => permission === bit);
      const outcome = denied.length === 0 ? ALLOWED : deniedOf(route, denied);
      expect(decide(route, { auth: token({ resources: onNames(255 - mask) }) })).toEqual(outcome);
      expect(decide(route, { auth: token({ resources: onNames(255 - mask), patterns: onPatterns(mask) }) })).toEqual(
        ALLOWED,
      );
    });
  }

  test(`${route} [ACC42] needs nothing where Access Manager is off, whatever comes with it`, () => {
    const signature = sign(route, "wrong");
    for (const given of [{}, { auth: "p0F2AkF0" }, { auth: "key" }, { signature }]) {
      expect(decide(route, { keyset: DEMO_KEYSET, ...given })).toEqual(ALLOWED);
    }
  });

  test(`${route} [ACC44] refuses every name without credentials, and one name without the permission`, () => {
    expect(decide(route)).toEqual(deniedOf(route, resources));
    expect(decide(route, { auth: token({}) })).toEqual(deniedOf(route, resources));
    for (const missing of resources) {
      const masks = onNames(255);
      const without = { ...masks, [missing.kind]: { ...masks[missing.kind], [missing.name]: 0 } };
      expect(decide(route, { auth: token({ resources: without }) })).toEqual(deniedOf(route, [missing]));
    }
  });

  test(`${route} [ACC20 ACC23 ACC44 ACC45] tells why a token does not count, the first reason first`, () => {
    const resources = onNames(255);
    const revokedToken = token({ resources, uuid: "other", ageSeconds: 61 });
    const revoked = new RevokedTokens();
    revoked.put({ keyset: SUB, tokenId: tokenIdOf(parseToken(revokedToken)), expiresMs: NOW_MS + 1 });
    const by = (auth: string): Decision => decide(route, { auth, parts: { revoked } });
    expect(by("p0F2AkF0nonsense")).toEqual(refusedAs("tokenMalformed"));
    expect(by(token({ resources, subscribeKey: "another" }))).toEqual(refusedAs("tokenMalformed"));
    expect(by(revokedToken)).toEqual(refusedAs("tokenRevoked"));
    expect(by(token({ resources, uuid: "other", ageSeconds: 60 }))).toEqual(refusedAs("tokenExpired"));
    expect(by(token({ resources, ageSeconds: 59 }))).toEqual(ALLOWED);
    const row = PERMISSION_TABLE[route];
    const isNamed = "refusal" in row && row.refusal === "accessDenied";
    expect(by(token({ uuid: "other" }))).toMatchObject({
      kind: "refused",
      detail: isNamed ? { denied: { uuids: ["u-1"] } } : {},
    });
  });

  test(`${route} [ACC43 ACC18 ACC19] a signature allows everything, a wrong one nothing`, () => {
    const auth = token({ resources: onNames(255) });
    expect(decide(route, { signature: sign(route) })).toEqual({ kind: "allowed", isRoot: true });
    expect(decide(route, { auth, signature: sign(route, "wrong") })).toEqual(refusedAs("signatureWrong"));
    const old = sign(route, "secret", NOW_MS / 1_000 - 61);
    expect(decide(route, { auth, signature: old })).toEqual(refusedAs("timestampInvalid"));
    expect(decide(route, { signature: old, isHeld: true })).toEqual({ kind: "allowed", isRoot: true });
  });

  test(`${route} [ACC48] lets a request that names nothing through to its handler`, () => {
    expect(decide(route, { resources: [] })).toEqual(ALLOWED);
  });
}

test("[ACC49] what concerns a whole keyset needs a grant at its level, or the secret key", () => {
  const row: AccessRow = { kind: "keyset", permission: "read", refusal: "accessDenied" };
  const ask = (given: Given): Decision => decide("subscribe", { row, resources: [], ...given });
  expect(ask({ parts: { grants: book(1, "", "keyset") } })).toEqual(ALLOWED);
  expect(ask({ keyset: DEMO_KEYSET })).toEqual(ALLOWED);
  expect(ask({ signature: sign("subscribe") })).toEqual({ kind: "allowed", isRoot: true });
  for (const given of [
    {},
    { auth: token({ patterns: onPatterns(255) }) },
    { parts: { grants: book(1, "", "names") } },
  ]) {
    expect(ask(given)).toEqual(refusedAs("accessDenied"));
  }
});

test("[ACC50] services with a form of their own refuse in it, and do not name what they refused", () => {
  for (const refusal of ["accessDeniedObjects", "accessDeniedActions"] as const) {
    const needs = [{ kind: "channel", permission: "read", from: "path", name: "channel" }] as const;
    const row: AccessRow = { kind: "resources", needs, refusal };
    const resources = resourcesOf(row);
    expect(decide("subscribe", { row, resources })).toEqual(refusedAs(refusal));
    expect(decide("subscribe", { row, resources, auth: token({ uuid: "other" }) })).toEqual(refusedAs(refusal));
    expect(decide("subscribe", { row, resources, auth: token({ resources: onNames(1) }) })).toEqual(ALLOWED);
  }
});
