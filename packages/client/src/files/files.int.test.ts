import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Network, SILENT_LOG, startNetwork } from "@longwave/server";
import { CryptoModule, type FileEvent, PubNub, PubNubError, type PubNubOptions, SubscribeListener } from "../index.ts";

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ memory: true, port: 0 }, { log: SILENT_LOG });
});
afterAll(() => network.stop());

const DEMO = { subscribeKey: "demo", publishKey: "demo" } as const;
const clientOf = (options: Partial<PubNubOptions> = {}): PubNub =>
  new PubNub({ ...DEMO, userId: "anna", origin: network.url, ...options });

const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251);
const WAYS: Readonly<Record<string, Partial<PubNubOptions>>> = {
  "in clear": {},
  "encrypted in the newer way": { cryptoModule: CryptoModule.aesCbcCryptoModule({ cipherKey: "enigma" }) },
  "encrypted in the older way": { cipherKey: "enigma" },
  "signed by a server": {
    subscribeKey: "guarded-sub",
    publishKey: "guarded-pub",
    secretKey: "guarded-secret",
  },
};
for (const [way, options] of Object.entries(WAYS)) {
  test(`[SDK60 SDK61 SDK62 SDK63] ${way}: sent, announced, listed, downloaded, deleted`, async () => {
    const client = clientOf(options);
    const channel = `files-${way}`.replaceAll(" ", "-");
    const listener = new SubscribeListener();
    const arrived = Promise.withResolvers<FileEvent>();
    client.addListener(listener);
    client.addListener({ file: arrived.resolve });
    client.subscribe({ channels: [channel] });
    await listener.waitForConnect();
    const file = { data: bytes, name: "a/ü, b.png", mimeType: "image/png" };
    const { id, name, timetoken } = await client.sendFile({ channel, file, message: { text: "look" }, meta: { n: 1 } });
    const event = await arrived.promise;
    expect(event).toMatchObject({ channel, publisher: "anna", timetoken, userMetadata: { n: 1 } });
    expect(event).toMatchObject({ message: { text: "look" }, file: { id, name } });
    expect(name).toBe("a_ü, b.png");
    const { data, next, count } = await client.listFiles({ channel });
    expect([data.map((listed) => [listed.id, listed.name]), next, count]).toEqual([[[id, name]], null, 1]);
    const { messages } = await client.history({ channel });
    expect(messages.map(({ entry }) => entry)).toEqual([{ message: { text: "look" }, file: { id, name } }]);
    const fetched = (await client.fetchMessages({ channels: [channel] })).channels[channel] ?? [];
    expect(fetched.map(({ message }) => message)).toEqual([{ message: { text: "look" }, file: event.file }]);
    const downloaded = await client.downloadFile({ channel, id, name });
    expect([downloaded.name, downloaded.type]).toEqual([name, "image/png"]);
    expect(new Uint8Array(await downloaded.arrayBuffer())).toEqual(bytes);
    const answer = await fetch(await client.getSignedFileUrl({ channel, id, name }));
    expect([answer.status, (await answer.arrayBuffer()).byteLength >= bytes.length]).toEqual([200, true]);
    expect(await client.deleteFile({ channel, id, name })).toEqual({ status: 200 });
    expect(await client.downloadFile({ channel, id, name }).catch((no: PubNubError) => no.status)).toBe(404);
    expect((await client.listFiles({ channel })).data).toEqual([]);
    client.destroy();
  });
}

test("[SDK62] pages of files, and an address that an event gives", async () => {
  const client = clientOf();
  const channel = "many-files";
  const urls: string[] = [];
  client.addListener({ file: ({ file }) => void urls.push(file?.url ?? "") });
  const listener = new SubscribeListener();
  client.addListener(listener);
  client.subscribe({ channels: [channel] });
  await listener.waitForConnect();
  for (const data of ["1", "2", "3"]) await client.sendFile({ channel, file: { data, name: "n.txt" } });
  const ids: string[] = [];
  for (let next: string | null | undefined; next !== null;) {
    const page = await client.listFiles({ channel, limit: 2, next });
    ids.push(...page.data.map(({ id }) => id));
    next = page.next;
  }
  expect(new Set(ids).size).toBe(3);
  await client.publish({ channel, message: "last" });
  await listener.waitForMessageOn([channel]);
  const texts = await Promise.all(urls.map(async (url) => (await fetch(url)).text()));
  expect(texts).toEqual(["1", "2", "3"]);
  client.destroy();
});

test("[SDK60] a token is enough where it permits the channel, and a refusal says so", async () => {
  const guarded = { subscribeKey: "guarded-sub", publishKey: "guarded-pub" } as const;
  const [server, anna] = [clientOf({ ...guarded, secretKey: "guarded-secret" }), clientOf(guarded)];
  const file = { data: "x", name: "x.txt" };
  expect(await anna.sendFile({ channel: "closed", file }).catch((no: PubNubError) => no)).toMatchObject({
    status: 403,
    operation: "PNGenerateUploadUrlOperation",
  });
  anna.setToken(
    await server.grantToken({ ttl: 1, resources: { channels: { closed: { read: true, write: true, delete: true } } } }),
  );
  const { id, name } = await anna.sendFile({ channel: "closed", file });
  expect(await (await fetch(anna.getFileUrl({ channel: "closed", id, name }))).text()).toBe("x");
  expect(await (await anna.downloadFile({ channel: "closed", id, name })).text()).toBe("x");
});
