import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import type { BlobStore } from "../ports/blob-store.ts";
import { type OfferedForm, send } from "./file-client.ts";
import { RawConnection, exchange } from "./raw-connection.ts";

const CONTENT = "0123456789";
const TAG = `"${createHash("sha256").update(CONTENT).digest("hex")}"`;
const GONE =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>' +
  "<RequestId>0</RequestId><HostId>longwave</HostId></Error>";

/** Deletes content right after it was looked up, as if somebody had asked for that in between. */
const deletesWhatItFinds = (store: BlobStore): BlobStore => ({
  put: (id, content, bytesMax) => store.put(id, content, bytesMax),
  get: async (id, range) => {
    const got = await store.get(id, range);
    await store.delete(id);
    return got;
  },
  delete: (id) => store.delete(id),
  list: (after, blobsMax) => store.list(after, blobsMax),
});

const directory = mkdtempSync(join(tmpdir(), "longwave-downloads-"));
let onDisk: Network;
let inMemory: Network;
let racing: Network;
beforeAll(async () => {
  const start = (options: object, blobs?: typeof deletesWhatItFinds): Promise<Network> =>
    startNetwork({ port: 0, drainSeconds: 0, ...options }, { log: SILENT_LOG, blobs });
  onDisk = await start({ dataDir: join(directory, "data") });
  inMemory = await start({ memory: true });
  racing = await start({ dataDir: join(directory, "racing") }, deletesWhatItFinds);
});
afterAll(async () => {
  for (const network of [onDisk, inMemory, racing]) await network.stop();
  rmSync(directory, { recursive: true });
});

const PLACES = { disk: () => onDisk, memory: () => inMemory } as const;

interface Sent {
  readonly form: OfferedForm;
  /** Path and query of the link, on the network's own address. */
  readonly link: string;
}

async function sent({ url }: Network, channel: string, content: string = CONTENT): Promise<Sent> {
  const files = `${url}/v1/files/demo/channels/${channel}`;
  const form = await send(files, "digits.txt", content);
  const { headers } = await fetch(`${files}/files/${form.id}/digits.txt`, { redirect: "manual" });
  return { form, link: (headers.get("location") ?? "").slice(url.length) };
}

interface Got {
  readonly status: number;
  readonly body: string;
  readonly range: string | null;
  readonly length: string | null;
  readonly type: string | null;
}

async function ask({ url }: Network, request: string, headers = ""): Promise<Got> {
  const answer = await exchange(url, `${request} HTTP/1.1\r\nHost: network\r\n${headers}\r\n`);
  if (answer === "closed") throw new Error(`no answer to ${request}`);
  const { status, body } = answer;
  const header = (name: string): string | null => answer.headers.get(name);
  return {
    status,
    body,
    range: header("content-range"),
    length: header("content-length"),
    type: header("content-type"),
  };
}

const TEXT = "text/plain; charset=utf-8";
const part = (body: string, from: number): Got => ({
  status: 206,
  body,
  range: `bytes ${from}-${from + body.length - 1}/10`,
  length: String(body.length),
  type: TEXT,
});
const WHOLE: Got = { status: 200, body: CONTENT, range: null, length: "10", type: TEXT };
const UNSATISFIABLE =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InvalidRange</Code><Message>The requested range is not satisfiable</Message>' +
  "<RequestId>0</RequestId><HostId>longwave</HostId></Error>";
const BEYOND: Got = {
  status: 416,
  body: UNSATISFIABLE,
  range: "bytes */10",
  length: String(UNSATISFIABLE.length),
  type: "application/xml",
};
const NOT_MODIFIED = { status: 304, body: "", range: null, type: null };

