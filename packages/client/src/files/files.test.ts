import { expect, test } from "bun:test";
import { type ClientByHand, answerOf, clientByHand, itemOf, turn, until } from "../by-hand.ts";
import type { FileEvent } from "../events.ts";
import { type ClassicFile, type Cryptor, CryptoModule, type PubNub, PubNubError, SubscribeCallback } from "../index.ts";

const ID = "a1b2c3d4-0000-4000-8000-000000000000";
const FILE = { channel: "a-room", id: ID, name: "ca t.txt" };
const PATH = `/v1/files/sub-key/channels/a-room/files/${ID}/ca%20t.txt`;
const SENT = '[1,"Sent","17326051234567890"]';
const plain = { data: "Knights who say Ni!", name: "cat.txt" } as const;
const form = (more: object = {}): string =>
  JSON.stringify({
    status: 200,
    data: { id: ID, name: "ca_t.txt" },
    file_upload_request: {
      url: "https://bucket.test/up?x=1",
      method: "POST",
      expiration_date: "2025-04-11T09:45:31Z",
      form_fields: [
        { key: "tagging", value: "<a>" },
        { key: "Content-Type", value: "text/plain; charset=utf-8" },
        { key: "Policy", value: "x" },
      ],
      ...more,
    },
  });
const UPLOADED = { text: "", status: 204 } as const;

/** Waits for the next request. */
async function nextOf({ network }: ClientByHand, count: number): Promise<ClientByHand["network"]["last"]> {
  await until(() => network.requests.length >= count);
  return network.last;
}

