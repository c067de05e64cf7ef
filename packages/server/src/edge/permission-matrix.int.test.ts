/**
 * The permission matrix over sockets: every route that needs permissions, every bit, every kind of credential, with the
 * exact status and body. A row that is added to the tables of routes and permissions is covered without a line here.
 *
 * @module
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { PERMISSIONS, type Permission, ROUTES, type RouteName, printErrorBody } from "@longwave/protocol";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type AccessRow, PERMISSION_TABLE } from "../access/permission-table.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { type HandSigned, sendSigned, signedTarget } from "./signed-by-hand.ts";

type ResourceRow = Extract<AccessRow, { kind: "resources" }>;
type Kind = ResourceRow["needs"][number]["kind"];

const NAMES: Readonly<Record<Kind, string>> = { channel: "room", group: "g", uuid: "u-1" };
const FAMILIES = { channel: "channels", group: "groups", uuid: "uuids" } as const;
/** What stands in the other segments of a path. */
const SEGMENTS: Readonly<Record<string, string>> = {
  pub: "guarded-pub",
  sub: "guarded-sub",
  signature: "0",
  callback: "0",
  payload: "1",
  timetoken: "0",
};
const BITS = Object.keys(PERMISSIONS) as readonly Permission[];

const clock = new ManualClock();
let network: Network;
let signer: Parameters<typeof sendSigned>[0];

/** A request to a route that names one resource for each of its needs. */
function requestOf(route: RouteName, { needs }: ResourceRow): HandSigned & { query: Record<string, string> } {
  const [inPath, inQuery] = [new Map(Object.entries(SEGMENTS)), new Map<string, string>()];
  for (const { kind, from, name } of needs) (from === "path" ? inPath : inQuery).set(name, NAMES[kind]);
  const { method, path } = ROUTES[route];
  const query = { uuid: "u-1", ...Object.fromEntries(inQuery) };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => inPath.get(name) ?? "1");
  return { method, path: filled, query, ...((method === "POST" || method === "PATCH") && { body: "1" }) };
}

function send({ method = "GET", path, query = {}, body }: HandSigned, auth?: string): Promise<Response> {
  const parameters = new URLSearchParams({ ...query, ...(auth !== undefined && { auth }) });
  return fetch(`${network.url}${path}?${parameters.toString()}`, { method, ...(body !== undefined && { body }) });
}

const maskAll = (mask: number): object =>
  Object.fromEntries(
    Object.entries(FAMILIES).map(([kind, family]) => {
      const name = NAMES[kind as Kind];
      return [family, kind === "group" ? { [name]: mask, [`1:${name}`]: mask } : { [name]: mask }];
    }),
  );
const patternAll = (mask: number): object => ({
  channels: { "^ro+m$": mask },
  groups: { "^(1:)?g$": mask },
  uuids: { "u-\\d": mask },
});

async function tokenFor(permissions: object, ttl = 1_000, signedBy = signer): Promise<string> {
  const subscribeKey = signedBy === signer ? "guarded-sub" : "demo";
  const body = JSON.stringify({ ttl, permissions });
  const response = await sendSigned(signedBy, { method: "POST", path: `/v3/pam/${subscribeKey}/grant`, body });
  const { data } = (await response.json()) as { data: { token: string } };
  return data.token;
}

/** Credentials by what they are, made once. */
const credentials = new Map<string, string>();
const credential = (what: string): string => credentials.get(what) ?? "";

beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log: SILENT_LOG, clock });
  signer = { url: network.url, publishKey: "guarded-pub", secretKey: "guarded-secret", nowMs: () => clock.wallMs() };
  credentials.set("expired", await tokenFor({ resources: maskAll(255) }, 1));
  clock.advance(60_000);
  for (const bit of BITS) {
    const mask = PERMISSIONS[bit];
    credentials.set(`${bit} by name`, await tokenFor({ resources: maskAll(mask) }));
    credentials.set(`${bit} by pattern`, await tokenFor({ patterns: patternAll(mask) }));
    credentials.set(`all but ${bit}`, await tokenFor({ resources: maskAll(255 - mask) }));
  }
  credentials.set("other uuid", await tokenFor({ resources: maskAll(255), uuid: "u-2" }));
  const demo = { ...signer, publishKey: "demo", secretKey: "demo-secret" };
  credentials.set("other keyset", await tokenFor({ resources: maskAll(255) }, 1_000, demo));
  credentials.set("malformed", credential("read by name").slice(0, 60));
  const revoked = await tokenFor({ resources: maskAll(255) });
  credentials.set("revoked", revoked);
  await sendSigned(signer, { method: "DELETE", path: `/v3/pam/guarded-sub/grant/${encodeURIComponent(revoked)}` });
  for (const [bit, letter] of Object.entries({
    read: "r",
    write: "w",
    manage: "m",
    delete: "d",
    get: "g",
    update: "u",
    join: "j",
  })) {
    const path = "/v2/auth/grant/sub-key/guarded-sub";
    const query = {
      channel: NAMES.channel,
      "channel-group": `${NAMES.group},1:${NAMES.group}`,
      auth: `key-${bit}`,
      [letter]: "1",
    };
    await sendSigned(signer, { path, query });
    await sendSigned(signer, { path, query: { "target-uuid": NAMES.uuid, auth: `key-${bit}`, [letter]: "1" } });
  }
});
afterAll(async () => {
  await network.stop();
});