const CASES: readonly (readonly [headers: string, got: Partial<Got>])[] = [
  ["", WHOLE],
  ["Range: bytes=0-0\r\n", part("0", 0)],
  ["Range: bytes=3-5\r\n", part("345", 3)],
  ["Range: bytes=7-\r\n", part("789", 7)],
  ["Range: bytes=-2\r\n", part("89", 8)],
  ["Range: bytes=0-99\r\n", part(CONTENT, 0)],
  ["Range: bytes=10-\r\n", BEYOND],
  ["Range: bytes=-0\r\n", BEYOND],
  ["Range: bytes=0-1,4-5\r\n", WHOLE],
  ["Range: bytes=5-4\r\n", WHOLE],
  ["Range: lines=0-1\r\n", WHOLE],
  [`Range: bytes=0-1\r\nIf-Range: ${TAG}\r\n`, part("01", 0)],
  ['Range: bytes=0-1\r\nIf-Range: "another"\r\n', WHOLE],
  [`If-None-Match: ${TAG}\r\n`, NOT_MODIFIED],
  [`If-None-Match: "another", W/${TAG}\r\n`, NOT_MODIFIED],
  [`Range: bytes=0-1\r\nIf-None-Match: ${TAG}\r\n`, NOT_MODIFIED],
  ['If-None-Match: "another"\r\n', WHOLE],
];
for (const [place, network] of Object.entries(PLACES)) {
  for (const [headers, got] of CASES) {
    test(`[FIL26 FIL28] a file in ${place} asked for with ${JSON.stringify(headers)}: ${got.status}`, async () => {
      const { link } = await sent(network(), "ranges");
      expect(await ask(network(), `GET ${link}`, headers)).toMatchObject(got);
    });
  }

  test(`[FIL26] a part from ${place} has all headers that the whole has, and says that there are parts`, async () => {
    const { link } = await sent(network(), "headers");
    const { url } = network();
    const whole = (await fetch(url + link)).headers;
    const { headers } = await fetch(url + link, { headers: { Range: "bytes=0-3" } });
    expect(whole.get("accept-ranges")).toBe("bytes");
    expect(whole.get("access-control-expose-headers")).toContain("Content-Range");
    const others = new Set(["content-length", "content-range", "date"]);
    const named = (all: Headers): object => Object.fromEntries([...all].filter(([name]) => !others.has(name)));
    expect(named(headers)).toEqual(named(whole));
    expect(headers.get("etag")).toBe(TAG);
  });

  test(`[FIL27] HEAD of a link to a file in ${place} has the headers of GET, its length, and no body`, async () => {
    const { form, link } = await sent(network(), "heads");
    const connection = await RawConnection.open(network().url);
    connection.write(`HEAD ${link} HTTP/1.1\r\nHost: network\r\nRange: bytes=0-1\r\n\r\n`);
    // The reader waits for as many bytes as the length says; only the next answer brings them.
    connection.write(`GET ${link} HTTP/1.1\r\nHost: network\r\nConnection: close\r\n\r\n`);
    await connection.closed;
    const head = await connection.answer();
    if (head === "closed") throw new Error("no answer to HEAD");
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "10"]);
    expect(head.headers.get("etag")).toBe(TAG);
    expect(head.body).toStartWith("HTTP/1.1 "); // the answer to GET: HEAD had no byte of its own
    const redirect = await fetch(`${network().url}/v1/files/demo/channels/heads/files/${form.id}/digits.txt`, {
      method: "HEAD",
      redirect: "manual",
    });
    expect([redirect.status, (redirect.headers.get("location") ?? "").slice(network().url.length)]).toEqual([
      307,
      link,
    ]);
    const unchanged = await fetch(network().url + link, { method: "HEAD", headers: { "If-None-Match": TAG } });
    expect(unchanged.status).toBe(304);
    const altered = await fetch(network().url + link.replace("digits", "letters"), { method: "HEAD" });
    expect([altered.status, await altered.text()]).toEqual([403, ""]);
  });

  test(`[FIL26] an empty file in ${place} comes as a whole, and no byte of it lies in a range`, async () => {
    const { link } = await sent(network(), "empty", "");
    expect(await ask(network(), `GET ${link}`)).toEqual({ ...WHOLE, body: "", length: "0" });
    expect(await ask(network(), `GET ${link}`, "Range: bytes=0-\r\n")).toEqual({ ...BEYOND, range: "bytes */0" });
  });
}

test("[FIL29] a file that is deleted after it was looked up and before it is sent is not there", async () => {
  for (const headers of ["", "Range: bytes=0-1\r\n"]) {
    const { link } = await sent(racing, "racing");
    const gone = { status: 404, body: GONE, range: null, type: "application/xml" };
    expect(await ask(racing, `GET ${link}`, headers)).toMatchObject(gone);
  }
});

test("[FIL29] a file whose content is gone is not there", async () => {
  const { link } = await sent(onDisk, "lost");
  rmSync(join(directory, "data", "files"), { recursive: true });
  expect(await ask(onDisk, `GET ${link}`)).toMatchObject({ status: 404, body: GONE });
});
