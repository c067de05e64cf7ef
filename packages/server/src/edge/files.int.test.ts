import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import type { KeysetSettings } from "../access/keyset-settings.ts";
import { DEMO_KEYSET, type Keyset } from "../access/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { type OfferedForm, askForForm, printFields, send, upload } from "./file-client.ts";

const keyset = (key: string, settings: Partial<KeysetSettings>): Keyset => ({
  ...DEMO_KEYSET,
  name: key,
  subscribeKey: key,
  publishKey: key,
  ...settings,
});
const KEYSETS = [
  keyset("off", { hasFiles: false }),
  keyset("small", { fileMebibytesMax: 1, filesMebibytesMax: 1 }),
  keyset("brief", { fileRetentionDays: 1 }),
  keyset("endless", { keepsFilesForEver: true }),
];
const START_MS = 1_732_605_123_456; // 07:12:03 UTC
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const HELLO = "hello, wörld";
const digestOf = (content: string): string => createHash("sha256").update(content).digest("hex");

let network: Network;
let clock: ManualClock;
beforeAll(async () => {
  clock = new ManualClock(START_MS);
  network = await startNetwork(
    { memory: true, port: 0, drainSeconds: 0 },
    { log: SILENT_LOG, clock, keysets: KEYSETS },
  );
});
afterAll(() => network.stop());

const room = (channel: string, key = "demo"): string => `${network.url}/v1/files/${key}/channels/${channel}`;
const fileUrl = (channel: string, { id, name }: OfferedForm, key = "demo"): string =>
  `${room(channel, key)}/files/${id}/${encodeURIComponent(name)}`;
