import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ErrorCode, LIMITS, printErrorBody } from "@longwave/protocol";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { directoryOf } from "../conformance/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import type { GroupChangeOutcome } from "../ports/group-store.ts";
import { Admission, UNLIMITED_ADDRESSES } from "./admission.ts";
import { Turns } from "../channels/turns.ts";
import { listen } from "./listener.ts";
import type { Services } from "./services.ts";

const ROOT = "/v1/channel-registration/sub-key/demo";
const OK = '{"status":200,"message":"OK","service":"channel-registry","error":false}';
const payload = (text: string): string => `{"status":200,"payload":${text},"service":"channel-registry","error":false}`;

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log: SILENT_LOG });
});
afterAll(() => network.stop());

// Cases share the network, so each begins with no groups at all.
beforeEach(async () => {
  for (const space of await listed("/namespace", "namespaces")) await get(`/namespace/${space}/remove`);
  for (const group of await listed("/channel-group", "groups")) {
    await get(`/channel-group/${encodeURIComponent(group)}/remove`);
  }
});

async function get(path: string, url = network.url): Promise<string> {
  const response = await fetch(`${url}${ROOT}${path}`);
  return await response.text();
}

async function listed(path: string, member: string): Promise<readonly string[]> {
  const { payload: found } = JSON.parse(await get(path)) as { payload: Record<string, readonly string[]> };
  return found[member] ?? [];
}

async function expectRefused(path: string, code: ErrorCode, status = 400): Promise<void> {
  const response = await fetch(`${network.url}${path}`);
  expect([response.status, await response.text()]).toEqual([status, printErrorBody(code)]);
}

test("[GRP5 GRP6 GRP7] channels are added and removed, and a group ends with its last one", async () => {
  expect(await get("/channel-group/family?add=a,b")).toBe(OK);
  expect(await get("/channel-group/family")).toBe(payload('{"channels":["a","b"],"group":"family"}'));
  expect(await get("/channel-group/family?add=b%2Cc")).toBe(OK);
  expect(await get("/channel-group/family?remove=a,nobody")).toBe(OK);
  expect(await get("/channel-group/family")).toBe(payload('{"channels":["b","c"],"group":"family"}'));
  expect(await get("/channel-group/family?add=d,e&remove=b,d")).toBe(OK);
  expect(await get("/channel-group/family")).toBe(payload('{"channels":["c","e"],"group":"family"}'));
  expect(await get("/channel-group/family?remove=c,e")).toBe(OK);
  expect(await get("/channel-group")).toBe(payload('{"namespace":"","groups":[]}'));
});

test("[GRP8] an empty list changes nothing and is fine", async () => {
  await get("/channel-group/g?add=a");
  for (const query of ["add=", "remove=", "add=,&remove=", "add"]) {
    expect(await get(`/channel-group/g?${query}`)).toBe(OK);
  }
  expect(await get("/channel-group/nobody?add=")).toBe(OK);
  expect(await get("/channel-group")).toBe(payload('{"namespace":"","groups":["g"]}'));
});

test("[GRP9] channels are listed in order, and an unknown group has none", async () => {
  await get("/channel-group/g?add=c,a,B,room-pnpres,%F0%9F%A6%8A,a%3Ab,a");
  expect(await get("/channel-group/g")).toBe(
    payload('{"channels":["B","a","a:b","c","room-pnpres","🦊"],"group":"g"}'),
  );
  expect(await get("/channel-group/nobody")).toBe(payload('{"channels":[],"group":"nobody"}'));
  expect(await get("/channel-group/ns:nobody")).toBe(payload('{"channels":[],"group":"ns:nobody"}'));
});

test("[GRP10] a group is deleted, and once more", async () => {
  await get("/channel-group/g?add=a");
  await get("/channel-group/h?add=b");
  expect(await get("/channel-group/g/remove")).toBe(OK);
  expect(await get("/channel-group/g/remove")).toBe(OK);
  expect(await get("/channel-group")).toBe(payload('{"namespace":"","groups":["h"]}'));
  expect(await get("/channel-group/g")).toBe(payload('{"channels":[],"group":"g"}'));
  expect(await get("/channel-group/h")).toBe(payload('{"channels":["b"],"group":"h"}'));
});

test("[GRP11] groups are listed by namespace, and namespaces while they have a group", async () => {
  expect(await get("/namespace")).toBe(payload('{"sub_key":"demo","namespaces":[]}'));
  for (const group of ["g", "f", "ns:g", "ns:f", "other:x"]) await get(`/channel-group/${group}?add=a`);
  expect(await get("/channel-group")).toBe(payload('{"namespace":"","groups":["f","g"]}'));
  expect(await get("/namespace/ns/channel-group")).toBe(payload('{"namespace":"ns","groups":["f","g"]}'));
  expect(await get("/namespace/nobody/channel-group")).toBe(payload('{"namespace":"nobody","groups":[]}'));
  expect(await get("/namespace")).toBe(payload('{"sub_key":"demo","namespaces":["ns","other"]}'));
});

