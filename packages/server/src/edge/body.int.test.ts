import { afterAll, expect, test } from "bun:test";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { LIMITS, printErrorBody } from "@longwave/protocol";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { startNetwork } from "../main.ts";
import { createLog } from "../observe/log.ts";
import { RawConnection, exchange } from "./raw-connection.ts";

const written: string[] = [];
const clock = new ManualClock(); // it stands still, so every answer's instant is known
const log = createLog({ clock, format: "json", level: "warn", colour: false, write: (line) => written.push(line) });
const network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log, clock });
afterAll(() => network.stop());

const NOT_JSON = printErrorBody("payloadNotJson", { timetoken: "17326051234560000" });
const TOO_LARGE = printErrorBody("bodyTooLarge");
const FORMS = { POST: "/publish/demo/demo/0", "large POST": "/v2/publish/demo/demo/0" };

const PAYLOAD = '{"text":"hé, 🙂","list":[1,2.50,"x"]}';
const PACKED: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  plain: Buffer.from(PAYLOAD),
  "zlib, fastest": deflateSync(PAYLOAD, { level: 1 }),
  "zlib, default": deflateSync(PAYLOAD),
  "zlib, smallest": deflateSync(PAYLOAD, { level: 9 }),
  gzip: gzipSync(PAYLOAD),
};

let channels = 0;
for (const [form, path] of Object.entries(FORMS)) {
  for (const label of [undefined, "deflate", "gzip", "br"]) {
    test(`[WIRE14] ${form}: a body labelled ${label ?? "with nothing"} is read by its first bytes`, async () => {
      for (const [packing, body] of Object.entries(PACKED)) {
        const channel = `body-${channels++}`;
        const headers = { "Content-Type": "application/json", ...(label && { "Content-Encoding": label }) };
        const response = await fetch(`${network.url}${path}/${channel}/0`, { method: "POST", headers, body });
        expect([packing, response.status, await response.text()]).toEqual([
          packing,
          200,
          expect.stringContaining("Sent"),
        ]);
        const polled = await (await fetch(`${network.url}/v2/subscribe/demo/${channel}/0?tt=1`)).text();
        expect(polled).toContain(`"d":${PAYLOAD}}`);
      }
    });
  }
}

const zlib = deflateSync(PAYLOAD);
const BROKEN: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "nothing at all": Buffer.of(),
  "nothing but whitespace": Buffer.from(" \n"),
  "bytes that are not UTF-8": Buffer.from([0x22, 0xff, 0xfe, 0x22]),
  "half a character": Buffer.from([0x22, 0xc3, 0x22]),
  "a zlib stream that breaks off": zlib.subarray(0, zlib.length - 6),
  "a zlib stream with a wrong checksum": Buffer.concat([zlib.subarray(0, -4), Buffer.of(0, 0, 0, 0)]),
  "a gzip header and no more": Buffer.from([0x1f, 0x8b, 8, 0]),
  "deflate without zlib's header": deflateRawSync(PAYLOAD),
  "a gzip stream of a zlib stream": gzipSync(zlib),
  "a zlib stream of text that is not JSON": deflateSync("hello"),
};
for (const [form, path] of Object.entries(FORMS)) {
  for (const [why, body] of Object.entries(BROKEN)) {
    test(`[EDG13 ERR1 OPS6] ${form}: ${why} is no JSON`, async () => {
      const response = await fetch(`${network.url}${path}/broken/0`, { method: "POST", body });
      expect([response.status, await response.text()]).toEqual([400, NOT_JSON]);
    });
  }
}

/** A small text with whitespace around it, so many bytes in all. */
function padded(bytes: number): string {
  return '"x"'.padEnd(bytes, " ");
}