async function contentOf(by: ClientByHand): Promise<readonly (readonly [string, string])[]> {
  const entries = Array.from(by.network.last.form ?? new FormData());
  return Promise.all(
    entries.map(async ([key, value]) => {
      if (typeof value === "string") return [key, value] as const;
      return [key, `${value.name} ${value.type} ${Buffer.from(await value.arrayBuffer()).toString("base64")}`] as const;
    }),
  );
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("[SDK60] a file is sent: a form, the upload with all its fields in order, the announcement", async () => {
  const by = clientByHand();
  const sent = by.client.sendFile({
    channel: "a-room",
    file: plain,
    message: { text: "look" },
    meta: { lang: "en" },
    storeInHistory: false,
    ttl: 2,
    customMessageType: "cat-pictures",
  });
  const asked = await nextOf(by, 1);
  expect([asked.method, asked.path, asked.body]).toEqual([
    "POST",
    "/v1/files/sub-key/channels/a-room/generate-upload-url",
    '{"name":"cat.txt"}',
  ]);
  asked.answer(form());
  const upload = await nextOf(by, 2);
  expect([upload.method, upload.url, upload.timeoutMs]).toEqual(["POST", "https://bucket.test/up?x=1", 300_000]);
  expect(await contentOf(by)).toEqual([
    ["tagging", "<a>"],
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Policy", "x"],
    ["file", expect.stringMatching(new RegExp(`^ca_t.txt .*${base64(plain.data)}$`))],
  ]);
  upload.answer(UPLOADED.text, UPLOADED.status);
  const announced = await nextOf(by, 3);
  const payload = `{"message":{"text":"look"},"file":{"id":"${ID}","name":"ca_t.txt"}}`;
  expect(decodeURIComponent(announced.path)).toBe(`/v1/files/publish-file/pub-key/sub-key/0/a-room/0/${payload}`);
  const { uuid: _, pnsdk: __, ...query } = announced.query;
  expect(query).toEqual({
    meta: '{"lang":"en"}',
    store: "0",
    ttl: "2",
    custom_message_type: "cat-pictures",
    lw_id: ID,
  });
  announced.answer(SENT);
  expect(await sent).toEqual({ status: 200, id: ID, name: "ca_t.txt", timetoken: "17326051234567890" });
});

async function* pieces(): AsyncIterable<Uint8Array | string> {
  yield "Knights ";
  yield new TextEncoder().encode("who say Ni!");
}
const bytes = new TextEncoder().encode(plain.data);
const INPUTS: Readonly<Record<string, readonly [file: Parameters<PubNub["sendFile"]>[0]["file"], type: string]>> = {
  "a File": [new File([plain.data], "cat.txt", { type: "image/png" }), "image/png"],
  "a File of no type": [new File([plain.data], "cat.txt"), "text/plain; charset=utf-8"],
  bytes: [{ data: bytes, name: "cat.txt", mimeType: "image/gif" }, "image/gif"],
  "a part of a buffer": [
    { data: new Uint8Array([0, ...bytes, 0]).subarray(1, bytes.length + 1), name: "cat.txt", mimeType: "image/gif" },
    "image/gif",
  ],
  "an ArrayBuffer": [{ data: bytes.buffer, name: "cat.txt" }, "text/plain; charset=utf-8"],
  "a Blob with a name": [{ data: new Blob([bytes], { type: "image/jpeg" }), name: "cat.txt" }, "image/jpeg"],
  "a stream": [{ stream: pieces(), name: "cat.txt", mimeType: "image/webp" }, "image/webp"],
};
for (const [what, [file, type]] of Object.entries(INPUTS)) {
  test(`[SDK60] ${what} is sent with its content and type`, async () => {
    const by = clientByHand();
    void by.client.sendFile({ channel: "a-room", file }).catch(() => {});
    (await nextOf(by, 1)).answer(form());
    await nextOf(by, 2);
    const fields = new Map(await contentOf(by));
    expect(fields.get("Content-Type")).toBe(type);
    expect(fields.get("file")).toEndWith(base64(plain.data));
  });
}

const vector =
  "504e4544014143524810000102030405060708090a0b0c0d0e0fecc4aabf9b9ea0d145af14386277019f17868b55e1359f6bf687a39aa1a8b52d";
const newer = CryptoModule.aesCbcCryptoModule({ cipherKey: "enigma" });

test("[SDK60 SDK61] content and announcement are encrypted, the content with a key of its own where it is given", async () => {
  const module = CryptoModule.aesCbcCryptoModule({ cipherKey: "enigma" });
  const own = CryptoModule.legacyCryptoModule({ cipherKey: "testKey" });
  for (const cipherKey of [undefined, "testKey"]) {
    const by = clientByHand({ cryptoModule: module });
    void by.client.sendFile({ channel: "a-room", file: plain, cipherKey, message: "look" }).catch(() => {});
    const asked = await nextOf(by, 1);
    expect(asked.body).toBe('{"name":"cat.txt"}');
    asked.answer(form());
    const upload = await nextOf(by, 2);
    const file = upload.form?.get("file") as File;
    const sealed = new Uint8Array(await file.arrayBuffer());
    const opened = await (cipherKey === undefined ? module : own).decrypt(sealed);
    expect(new TextDecoder().decode(opened)).toBe(plain.data);
    upload.answer("", 204);
    const announced = await nextOf(by, 3);
    const payload: unknown = JSON.parse(decodeURIComponent(announced.path.split("/").at(-1) ?? ""));
    expect(await module.decrypt(String(payload))).toBe(`{"message":"look","file":{"id":"${ID}","name":"ca_t.txt"}}`);
  }
});

test("[SDK61] what may not have arrived is announced again: the same ciphertext by the same id, until it has", async () => {
  const by = clientByHand({ cryptoModule: newer, fileUploadPublishRetryLimit: 3 });
  const sent = by.client.sendFile({ channel: "a-room", file: plain });
  (await nextOf(by, 1)).answer(form());
  (await nextOf(by, 2)).answer("", 204);
  (await nextOf(by, 3)).fail("timeout");
  await until(() => by.time.waiting > 0);
  await by.time.pass(1_000);
  (await nextOf(by, 4)).answer('{"status":503}', 503);
  await until(() => by.time.waiting > 0);
  await by.time.pass(1_000);
  const last = await nextOf(by, 5);
  expect(by.network.requests.slice(2).map(({ url }) => url)).toEqual([last.url, last.url, last.url]);
  expect(last.query["lw_id"]).toBe(ID);
  last.answer(SENT);
  expect((await sent).timetoken).toBe("17326051234567890");
});

test("[SDK61] what cannot be announced says which file is kept, and can be announced by hand", async () => {
  const by = clientByHand({ fileUploadPublishRetryLimit: 0 });
  const sent = by.client.sendFile({ channel: "a-room", file: plain }).catch((no: unknown) => no);
  (await nextOf(by, 1)).answer(form());
  (await nextOf(by, 2)).answer("", 204);
  (await nextOf(by, 3)).fail("network", "ECONNRESET");
  const failure = await sent;
  expect(failure).toBeInstanceOf(PubNubError);
  expect(failure).toMatchObject({
    category: "PNNetworkIssuesCategory",
    operation: "PNPublishFileOperation",
    file: { channel: "a-room", id: ID, name: "ca_t.txt" },
  });
  expect(String(failure)).toContain("kept but not announced: call publishFileMessage");
  const call = by.client.publishFile({ channel: "a-room", fileId: ID, fileName: "ca_t.txt" });
  const announced = await nextOf(by, 4);
  expect(decodeURIComponent(announced.path)).toEndWith(`/0/a-room/0/{"file":{"id":"${ID}","name":"ca_t.txt"}}`);
  expect(announced.query["lw_id"]).toHaveLength(22);
  announced.answer(SENT);
  expect(await call).toEqual({ timetoken: "17326051234567890" });
});

test("[SDK10 SDK61] the wait for another announcement is called off by the signal", async () => {
  const by = clientByHand();
  const stop = new AbortController();
  const sent = by.client.sendFile({ channel: "a-room", file: plain, signal: stop.signal }).catch((no: unknown) => no);
  (await nextOf(by, 1)).answer(form());
  (await nextOf(by, 2)).answer("", 204);
  (await nextOf(by, 3)).fail("network");
  await until(() => by.time.waiting > 0);
  stop.abort();
  expect(await sent).toMatchObject({
    category: "PNCancelledCategory",
    operation: "PNPublishFileOperation",
    file: { id: ID },
  });
  expect(by.time.waiting).toBe(0);
});

test("[SDK4 SDK61] an announcement that cannot be encrypted says which file is kept", async () => {
  const own: Cryptor = {
    identifier: "OWN1",
    encrypt: async (data, kind) => {
      if (kind === "text") throw new Error("secret");
      return { metadata: new Uint8Array(), data };
    },
    decrypt: async ({ data }) => data,
  };
  const by = clientByHand({ cryptoModule: new CryptoModule({ default: own }) });
  const sent = by.client.sendFile({ channel: "a-room", file: plain }).catch((no: unknown) => no);
  (await nextOf(by, 1)).answer(form());
  (await nextOf(by, 2)).answer("", 204);
  const failure = await sent;
  expect(failure).toMatchObject({
    name: "PubNubError",
    category: "PNUnknownCategory",
    operation: "PNPublishFileOperation",
    file: { id: ID },
  });
  expect(String(failure)).not.toContain("secret");
});

test("[SDK61] a refusal is not announced again", async () => {
  const by = clientByHand();
  const sent = by.client.sendFile({ channel: "a-room", file: plain }).catch((no: unknown) => no);
  (await nextOf(by, 1)).answer(form());
  (await nextOf(by, 2)).answer("", 204);
  (await nextOf(by, 3)).answer('{"message":"Forbidden"}', 403);
  expect(await sent).toMatchObject({ status: 403, file: { id: ID } });
  expect(by.time.waiting).toBe(0);
});

test("[SDK4 SDK60] an upload that is refused says what the storage said", async () => {
  const by = clientByHand();
  const sent = by.client.sendFile({ channel: "a-room", file: plain }).catch((no: unknown) => no);
  (await nextOf(by, 1)).answer(form());
  const xml = "<Error><Code>EntityTooLarge</Code><Message>Your proposed upload exceeds the maximum</Message></Error>";
  (await nextOf(by, 2)).answer(xml, 400);
  const failure = await sent;
  expect(failure).toMatchObject({ status: 400, category: "PNBadRequestCategory", operation: "PNSendFileOperation" });
  expect(String(failure)).toContain('answered 400 "Your proposed upload exceeds the maximum"');
  expect(by.network.requests).toHaveLength(2);
});

const FORMS: Readonly<Record<string, string>> = {
  "no form": '{"status":200,"data":{"id":"a","name":"b"}}',
  "no address": form({ url: undefined }),
  "an address that is no address of files": form({ url: "file:///etc/passwd" }),
  "fields that are none": form({ form_fields: [{ name: "a", value: "b" }] }),
  "no identifier": form().replace(`"id":"${ID}",`, ""),
};
for (const [what, text] of Object.entries(FORMS)) {
  test(`[SDK23] ${what}: nothing is uploaded`, async () => {
    const by = clientByHand();
    const sent = by.client.sendFile({ channel: "a-room", file: plain }).catch((no: unknown) => no);
    (await nextOf(by, 1)).answer(text);
    expect(await sent).toMatchObject({
      category: "PNMalformedResponseCategory",
      operation: "PNGenerateUploadUrlOperation",
    });
    expect(by.network.requests).toHaveLength(1);
  });
}

test("[SDK10] a signal aborts each step of sending", async () => {
  for (let steps = 1; steps <= 3; steps++) {
    const by = clientByHand();
    const stop = new AbortController();
    const sent = by.client.sendFile({ channel: "a-room", file: plain, signal: stop.signal }).catch((no: unknown) => no);
    if (steps > 1) (await nextOf(by, 1)).answer(form());
    if (steps > 2) (await nextOf(by, 2)).answer("", 204);
    await nextOf(by, steps);
    stop.abort();
    expect(await sent).toMatchObject({ category: "PNCancelledCategory" });
  }
});

test("[SDK62] files are listed", async () => {
  const listed = { id: ID, name: "cat.txt", size: 19, created: "2020-10-21T12:27:06Z" };
  for (const [limit, next, asks] of [
    [undefined, undefined, "limit=100"],
    [500, null, "limit=100"],
    [2, "a b", "limit=2&next=a%20b"],
  ] as const) {
    const by = clientByHand();
    const call = by.client.listFiles({ channel: "a-room", limit, next });
    expect(by.network.last.url).toStartWith(
      `https://network.test/v1/files/sub-key/channels/a-room/files?${asks}&uuid=anna`,
    );
    by.network.last.answer(JSON.stringify({ status: 200, data: [listed], next: "x", count: 1 }));
    expect(await call).toEqual({ status: 200, data: [listed], next: "x", count: 1 });
  }
  const by = clientByHand();
  const call = by.client.listFiles({ channel: "a-room" });
  by.network.last.answer('{"status":200,"data":[],"next":null,"count":0}');
  expect(await call).toEqual({ status: 200, data: [], next: null, count: 0 });
});

test("[SDK62] a file is deleted", async () => {
  const by = clientByHand();
  const call = by.client.deleteFile(FILE);
  expect([by.network.last.method, by.network.last.path]).toEqual(["DELETE", PATH]);
  by.network.last.answer('{"status":200}');
  expect(await call).toEqual({ status: 200 });
});

test("[SDK23] lists and deletions that are answered by something else are no result", async () => {
  for (const call of [
    (client: PubNub) => client.listFiles({ channel: "a-room" }),
    (client: PubNub) => client.deleteFile(FILE),
    (client: PubNub) => client.publishFileMessage({ channel: "a-room", fileId: ID, fileName: "a" }),
  ]) {
    for (const text of ["", "7", "null", "[]", "{}", '{"data":[]}', '{"data":[7],"status":"200"}']) {
      const { client, network } = clientByHand();
      const failure = call(client).catch((no: unknown) => no);
      await turn();
      network.last.answer(text);
      expect(await failure).toMatchObject({ category: "PNMalformedResponseCategory" });
    }
  }
});

test("[SDK62] a file is downloaded as it is, with its name and type", async () => {
  const by = clientByHand({ fileRequestTimeout: 7 });
  const call = by.client.downloadFile(FILE);
  const { method, path, timeoutMs, wantsBytes } = by.network.last;
  expect([method, path, timeoutMs, wantsBytes]).toEqual(["GET", PATH, 7_000, true]);
  by.network.last.answerBytes(Uint8Array.of(0, 255, 7), "image/png");
  const file = await call;
  expect([file.name, file.type, file.size]).toEqual(["ca t.txt", "image/png", 3]);
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(Uint8Array.of(0, 255, 7));
});

test("[SDK62] a file is decrypted by the configuration's key, or by its own", async () => {
  const sealed = Uint8Array.from(Buffer.from(vector, "hex"));
  for (const [options, cipherKey] of [
    [{ cipherKey: "enigma" }, undefined],
    [{}, "enigma"],
    [{ cipherKey: "another" }, "enigma"],
  ] as const) {
    const by = clientByHand(options);
    const call = by.client.downloadFile({ ...FILE, cipherKey });
    (await nextOf(by, 1)).answerBytes(sealed);
    expect(await (await call).text()).toBe(plain.data);
  }
  const by = clientByHand({ cipherKey: "another" });
  const call = by.client.downloadFile(FILE).catch((no: unknown) => no);
  (await nextOf(by, 1)).answerBytes(sealed.slice(0, -1));
  expect(await call).toMatchObject({ category: "PNDecryptionErrorCategory", operation: "PNDownloadFileOperation" });
});

test("[SDK62] the address of a file holds what this client shows to be let in, and is signed where it is to be", async () => {
  const by = clientByHand({ authKey: "k/e" });
  const url = `https://network.test${PATH}?auth=k%2Fe&uuid=anna&pnsdk=Longwave-TypeScript%2F0.1.0`;
  expect(by.client.getFileUrl(FILE)).toBe(url);
  expect(await by.client.getSignedFileUrl(FILE)).toBe(url);
  const server = clientByHand({ secretKey: "sec-key" }).client;
  expect(() => server.getFileUrl(FILE)).toThrow("call getSignedFileUrl");
  expect(await server.getSignedFileUrl(FILE)).toMatch(/&timestamp=1700000000&signature=v2\.[\w-]{43}$/);
  expect(by.network.requests).toEqual([]);
});

type Do = (client: PubNub) => Promise<unknown>;
const REFUSED: Readonly<Record<string, readonly [Do, RegExp]>> = {
  "no file": [(client) => client.sendFile({ channel: "a" } as never), /file is no file/],
  "a file without a name": [
    (client) => client.sendFile({ channel: "a", file: { data: "x" } as never }),
    /file.name is mi/,
  ],
  "a file of dots": [
    (client) => client.sendFile({ channel: "a", file: { data: "x", name: ".." } }),
    /file.name is missing or no name/,
  ],
  "data that is none": [
    (client) => client.sendFile({ channel: "a", file: { data: 7 as never, name: "a" } }),
    /file is no file; give a File/,
  ],
  "a stream that is none": [
    (client) => client.sendFile({ channel: "a", file: { stream: [] as never, name: "a" } }),
    /file is no file/,
  ],
  "a channel that is none": [
    (client) => client.sendFile({ channel: "a,b", file: plain }),
    /channel is missing or no name/,
  ],
  "a message that goes round": [
    (client) => {
      const message: Record<string, unknown> = {};
      message["message"] = message;
      return client.sendFile({ channel: "a", file: plain, message });
    },
    /message is missing or no JSON/,
  ],
  "a message that is too long": [
    (client) => client.sendFile({ channel: "a", file: plain, message: "x".repeat(32_000) }),
    /too long for an address/,
  ],
  "an empty key": [(client) => client.sendFile({ channel: "a", file: plain, cipherKey: "" }), /cipherKey is missing/],
  "no identifier": [(client) => client.deleteFile({ ...FILE, id: "" }), /id is missing/],
  "a name of dots": [(client) => client.downloadFile({ ...FILE, name: "." }), /name is missing or no name/],
  "a limit of none": [(client) => client.listFiles({ channel: "a", limit: 0 }), /limit is 0/],
  "a page that is none": [(client) => client.listFiles({ channel: "a", next: 7 as never }), /next is none/],
};
for (const [why, [call, sentence]] of Object.entries(REFUSED)) {
  test(`[SDK27 SDK60] nothing is sent: ${why}`, async () => {
    const { client, network } = clientByHand();
    const failure = await call(client).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ name: "PubNubError", category: "PNValidationErrorCategory" });
    expect(String(failure)).toMatch(sentence);
    expect(network.requests).toEqual([]);
  });
}