// A route with a namespace of its own means the group of that name in it.
const nameOf = ({ kind, namespace }: ResourceRow["needs"][number]): string =>
  namespace === undefined ? NAMES[kind] : `1:${NAMES[kind]}`;

/** The whole body with which a row's service refuses these needs. */
function refusalOf({ refusal }: ResourceRow, lacking: ResourceRow["needs"]): string {
  const names = (kind: Kind): readonly string[] => lacking.filter((need) => need.kind === kind).map(nameOf);
  const denied = Object.fromEntries(
    Object.entries(FAMILIES)
      .map(([kind, family]) => [family, [...new Set(names(kind as Kind))]] as const)
      .filter(([, list]) => list.length > 0),
  );
  return printErrorBody(refusal, refusal === "accessDenied" ? { denied } : {});
}

const lets = async (response: Response): Promise<void> => {
  const text = await response.text();
  expect({ text, isRefused: response.status === 403 }).toEqual({ text, isRefused: false });
};
const refuses = async (response: Response, body: string, status = 403): Promise<void> => {
  expect([response.status, await response.text()]).toEqual([status, body]);
};

const ROWS = (Object.keys(ROUTES) as RouteName[]).flatMap((route) => {
  const row = PERMISSION_TABLE[route];
  return row.kind === "resources" ? [{ route, row, request: requestOf(route, row) }] : [];
});

for (const { route, row, request } of ROWS) {
  for (const bit of BITS) {
    const lacking = row.needs.filter(({ permission }) => permission !== bit);
    test(`${route} [ACC40 ACC44 ACC45 ACC46] with ${bit} alone`, async () => {
      const given = [`${bit} by name`, `${bit} by pattern`].map(credential);
      if (bit !== "create") given.push(`key-${bit}`); // the older grants have no such flag
      for (const auth of given) {
        const response = await send(request, auth);
        await (lacking.length === 0 ? lets(response) : refuses(response, refusalOf(row, lacking)));
      }
    });
    test(`${route} [ACC40 ACC44] with all but ${bit}`, async () => {
      const missing = row.needs.filter(({ permission }) => permission === bit);
      const response = await send(request, credential(`all but ${bit}`));
      await (missing.length === 0 ? lets(response) : refuses(response, refusalOf(row, missing)));
    });
  }

  test(`${route} [ACC20 ACC23 ACC44 ACC45] with tokens that do not count`, async () => {
    await refuses(await send(request), refusalOf(row, row.needs));
    await refuses(await send(request, "key-of-nobody"), refusalOf(row, row.needs));
    await refuses(await send(request, credential("expired")), printErrorBody("tokenExpired"));
    await refuses(await send(request, credential("revoked")), printErrorBody("tokenRevoked"));
    await refuses(await send(request, credential("malformed")), printErrorBody("tokenMalformed"));
    await refuses(await send(request, credential("other keyset")), printErrorBody("tokenMalformed"));
    const named = row.refusal === "accessDenied" ? { denied: { uuids: ["u-1"] } } : {};
    await refuses(await send(request, credential("other uuid")), printErrorBody(row.refusal, named));
    await lets(await send({ ...request, query: { ...request.query, uuid: "u-2" } }, credential("other uuid")));
  });

  test(`${route} [ACC43 ACC18 ACC19] signed`, async () => {
    await lets(await sendSigned(signer, request));
    await refuses(await sendSigned({ ...signer, secretKey: "x" }, request), printErrorBody("signatureWrong"));
    const late = { ...signer, nowMs: () => clock.wallMs() - 61_000 };
    await refuses(await sendSigned(late, request), printErrorBody("timestampInvalid"), 400);
    const { method = "GET", body } = request;
    const otherwise = signedTarget(signer, request).replace("uuid=u-1", "uuid=u-3");
    const changed = await fetch(network.url + otherwise, { method, ...(body !== undefined && { body }) });
    await refuses(changed, printErrorBody("signatureWrong"));
  });
}