/** A body in pieces, whose length nothing declares. */
async function* inPieces(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

for (const [form, path] of Object.entries(FORMS)) {
  for (const [bytes, status] of [
    [1, 400],
    [3, 200],
    [LIMITS.bodyBytesMax, 200],
    [LIMITS.bodyBytesMax + 1, 413],
  ] as const) {
    test(`[EDG13] ${form}: ${bytes} bytes are ${status}, declared, in pieces, and inflated`, async () => {
      const text = bytes === 1 ? "x" : padded(bytes);
      const bodies = { declared: text, pieces: () => inPieces(text), zlib: deflateSync(text), gzip: gzipSync(text) };
      for (const [way, body] of Object.entries(bodies)) {
        const init = { method: "POST", body: typeof body === "function" ? body() : body };
        const response = await fetch(`${network.url}${path}/room/0`, init as RequestInit);
        expect([way, response.status]).toEqual([way, status]);
        const answer = await response.text();
        if (status === 413) expect(answer).toBe(TOO_LARGE);
      }
    });
  }
}

test("[EDG13] a bomb of gigabytes is capped while it inflates", async () => {
  const member = gzipSync(Buffer.alloc(LIMITS.bodyBytesMax), { level: 9 });
  const members = Math.floor(LIMITS.bodyBytesMax / member.length);
  expect(members * LIMITS.bodyBytesMax).toBeGreaterThan(3e9);
  const gzipBomb = Buffer.concat(Array.from({ length: members }, () => member));
  const zlibBomb = deflateSync(Buffer.alloc(32 * LIMITS.bodyBytesMax));
  for (const body of [gzipBomb, zlibBomb]) {
    const response = await fetch(`${network.url}/v2/publish/demo/demo/0/room/0`, { method: "POST", body });
    expect([response.status, await response.text()]).toEqual([413, TOO_LARGE]);
  }
  expect(await (await fetch(`${network.url}/time/0`)).text()).toBe("[17326051234560000]");
});

const HEAD = "POST /publish/demo/demo/0/raw/0 HTTP/1.1\r\nHost: h\r\n";

test("[EDG13] a declared length beyond the limit is refused without waiting for the body", async () => {
  const answer = await exchange(network.url, `${HEAD}Content-Length: ${LIMITS.bodyBytesMax + 1}\r\n\r\n`);
  expect(answer).toMatchObject({ status: 413, body: TOO_LARGE });
});

test("[EDG13] a body without end is refused as soon as it is beyond the limit", async () => {
  const connection = await RawConnection.open(network.url);
  connection.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  const chunk = `10000\r\n${"1".repeat(65_536)}\r\n`;
  for (let sent = 0; sent <= LIMITS.bodyBytesMax; sent += 65_536) connection.write(chunk);
  expect(await connection.answer()).toMatchObject({ status: 413, body: TOO_LARGE });
  connection.close();
});

test("[EDG13] chunks that arrive one by one make a body", async () => {
  const connection = await RawConnection.open(network.url);
  connection.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  for (const part of ['"a', "b", 'c"']) connection.write(`${part.length}\r\n${part}\r\n`);
  connection.write("0\r\n\r\n");
  expect(await connection.answer()).toMatchObject({ status: 200 });
  connection.close();
});

const CUT_OFF = {
  "a declared body": "Content-Length: 10\r\n\r\n12345",
  "a body in chunks": "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
  "a body in chunks, by a chunk that is none": "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\nno length\r\n",
};
test("[OPS6 EDG13] a body that breaks off is the client's fault, and no bug", async () => {
  const refusals = async (): Promise<string | undefined> => {
    const text = await (await fetch(`${network.url}/metrics`)).text();
    return /refused_total\{error="requestMalformed"\} (\d+)/.exec(text)?.[1];
  };
  for (const rest of Object.values(CUT_OFF)) {
    const connection = await RawConnection.open(network.url);
    connection.write(`${HEAD}${rest.slice(0, -5)}`);
    await fetch(`${network.url}/time/0`); // what was written first has been read when this is answered
    connection.write(rest.slice(-5));
    await fetch(`${network.url}/time/0`);
    connection.close();
  }
  while ((await refusals()) !== String(Object.keys(CUT_OFF).length)) await Bun.sleep(1);
  expect(written).toEqual([]);
});