test("[GRP10] a namespace is deleted with its groups, and once more", async () => {
  for (const group of ["g", "ns:g", "ns:f", "n:g"]) await get(`/channel-group/${group}?add=a`);
  expect(await get("/namespace/ns/remove")).toBe(OK);
  expect(await get("/namespace/ns/remove")).toBe(OK);
  expect(await get("/namespace")).toBe(payload('{"sub_key":"demo","namespaces":["n"]}'));
  expect(await get("/channel-group/ns:g")).toBe(payload('{"channels":[],"group":"ns:g"}'));
  expect(await get("/channel-group/g")).toBe(payload('{"channels":["a"],"group":"g"}'));
  expect(await get("/channel-group/n:g")).toBe(payload('{"channels":["a"],"group":"n:g"}'));
});

test("[GRP4] a namespace in the path and one in the name mean the same", async () => {
  const inPath = "/namespace/ns/channel-group/g";
  const inName = "/channel-group/ns%3Ag";
  for (const [here, there] of [
    [inPath, inName],
    [inName, inPath],
  ] as const) {
    expect(await get(`${here}?add=a,b`)).toBe(OK);
    for (const path of [here, there]) expect(await get(path)).toBe(payload('{"channels":["a","b"],"group":"ns:g"}'));
    expect(await get(`${there}?remove=a`)).toBe(OK);
    expect(await get(here)).toBe(payload('{"channels":["b"],"group":"ns:g"}'));
    expect(await get(`${there}/remove`)).toBe(OK);
    expect(await get(here)).toBe(payload('{"channels":[],"group":"ns:g"}'));
  }
});

const LONG = "x".repeat(93);
const MALFORMED: Readonly<Record<string, ErrorCode>> = {
  "/channel-group/": "groupInputReserved",
  "/channel-group/a*": "groupInputReserved",
  "/channel-group/a.*?add=x": "groupInputReserved",
  "/channel-group/a,b": "groupInputReserved",
  "/channel-group/a%2Fb": "groupInputReserved",
  "/channel-group/a%5Cb": "groupInputReserved",
  "/channel-group/a%20b": "groupInputReserved",
  "/channel-group/a%00": "groupInputReserved",
  "/channel-group/:g": "groupInputReserved",
  "/channel-group/ns:": "groupInputReserved",
  "/channel-group/a:b:c": "groupInputReserved",
  "/channel-group/g-pnpres?add=x": "groupInputReserved",
  "/channel-group/g-pnpres/remove": "groupInputReserved",
  [`/channel-group/${LONG}`]: "groupInputTooLong",
  [`/channel-group/${LONG}:g/remove`]: "groupInputTooLong",
  "/channel-group/g?add=a.*": "groupInputReserved",
  "/channel-group/g?add=*": "groupInputReserved",
  "/channel-group/g?add=a,b%2Fc": "groupInputReserved",
  "/channel-group/g?add=a+b": "groupInputReserved",
  "/channel-group/g?add=.": "groupInputReserved",
  "/channel-group/g?add=-pnpres": "groupInputReserved",
  "/channel-group/g?remove=a.*-pnpres": "groupInputReserved",
  "/channel-group/g?add=a&remove=b%5Cc": "groupInputReserved",
  [`/channel-group/g?add=a,${LONG}`]: "groupInputTooLong",
  "/channel-group/g?add=%FF": "requestMalformed",
  "/channel-group/%FF": "requestMalformed",
  "/channel-group/g?remove=%": "requestMalformed",
  "/namespace//channel-group": "groupInputReserved",
  "/namespace//remove": "groupInputReserved",
  "/namespace/a:b/channel-group": "groupInputReserved",
  "/namespace/a*/remove": "groupInputReserved",
  "/namespace/ns/channel-group/": "groupInputReserved",
  "/namespace/ns/channel-group/a:b?add=x": "groupInputReserved",
  "/namespace/ns/channel-group/g-pnpres?add=x": "groupInputReserved",
  "/namespace/ns/channel-group/g?add=a*": "groupInputReserved",
  [`/namespace/${LONG}/channel-group/g?add=x`]: "groupInputTooLong",
};
for (const [path, code] of Object.entries(MALFORMED)) {
  test(`[GRP2 GRP13] ${path.slice(0, 48)} is ${code}, and nothing is changed`, async () => {
    await expectRefused(`${ROOT}${path}`, code);
    expect(await get("/channel-group")).toBe(payload('{"namespace":"","groups":[]}'));
    expect(await get("/namespace")).toBe(payload('{"sub_key":"demo","namespaces":[]}'));
  });
}

for (const path of [
  "/channel-group",
  "/channel-group/a*",
  "/channel-group/g/remove",
  "/namespace",
  "/namespace/n/remove",
]) {
  test(`[GRP13] ${path} of an unknown subscribe key is refused before anything else`, async () => {
    await expectRefused(`/v1/channel-registration/sub-key/nobody${path}`, "subscribeKeyInvalid");
  });
}

