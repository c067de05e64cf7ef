import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO_KEYSET, type Keyset } from "../access/keysets.ts";
import { type Network, type NetworkParts, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import type { ServerOptions } from "../options.ts";
import { askForForm, send, upload } from "./file-client.ts";

const ADMIN_TOKEN = "only-of-this-test-0123456789";

interface Place extends Disposable {
  start(options?: Partial<ServerOptions>, parts?: NetworkParts): Promise<Network>;
  /** Files of content that are on the disk. */
  contents(): readonly string[];
}

function place(): Place {
  const directory = mkdtempSync(join(tmpdir(), "longwave-keysets-"));
  const data = join(directory, "data");
  const fixed = { dataDir: data, port: 0, drainSeconds: 0, adminToken: ADMIN_TOKEN };
  return {
    start: (options = {}, parts = {}) => startNetwork({ ...fixed, ...options }, { log: SILENT_LOG, ...parts }),
    contents: () =>
      readdirSync(join(data, "files"), { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [entry.name] : [],
      ),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

function admin({ url }: Network, method: string, path: string, body?: object): Promise<Response> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  return fetch(`${url}/admin/v1/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

const SHOP = { name: "shop", publishKey: "pub-shop", subscribeKey: "sub-shop" };
const room = ({ url }: Network, key: string): string => `${url}/v1/files/${key}/channels/room`;
const list = async (network: Network, key: string): Promise<string> =>
  (await fetch(`${room(network, key)}/files`)).text();
const NONE = '{"status":200,"data":[],"next":null,"count":0}';

test("[FIL8 ACC15] a keyset that is removed takes its files with it at once, and a later one of the same keys has none", async () => {
  using at = place();
  const network = await at.start();
  expect((await admin(network, "POST", "keysets", SHOP)).status).toBe(201);
  const kept = await send(room(network, "demo"), "other.txt", "other");
  for (let count = 0; count < 120; count++) await send(room(network, "sub-shop"), `${count}.txt`, "x");
  expect(at.contents()).toHaveLength(121);
  expect((await admin(network, "DELETE", "keysets/sub-shop")).status).toBe(200);
  expect(at.contents()).toHaveLength(1);
  expect((await admin(network, "POST", "keysets", SHOP)).status).toBe(201);
  expect(await list(network, "sub-shop")).toBe(NONE);
  expect(await (await fetch(`${room(network, "demo")}/files/${kept.id}/other.txt`)).text()).toBe("other");
  await network.stop();
}, 60_000);

test("[FIL8] an upload that was under way when its keyset was removed is not kept", async () => {
  using at = place();
  let arrived: () => void = () => {};
  let goOn = Promise.resolve();
  const network = await at.start(
    {},
    {
      blobs: (store) => ({
        put: async (id, content, bytesMax) => {
          const outcome = await store.put(id, content, bytesMax);
          arrived();
          await goOn;
          return outcome;
        },
        get: (id, range) => store.get(id, range),
        delete: (id) => store.delete(id),
        list: (after, blobsMax) => store.list(after, blobsMax),
      }),
    },
  );
  await admin(network, "POST", "keysets", SHOP);
  for (const content of ["", "some"]) {
    const form = await askForForm(room(network, "sub-shop"), "late.txt");
    const [received, removed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    [arrived, goOn] = [received.resolve, removed.promise];
    const uploading = upload(form, content);
    await received.promise;
    await admin(network, "DELETE", "keysets/sub-shop");
    removed.resolve();
    expect((await uploading).status).toBe(507);
    expect(at.contents()).toEqual([]);
    await admin(network, "POST", "keysets", SHOP);
    expect(await list(network, "sub-shop")).toBe(NONE);
  }
  await network.stop();
});

test("[FIL8] what a stop left of a removed keyset's files leaves before the next start listens; a keyset left out keeps its own", async () => {
  using at = place();
  const ghost: Keyset = { ...DEMO_KEYSET, name: "ghost", subscribeKey: "ghost", publishKey: "ghost" };
  const first = await at.start({}, { keysets: [ghost] }); // it is kept nowhere, as if it had been removed
  await send(room(first, "ghost"), "a.txt", "a");
  const demo = await send(room(first, "demo"), "b.txt", "b");
  await first.stop();
  expect(at.contents()).toHaveLength(2);
  const second = await at.start({ demoKeys: false });
  expect(at.contents()).toHaveLength(1);
  await second.stop();
  const third = await at.start();
  expect(await (await fetch(`${room(third, "demo")}/files/${demo.id}/b.txt`)).text()).toBe("b");
  await third.stop();
});

const devicePath = ({ url }: Network, key: string, token: string): string =>
  `${url}/v1/push/sub-key/${key}/devices/${token}`;
const register = (network: Network, key: string, token: string): Promise<Response> =>
  fetch(`${devicePath(network, key, token)}?type=fcm&add=room`);
const channelsOf = async (network: Network, key: string, token: string): Promise<unknown> =>
  (await fetch(`${devicePath(network, key, token)}?type=fcm`)).json();

test("[PSH28 ACC15] a keyset that is removed takes its devices along, and a later one of the same keys tells none of them", async () => {
  using at = place();
  const network = await at.start();
  await admin(network, "POST", "keysets", SHOP);
  const tokens = Array.from({ length: 25 }, (_, index) => `phone-${index}`);
  for (const token of tokens) expect((await register(network, "sub-shop", token)).status).toBe(200);
  await register(network, "demo", "phone-0");
  await admin(network, "DELETE", "keysets/sub-shop");
  await admin(network, "POST", "keysets", SHOP);
  for (const token of tokens) expect(await channelsOf(network, "sub-shop", token)).toEqual([]);
  expect(await channelsOf(network, "demo", "phone-0")).toEqual(["room"]);
  await network.stop();
});

test("[PSH28] what a stop left of a removed keyset's devices leaves before the next start listens", async () => {
  using at = place();
  const ghost: Keyset = { ...DEMO_KEYSET, name: "ghost", subscribeKey: "ghost", publishKey: "ghost" };
  const first = await at.start({}, { keysets: [ghost] });
  for (const key of ["ghost", "demo"]) await register(first, key, "phone");
  await first.stop();
  await (await at.start()).stop();
  const third = await at.start({}, { keysets: [ghost] });
  expect(await channelsOf(third, "ghost", "phone")).toEqual([]);
  expect(await channelsOf(third, "demo", "phone")).toEqual(["room"]);
  await third.stop();
});