const xml = (code: string, message: string, sizes = ""): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${sizes}<RequestId>0</RequestId><HostId>longwave</HostId></Error>`;

interface Told {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

async function told(answer: Response | Promise<Response>): Promise<Told> {
  const response = await answer;
  return { status: response.status, type: response.headers.get("content-type"), body: await response.text() };
}
const json = (status: number, body: string): Told => ({ status, type: "application/json", body });
const refusedUpload = (status: number, ...body: Parameters<typeof xml>): Told => ({
  status,
  type: "application/xml",
  body: xml(...body),
});
const list = (channel: string, query = "", key = "demo"): Promise<Told> =>
  told(fetch(`${room(channel, key)}/files?${query}`));
const EMPTY = json(200, '{"status":200,"data":[],"next":null,"count":0}');

/** Follows the redirect by hand. */
async function linkOf(channel: string, form: OfferedForm, key = "demo"): Promise<string> {
  const response = await fetch(fileUrl(channel, form, key), { redirect: "manual" });
  expect([response.status, await response.text()]).toEqual([307, ""]);
  return response.headers.get("location") ?? "";
}

const ALTERED = refusedUpload(403, "AccessDenied", "Invalid according to Policy: The form is not as it was given out.");
const EXPIRED = refusedUpload(403, "AccessDenied", "Invalid according to Policy: Policy expired.");
const MALFORMED = refusedUpload(400, "MalformedPOSTRequest", "The body is not well-formed multipart/form-data.");
const FILE_MISSING = refusedUpload(400, "InvalidArgument", "The form must end with one part named file.");
const NOT_MULTIPART = refusedUpload(400, "AuthorizationQueryParametersError", "The body must be multipart/form-data.");
const UNKNOWN = refusedUpload(404, "NoSuchKey", "The specified key does not exist.");
const LINK_ALTERED = refusedUpload(403, "SignatureDoesNotMatch", "The link is not as it was given out.");

test("[FIL1 FIL3 FIL7] a form has an identifier, the name, where to send it, until when, and its fields in their order", async () => {
  const response = await fetch(`${room("forms")}/generate-upload-url`, {
    method: "POST",
    body: '{"name":"a<b>&.txt"}',
  });
  const text = await response.text();
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
  const { data } = JSON.parse(text) as { data: { id: string } };
  expect(data.id).toMatch(UUID);
  const hash = createHash("sha256").update("forms").digest("base64url");
  const name = "a\\u003cb\\u003e\\u0026.txt";
  const [, policy, signature] =
    /"Policy","value":"([\w-]+)"\},\{"key":"Signature","value":"([0-9a-f]{64})"/.exec(text) ?? [];
  expect(text).toBe(
    `{"status":200,"data":{"id":"${data.id}","name":"${name}"},"file_upload_request":{"url":"${network.url}/v1/file-content/demo",` +
      `"method":"POST","expiration_date":"2024-11-26T07:13:03Z","form_fields":[{"key":"key","value":"demo/${hash}/${data.id}/${name}"},` +
      `{"key":"Content-Type","value":"text/plain; charset=utf-8"},{"key":"Policy","value":"${policy}"},{"key":"Signature","value":"${signature}"}]}}`,
  );
  expect(await list("forms")).toEqual(EMPTY);
});

const NAMES: readonly (readonly [asked: string, given: string])[] = [
  ["cat.txt", "cat.txt"],
  ["Größe 🦊 (1).png", "Größe 🦊 (1).png"],
  ["../../etc/passwd", ".._.._etc_passwd"],
  ["..", "__"],
  [".", "_"],
  ["a?b#c%d\\e", "a_b_c_d_e"],
  ["a\u0000b\nc\u007Fd", "a_b_c_d"],
  ["exe\u202Etxt", "exe_txt"],
  ["  padded  ", "padded"],
  ["x".repeat(255), "x".repeat(255)],
];
for (const [asked, given] of NAMES) {
  test(`[FIL2] ${JSON.stringify(asked).slice(0, 40)} is called ${JSON.stringify(given).slice(0, 40)}`, async () => {
    expect((await askForForm(room("names"), asked)).name).toBe(given);
  });
}

const NAME_REFUSED =
  '{"status":400,"error":{"source":"Files","message":"[name] must be a text of 1 to 255 bytes","code":3001}}';
const BODY_REFUSED =
  '{"status":400,"error":{"source":"Files","message":"Request payload must be in JSON format.","code":3001}}';
const CHANNEL_REFUSED =
  '{"status":400,"error":{"source":"Files","message":"[channel] contains invalid characters","code":3001}}';
const OFF = '{"status":402,"error":{"message":"Files service not enabled for subkey","source":"Files","code":3005}}';
const KEY_REFUSED = '{"message":"Invalid Subscribe Key","error":true,"service":"Access Manager","status":400}';
const LIMIT_REFUSED =
  '{"status":400,"error":{"source":"Files","message":"Invalid limit parameter. Limit must be an integer between 1 and 100 (inclusive).","code":3001}}';
const NEXT_REFUSED = '{"status":400,"error":{"source":"Files","message":"Invalid next parameter.","code":3001}}';

const BODIES: readonly (readonly [what: string, body: string, answer: string])[] = [
  ["no name", "{}", NAME_REFUSED],
  ["an empty name", '{"name":""}', NAME_REFUSED],
  ["a name of spaces", '{"name":"  "}', NAME_REFUSED],
  ["a name of 256 bytes", JSON.stringify({ name: "é".repeat(128) }), NAME_REFUSED],
  ["a name that is a number", '{"name":1}', NAME_REFUSED],
  ["an array", "[]", BODY_REFUSED],
  ["a text", '"name"', BODY_REFUSED],
  ["no JSON", "name=x", BODY_REFUSED],
  ["nothing", "", BODY_REFUSED],
  ["broken UTF-16", '{"name":"\\ud800"', BODY_REFUSED],
];
for (const [what, body, answer] of BODIES) {
  test(`[FIL1 FIL2 FIL6] a request for a form with ${what} is refused`, async () => {
    expect(await told(fetch(`${room("r")}/generate-upload-url`, { method: "POST", body }))).toEqual(json(400, answer));
  });
}

const REFUSED: readonly (readonly [what: string, method: string, path: string, status: number, body: string])[] = [
  ["a bad channel", "POST", "demo/channels/a,b/generate-upload-url", 400, CHANNEL_REFUSED],
  ["a bad channel", "GET", "demo/channels/a%2Fb/files", 400, CHANNEL_REFUSED],
  ["a bad channel", "GET", "demo/channels/a.*/files/1/x", 400, CHANNEL_REFUSED],
  ["a presence channel", "DELETE", "demo/channels/a-pnpres/files/1/x", 400, CHANNEL_REFUSED],
  ["files that are off", "POST", "off/channels/a/generate-upload-url", 402, OFF],
  ["files that are off", "GET", "off/channels/a/files", 402, OFF],
  ["files that are off", "GET", "off/channels/a/files/1/x", 402, OFF],
  ["files that are off", "DELETE", "off/channels/a/files/1/x", 402, OFF],
  ["files that are off", "GET", "publish-file/off/off/0/a/0/1", 402, OFF],
  ["limit 0", "GET", "demo/channels/a/files?limit=0", 400, LIMIT_REFUSED],
  ["limit 101", "GET", "demo/channels/a/files?limit=101", 400, LIMIT_REFUSED],
  ["limit -1", "GET", "demo/channels/a/files?limit=-1", 400, LIMIT_REFUSED],
  ["limit x", "GET", "demo/channels/a/files?limit=1x", 400, LIMIT_REFUSED],
  ["a next that was never given", "GET", "demo/channels/a/files?next=abc", 400, NEXT_REFUSED],
];
for (const [what, method, path, status, body] of REFUSED) {
  test(`[FIL6 FIL15] ${method} ${path} with ${what} is refused`, async () => {
    expect(
      await told(
        fetch(`${network.url}/v1/files/${path}`, { method, ...(method === "POST" && { body: '{"name":"x"}' }) }),
      ),
    ).toEqual(json(status, body));
  });
}

test("[FIL6] an unknown subscribe key is told like everywhere", async () => {
  for (const path of ["nobody/channels/a/files", "nobody/channels/a/files/1/x"]) {
    const { status, body } = await told(fetch(`${network.url}/v1/files/${path}`));
    expect([status, body]).toEqual([400, KEY_REFUSED]);
  }
});

test("[FIL13 FIL15 FIL20 FIL21] a file goes up, is listed, comes down byte for byte, and is deleted", async () => {
  const form = await askForForm(room("way"), "hello.txt");
  const kept = await upload(form, HELLO);
  expect([kept.status, await kept.text()]).toEqual([204, ""]);
  expect(kept.headers.get("etag")).toBe(`"${digestOf(HELLO)}"`);
  expect(kept.headers.get("location")).toBe(fileUrl("way", form));
  expect(await list("way")).toEqual(
    json(
      200,
      `{"status":200,"data":[{"name":"hello.txt","id":"${form.id}","size":13,"created":"2024-11-26T07:12:03Z"}],"next":null,"count":1}`,
    ),
  );
  const link = await linkOf("way", form);
  expect(link).toStartWith(
    `${network.url}/v1/file-content/demo/way/${form.id}/hello.txt?expires=1732608300&signature=`,
  );
  expect(await told(fetch(link))).toEqual({ status: 200, type: "text/plain; charset=utf-8", body: HELLO });
  expect(await told(fetch(fileUrl("way", form), { method: "DELETE" }))).toEqual(json(200, '{"status":200}'));
  expect(await told(fetch(link))).toEqual(UNKNOWN);
  expect(await list("way")).toEqual(EMPTY);
});

test("[FIL20] the redirect says how long it may be remembered, and is given whether there is the file or not", async () => {
  const response = await fetch(`${room("nothing")}/files/1/x%20y`, { redirect: "manual" });
  expect(response.status).toBe(307);
  // 07:12:03; links of this hour are good until 08:05:00.
  expect(response.headers.get("cache-control")).toBe(`public, max-age=${52 * 60 + 57 - 60}, immutable`);
  expect(response.headers.get("location")).toContain("/v1/file-content/demo/nothing/1/x%20y?");
  expect(await told(fetch(response.headers.get("location") ?? ""))).toEqual(UNKNOWN);
});

test("[FIL17] a deletion takes a file under its own name and channel, and is answered alike where there is none", async () => {
  const form = await send(room("deleting"), "kept.txt", HELLO);
  const others = [
    fileUrl("other", form),
    fileUrl("deleting", { ...form, name: "x" }),
    fileUrl("deleting", { ...form, id: "1" }),
  ];
  for (const url of others) {
    expect(await told(fetch(url, { method: "DELETE" }))).toEqual(json(200, '{"status":200}'));
  }
  expect((await list("deleting")).body).toContain(form.id);
  expect(await told(fetch(fileUrl("deleting", form), { method: "DELETE" }))).toEqual(json(200, '{"status":200}'));
  expect(await list("deleting")).toEqual(EMPTY);
});

test("[FIL15] pages go through all files in the order of their identifiers", async () => {
  const forms = await Promise.all([1, 2, 3, 4, 5].map((n) => send(room("pages"), `${n}`, "x")));
  const pages: string[][] = [];
  let next: string | null = "";
  while (next !== null) {
    const { body } = await list("pages", `limit=2&next=${next}`);
    const page = JSON.parse(body) as { data: { id: string }[]; next: string | null; count: number };
    expect(page.count).toBe(page.data.length);
    pages.push(page.data.map(({ id }) => id));
    next = page.next;
  }
  expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
  expect(pages.flat()).toEqual(forms.map(({ id }) => id).toSorted());
  expect((JSON.parse((await list("pages", "limit=5")).body) as { next: unknown }).next).toBeNull();
});

const CHANGED: readonly (readonly [what: string, given: Readonly<Record<string, string | undefined>>])[] = [
  ["no key", { key: undefined }],
  ["another key", { key: "demo/x/y/z" }],
  ["no policy", { Policy: undefined }],
  ["a policy of its own", { Policy: Buffer.from('{"bytesMax":1000000000}').toString("base64url") }],
  ["no signature", { Signature: undefined }],
  ["another signature", { Signature: "0".repeat(64) }],
  ["a signature that is none", { Signature: "x" }],
];
for (const [what, given] of CHANGED) {
  test(`[FIL10] a form with ${what} is refused, and nothing is kept`, async () => {
    expect(await told(upload(await askForForm(room("altered"), "x"), HELLO, given))).toEqual(ALTERED);
    expect(await list("altered")).toEqual(EMPTY);
  });
}

test("[FIL10 FIL4] a form is for its own keyset, and is no link", async () => {
  const form = await askForForm(room("other-keyset"), "x");
  expect(await told(upload({ ...form, url: form.url.replace("/demo", "/brief") }, HELLO))).toEqual(ALTERED);
  expect(await told(upload({ ...form, url: form.url.replace("/demo", "/nobody") }, HELLO))).toEqual(ALTERED);
  const signature = new URL(await linkOf("other-keyset", form)).searchParams.get("signature") ?? "";
  expect(await told(upload(form, HELLO, { Signature: signature }))).toEqual(ALTERED);
});

test("[FIL10 FIL1] a form is good for a minute, and one instant later no more", async () => {
  const [early, late] = [await askForForm(room("minute"), "early"), await askForForm(room("minute"), "late")];
  const untilMs = Date.parse(late.expires);
  clock.setWall(untilMs - 1);
  expect((await upload(early, HELLO)).status).toBe(204);
  clock.setWall(untilMs);
  expect(await told(upload(late, HELLO))).toEqual(EXPIRED);
  clock.setWall(START_MS);
});

test("[FIL14] the same file once more is as good as the first time, and another one is refused", async () => {
  const form = await askForForm(room("again"), "x.txt");
  expect((await upload(form, HELLO)).status).toBe(204);
  expect((await upload(form, HELLO)).status).toBe(204);
  const message = "Invalid according to Policy: Another file was uploaded with this form.";
  expect(await told(upload(form, "other"))).toEqual(refusedUpload(403, "AccessDenied", message));
  expect(await (await fetch(fileUrl("again", form))).text()).toBe(HELLO);
});

const B = "b0und";
type Body = (form: OfferedForm) => string;
const filePart = (content: string, headers = ""): string =>
  `--${B}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n${headers}\r\n${content}\r\n`;
const whole: Body = (form) => `${printFields(form, B)}${filePart(HELLO)}--${B}--\r\n`;
const MULTIPART = `multipart/form-data; boundary=${B}`;

const SHAPES: readonly (readonly [what: string, type: string, body: Body, expected: Told | 204])[] = [
  ["whole", MULTIPART, whole, 204],
  ["with its boundary in quotes", `Multipart/Form-Data; charset=x; BOUNDARY="${B}"`, whole, 204],
  ["after a preamble", MULTIPART, (form) => `preamble\r\n${whole(form)}`, 204],
  [
    "with fields that nobody knows",
    MULTIPART,
    (form) => `--${B}\r\nContent-Disposition: form-data; name=tagging\r\n\r\nx\r\n${whole(form)}`,
    204,
  ],
  [
    "with something behind the file",
    MULTIPART,
    (form) => `${printFields(form, B)}${filePart(HELLO)}--${B}\r\nwhatever`,
    204,
  ],
  ["of an unknown type", "application/json", whole, NOT_MULTIPART],
  ["of no boundary", "multipart/form-data", whole, NOT_MULTIPART],
  ["of another boundary", "multipart/form-data; boundary=other", whole, MALFORMED],
  ["without a file", MULTIPART, (form) => `${printFields(form, B)}--${B}--\r\n`, FILE_MISSING],
  ["that ends amid its fields", MULTIPART, (form) => printFields(form, B).slice(0, -20), MALFORMED],
  ["that ends amid its file", MULTIPART, (form) => `${printFields(form, B)}${filePart(HELLO).slice(0, -5)}`, MALFORMED],
  [
    "that ends before the end of its file's mark",
    MULTIPART,
    (form) => `${printFields(form, B)}${filePart(HELLO)}--${B.slice(0, 3)}`,
    MALFORMED,
  ],
  ["of nothing", MULTIPART, () => "", MALFORMED],
  ["with a part of no name", MULTIPART, () => `--${B}\r\nContent-Type: text/plain\r\n\r\nx\r\n--${B}--\r\n`, MALFORMED],
  [
    "with a file before its fields",
    MULTIPART,
    (form) => `${filePart(HELLO)}${printFields(form, B)}--${B}--\r\n`,
    ALTERED,
  ],
  [
    "with a field of 17 KiB",
    MULTIPART,
    (form) => `--${B}\r\nContent-Disposition: form-data; name="x"\r\n\r\n${"x".repeat(17_000)}\r\n${whole(form)}`,
    MALFORMED,
  ],
  [
    "with headers of 17 KiB",
    MULTIPART,
    (form) => `--${B}\r\nX: ${"x".repeat(17_000)}\r\n\r\nx\r\n${whole(form)}`,
    MALFORMED,
  ],
  [
    "with 33 fields",
    MULTIPART,
    (form) => `${`--${B}\r\nContent-Disposition: form-data; name="x"\r\n\r\nx\r\n`.repeat(33)}${whole(form)}`,
    MALFORMED,
  ],
];
for (const [what, contentType, body, expected] of SHAPES) {
  test(`[FIL11 FIL12] a body ${what}: ${expected === 204 ? "kept" : expected.status}`, async () => {
    const channel = `shape-${Bun.hash(what)}`;
    const form = await askForForm(room(channel), "x.txt");
    const response = await fetch(form.url, {
      method: "POST",
      headers: { "Content-Type": contentType },
      body: body(form),
    });
    if (expected === 204) {
      expect([response.status, await response.text()]).toEqual([204, ""]);
      expect(await (await fetch(fileUrl(channel, form))).text()).toBe(HELLO);
    } else {
      expect(await told(response)).toEqual(expected);
      expect(await list(channel)).toEqual(EMPTY);
    }
  });
}

test("[FIL11] what looks like the end of a file is part of it, wherever the pieces of the body are cut", async () => {
  const content = `\r\n--${B.slice(0, 4)}\r\n-\r\n--\r\r\n--${B.slice(0, 4)}`;
  const form = await askForForm(room("cuts"), "x");
  const bytes = Buffer.from(`${printFields(form, B)}${filePart(content)}--${B}--\r\n`);
  let sent = 0;
  const oneByOne = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent < bytes.length) controller.enqueue(bytes.subarray(sent, ++sent));
      else controller.close();
    },
  });
  const response = await fetch(form.url, { method: "POST", headers: { "Content-Type": MULTIPART }, body: oneByOne });
  expect([response.status, await response.text()]).toEqual([204, ""]);
  expect(await (await fetch(fileUrl("cuts", form))).text()).toBe(content);
});

const MIB = 1_048_576;
test("[FIL18 FIL19] a file may have what its keyset allows and not a byte more, and so may all together", async () => {
  const form = await askForForm(room("sizes", "small"), "x");
  const response = await upload(form, new Uint8Array(MIB + 1));
  const { body } = await told(response);
  const [, proposed] = /<ProposedSize>(\d+)</.exec(body) ?? [];
  expect(Number(proposed)).toBeGreaterThan(MIB);
  const sizes = `<ProposedSize>${proposed}</ProposedSize><MaxSizeAllowed>${MIB}</MaxSizeAllowed>`;
  expect([response.status, body]).toEqual([
    400,
    xml("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", sizes),
  ]);
  expect(await list("sizes", "", "small")).toEqual(EMPTY);
  expect((await upload(form, new Uint8Array(MIB))).status).toBe(204);
  const full = refusedUpload(507, "QuotaExceeded", "There is no room for more files.");
  expect(await told(upload(await askForForm(room("sizes", "small"), "y"), "y"))).toEqual(full);
  await fetch(fileUrl("sizes", form, "small"), { method: "DELETE" });
  expect((await upload(await askForForm(room("sizes", "small"), "y"), "y")).status).toBe(204);
});

test("[FIL22] a link is for one file, until its time is over", async () => {
  const form = await send(room("links"), "a.txt", HELLO);
  const other = await send(room("links"), "b.txt", "other");
  const link = await linkOf("links", form);
  const changes = [
    link.replace("a.txt", "b.txt"),
    link.replace(form.id, other.id),
    link.replace("/links/", "/other/"),
    link.replace("/demo/", "/brief/"),
    link.replace("/demo/", "/nobody/"),
    link.replace("expires=", "expires=1"),
    link.replace(/expires=\d+/, "expires=x"),
    link.replace("signature=", "signature=0"),
    link.replace(/&signature=.*/, ""),
    (await linkOf("links", other)).replace(other.id, form.id),
  ];
  for (const changed of changes) expect([changed, await told(fetch(changed))]).toEqual([changed, LINK_ALTERED]);
  clock.setWall(1_732_608_300_000 - 1);
  expect((await fetch(link)).status).toBe(200);
  clock.setWall(1_732_608_300_000);
  expect(await told(fetch(link))).toEqual(refusedUpload(403, "AccessDenied", "Request has expired"));
  clock.setWall(START_MS);
});

const HOSTILE: readonly (readonly [name: string, contentType: string | undefined, served: string])[] = [
  ["page.html", undefined, "text/html; charset=utf-8"],
  ["picture.svg", undefined, "image/svg+xml"],
  ["script.js", undefined, "text/plain; charset=utf-8"],
  ["x.png", "application/x-javascript", "text/plain; charset=utf-8"],
  ["x.png", "TEXT/ECMAScript; charset=utf-8", "text/plain; charset=utf-8"],
  ["x.png", "text/html\r\nX-Evil: 1", "binary/octet-stream"],
  ["x.png", "nonsense", "binary/octet-stream"],
  ["x.png", "", "binary/octet-stream"],
  ["no-ending", undefined, "binary/octet-stream"],
  ["it's (a) *Größe*.PNG", undefined, "image/png"],
];
for (const [name, contentType, served] of HOSTILE) {
  test(`[FIL23 FIL3] ${name} as ${JSON.stringify(contentType)} is answered as ${served}, and runs nowhere`, async () => {
    const form = await askForForm(room("hostile"), name);
    await upload(form, "<script>alert(1)</script>", contentType === undefined ? {} : { "Content-Type": contentType });
    const { headers } = await fetch(await linkOf("hostile", form));
    expect(headers.get("content-type")).toBe(served);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
    expect(headers.get("content-disposition")).toBe(`attachment; filename*=UTF-8''${encoded}`);
    expect(headers.get("x-evil")).toBeNull();
  });
}

test("[FIL5] the message of a file reaches subscribers as e 4, and history as message type 4", async () => {
  const payload = '{"message":{"n":12345678901234567890},"file":{"id":"i","name":"n"}}';
  const target = `publish-file/demo/demo/0/announced/0/${encodeURIComponent(payload)}?uuid=anna&meta=null&custom_message_type=photo`;
  const [, timetoken] =
    /^\[1,"Sent","(\d{17})"\]$/.exec(await (await fetch(`${network.url}/v1/files/${target}`)).text()) ?? [];
  const polled = await (await fetch(`${network.url}/v2/subscribe/demo/announced/0?tt=1`)).text();
  expect(polled).toBe(
    `{"t":{"t":"${timetoken}","r":12},"m":[{"a":"1","f":0,"e":4,"i":"anna","p":{"t":"${timetoken}","r":12},"k":"demo","c":"announced","d":${payload},"cmt":"photo"}]}`,
  );
  const history = await fetch(`${network.url}/v3/history/sub-key/demo/channel/announced?include_message_type=true`);
  expect(await history.text()).toContain(
    `"announced":[{"message":${payload},"timetoken":"${timetoken}","message_type":4}]`,
  );
});

const MESSAGES: readonly (readonly [what: string, target: string, message: string])[] = [
  ["another publish key", "x/demo/0/a/0/1", "Invalid Key"],
  ["no JSON", "demo/demo/0/a/0/%7B", "Invalid JSON"],
  ["meta that is no JSON", "demo/demo/0/a/0/1?meta=x", "Invalid Arguments: meta"],
];
for (const [what, target, message] of MESSAGES) {
  test(`[FIL5 FIL6] the message of a file with ${what} is refused as a message is`, async () => {
    const { status, body } = await told(fetch(`${network.url}/v1/files/publish-file/${target}`));
    expect([status, body]).toEqual([400, `[0,"${message}","${clock.wallMs()}0000"]`]);
  });
}

test("[FIL24] a file is gone a keyset's days after its upload, and its content with it", async () => {
  const brief = await send(room("old", "brief"), "x", HELLO);
  const endless = await send(room("old", "endless"), "x", HELLO);
  clock.setWall(START_MS + 86_400_000 - 1);
  expect((await list("old", "", "brief")).body).toContain(brief.id);
  clock.setWall(START_MS + 86_400_000);
  expect(await list("old", "", "brief")).toEqual(EMPTY);
  expect(await told(fetch(fileUrl("old", brief, "brief")))).toEqual(UNKNOWN);
  clock.setWall(START_MS + 86_400_000 * 36_500);
  expect((await list("old", "", "endless")).body).toContain(endless.id);
  clock.setWall(START_MS);
});

test("[FIL7] --public-url is how forms and links begin, and what is no address is refused in a sentence", async () => {
  const behind = await startNetwork(
    { memory: true, port: 0, drainSeconds: 0, publicUrl: "https://files.example/ignored" },
    { log: SILENT_LOG },
  );
  const form = await askForForm(`${behind.url}/v1/files/demo/channels/a`, "x");
  expect(form.url).toBe("https://files.example/v1/file-content/demo");
  const { headers } = await fetch(`${behind.url}/v1/files/demo/channels/a/files/${form.id}/x`, { redirect: "manual" });
  expect(headers.get("location")).toStartWith("https://files.example/v1/file-content/demo/a/");
  await behind.stop();
  const wrong = startNetwork({ memory: true, port: 0, publicUrl: "files.example" }, { log: SILENT_LOG });
  const refusal = await wrong.catch(String);
  expect(refusal).toContain("--public-url files.example is no address");
});

test("[FIL19] an upload that takes longer than an hour is ended, and nothing of it is left", async () => {
  const form = await askForForm(room("slow"), "x");
  const begun = Promise.withResolvers<void>();
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from(printFields(form, B) + filePart("begun").slice(0, -2))),
    pull: () => begun.resolve(),
  });
  const before = clock.pendingTimers;
  const uploading = fetch(form.url, { method: "POST", headers: { "Content-Type": MULTIPART }, body: endless });
  await begun.promise;
  while (clock.pendingTimers === before) await new Promise<void>((resolve) => setImmediate(resolve));
  await Bun.sleep(50); // until the beginning has arrived
  clock.advance(3_600_000);
  expect(await told(uploading)).toEqual(MALFORMED);
  expect(await list("slow")).toEqual(EMPTY);
  clock.setWall(START_MS);
});

test("[FIL19] of more than a hundred uploads at once the others are refused", async () => {
  const forms = await Promise.all(Array.from({ length: 100 }, () => askForForm(room("many"), "x")));
  const rest = Promise.withResolvers<void>();
  const uploads = forms.map((form) => {
    let isBegun = false;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (!isBegun) {
          isBegun = true;
          return controller.enqueue(Buffer.from(printFields(form, B) + filePart("x".repeat(100)).slice(0, -2)));
        }
        await rest.promise;
        controller.enqueue(Buffer.from(`\r\n--${B}--\r\n`));
        controller.close();
      },
    });
    return fetch(form.url, { method: "POST", headers: { "Content-Type": MULTIPART }, body });
  });
  const message = "Too many uploads at once; send it again later.";
  const slowDown = refusedUpload(503, "SlowDown", message);
  let refused: Told;
  do refused = await told(upload(await askForForm(room("over"), "x"), HELLO));
  while (refused.status === 204);
  expect(refused).toEqual(slowDown);
  rest.resolve();
  for (const response of await Promise.all(uploads)) expect(response.status).toBe(204);
  expect((await upload(await askForForm(room("over"), "x"), HELLO)).status).toBe(204);
});