test("[GRP3 GRP13] a group takes its 2,000 channels in one request, and not one more in any way", async () => {
  const channels = Array.from({ length: LIMITS.channelsPerGroupMax }, (_, at) => `c${at}`);
  expect(await get(`/channel-group/g?add=${channels.join(",")}`)).toBe(OK);
  await expectRefused(`${ROOT}/channel-group/g?add=c0,more-pnpres`, "groupCountExceeded");
  await expectRefused(`${ROOT}/channel-group/g?add=more&remove=c0`, "groupCountExceeded");
  await expectRefused(`${ROOT}/channel-group/h?add=${[...channels, "more"].join(",")}`, "groupCountExceeded");
  await expectRefused(`${ROOT}/channel-group/g?remove=${[...channels, "more"].join(",")}`, "groupCountExceeded");
  expect(await listed("/channel-group/g", "channels")).toHaveLength(LIMITS.channelsPerGroupMax);
  expect(await get("/channel-group")).toBe(payload('{"namespace":"","groups":["g"]}'));
});

test("[GRP5 EDG7 EDG9 WIRE11] answers have the headers of every protocol answer, and long lists are compressed", async () => {
  const channels = Array.from({ length: 300 }, (_, at) => `channel-${at}`);
  await get(`/channel-group/g?add=${channels.join(",")}`);
  const short = await fetch(`${network.url}${ROOT}/channel-group`);
  expect(short.headers.get("content-type")).toBe('text/javascript; charset="UTF-8"');
  expect(short.headers.get("access-control-allow-origin")).toBe("*");
  expect(short.headers.get("cache-control")).toBe("no-cache");
  expect(short.headers.get("content-encoding")).toBeNull();
  const long = await fetch(`${network.url}${ROOT}/channel-group/g`, { headers: { "Accept-Encoding": "gzip" } });
  expect(long.headers.get("content-encoding")).toBe("gzip");
  expect(await long.text()).toBe(payload(JSON.stringify({ channels: channels.toSorted(), group: "g" })));
});

test("[GRP13 EDG11] only GET changes anything", async () => {
  for (const method of ["POST", "DELETE", "HEAD"]) {
    const response = await fetch(`${network.url}${ROOT}/channel-group/g?add=a`, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, OPTIONS"]);
  }
  expect(await get("/channel-group/g")).toBe(payload('{"channels":[],"group":"g"}'));
});

test("[GRP14] a restart keeps groups, their channels and their namespaces", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "longwave-groups-"));
  const start = (): Promise<Network> => startNetwork({ dataDir, port: 0, drainSeconds: 0 }, { log: SILENT_LOG });
  const first = await start();
  for (const path of ["g?add=a,b", "g?remove=a", "ns:g?add=c", "gone?add=a", "gone/remove"]) {
    expect(await get(`/channel-group/${path}`, first.url)).toBe(OK);
  }
  await first.stop();
  const second = await start();
  expect(await get("/channel-group", second.url)).toBe(payload('{"namespace":"","groups":["g"]}'));
  expect(await get("/channel-group/g", second.url)).toBe(payload('{"channels":["b"],"group":"g"}'));
  expect(await get("/namespace/ns/channel-group/g", second.url)).toBe(payload('{"channels":["c"],"group":"ns:g"}'));
  await second.stop();
  rmSync(dataDir, { recursive: true });
});

const REFUSALS: readonly (readonly [GroupChangeOutcome["kind"], ErrorCode, number])[] = [
  ["tooMany", "groupCountExceeded", 400],
  ["unavailable", "groupsUnavailable", 503],
  ["overloaded", "groupsOverloaded", 503],
];
for (const [kind, code, status] of REFUSALS) {
  test(`[GRP13 EDG14] a change that the store answers with ${kind} is ${code}`, async () => {
    const none = async (): Promise<readonly string[]> => [];
    const change = async (): Promise<GroupChangeOutcome> => ({ kind }) as GroupChangeOutcome;
    const store = { change, members: none, groups: none, namespaces: none, stop: async () => {} };
    const services = {
      clock: new ManualClock(),
      keysets: directoryOf(DEMO_KEYSET),
      log: SILENT_LOG,
      metrics: new Metrics(),
      admission: new Admission(new ManualClock(), UNLIMITED_ADDRESSES),
      turns: new Turns(new ManualClock()),
      groups: { store, announce: async () => {} },
    } as unknown as Services; // the others are not reached
    const edge = listen(services, { host: "127.0.0.1", port: 0, idleSeconds: 30, tls: undefined });
    for (const path of ["/channel-group/g?add=a", "/channel-group/g/remove", "/namespace/ns/remove"]) {
      const response = await fetch(`${edge.url}${ROOT}${path}`);
      expect([response.status, await response.text()]).toEqual([status, printErrorBody(code)]);
      expect(response.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
    }
    await edge.stop();
  });
}