test("[SDK60] without a publish key nothing is uploaded that could not be announced", async () => {
  const { client, network } = clientByHand({ publishKey: undefined });
  const failure: unknown = await client.sendFile({ channel: "a", file: plain }).catch((no: unknown) => no);
  expect(String(failure)).toContain("publishKey is missing");
  expect(network.requests).toEqual([]);
});

test("[SDK63] announcements reach listeners of each kind, decrypted; what is none reaches nobody", async () => {
  const by = clientByHand({ cryptoModule: newer, transport: "long-poll", authKey: "key" });
  const { client, network } = by;
  const [events, own, classic]: [FileEvent[], FileEvent[], ClassicFile[]] = [[], [], []];
  client.addListener({ file: (event) => void events.push(event) });
  class Callback extends SubscribeCallback {
    override file(_: PubNub, file: ClassicFile): void {
      classic.push(file);
    }
  }
  client.addListener(new Callback());
  const subscription = client.channel("room").subscription();
  subscription.onFile = (event) => void own.push(event);
  subscription.subscribe();
  await turn();
  network.poll.answer(answerOf("17326051234567891"));
  await until(() => network.poll.query["tt"] === "17326051234567891");
  const file = { id: ID, name: "ca t.txt" };
  const payloads = [
    { file, message: { text: "look" } },
    { message: null, file },
    await newer.encrypt(JSON.stringify({ file, message: 7 })),
    "no ciphertext",
    { file: { id: "..", name: "a" } },
    { file: { id: "a" } },
    7,
  ];
  const more = { e: 4, u: { lang: "en" }, cmt: "cat" };
  network.poll.answer(
    answerOf(
      "17326051234567893",
      payloads.map((payload) => itemOf("room", payload, more)),
    ),
  );
  await until(() => events.length === 4);
  const url = `https://network.test/v1/files/sub-key/channels/room/files/${ID}/ca%20t.txt`;
  const query = "?auth=key&uuid=anna&pnsdk=Longwave-TypeScript%2F0.1.0";
  const common = {
    channel: "room",
    subscription: null,
    timetoken: "17326051234567890",
    publisher: "bert",
    userMetadata: { lang: "en" },
    customMessageType: "cat",
  };
  const announced = { ...common, file: { ...file, url: `${url}${query}` } };
  expect(events).toStrictEqual([
    { ...announced, message: { text: "look" } },
    announced,
    { ...announced, message: 7 },
    { ...common, message: "no ciphertext", error: expect.stringContaining("it is no base64") },
  ]);
  expect(own).toEqual(events);
  expect(classic.map(({ fileId, fileName, fileUrl }) => [fileId, fileName, fileUrl === `${url}${query}`])).toEqual([
    [ID, "ca t.txt", true],
    [ID, "ca t.txt", true],
    [ID, "ca t.txt", true],
    [undefined, undefined, false],
  ]);
  expect(by.messages).toEqual([]);
  client.destroy();
});
