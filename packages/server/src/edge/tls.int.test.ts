import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { exchange } from "./raw-connection.ts";

// Made for these tests alone, valid for a hundred years, known to everybody.
const tlsCert = join(import.meta.dir, "localhost-certificate.pem");
const tlsKey = join(import.meta.dir, "localhost-key.pem");
const ca = readFileSync(tlsCert, "utf8");

const settings = { memory: true, port: 0, drainSeconds: 0, tlsCert, tlsKey };
const network = await startNetwork(settings, { log: SILENT_LOG, clock: new ManualClock() });
afterAll(() => network.stop());

test("[EDG17] with a certificate and a key the port speaks TLS, and every route answers there", async () => {
  expect(network.url).toStartWith("https://");
  const ANSWERS = {
    "/time/0": "[17326051234560000]",
    "/publish/demo/demo/0/a%2Cb/0/1": '[0,"Invalid Channel","17326051234560000"]',
    "/publish/demo/demo/0/room/0/%22hi%22?store=0": '[1,"Sent","17326051234560000"]',
    "/v2/subscribe/demo/room/0?tt=1": expect.stringContaining('"d":"hi"}]}'),
    "/nowhere": '{"status":404,"service":"Balancer","error":true,"message":"Not Found"}',
  };
  for (const [target, body] of Object.entries(ANSWERS)) {
    const response = await fetch(network.url + target, { tls: { ca } });
    expect([target, await response.text()]).toEqual([target, body]);
  }
});

test("[EDG17] a client that does not trust the certificate is not talked into it", () => {
  expect(fetch(`${network.url}/time/0`)).rejects.toThrow(/self.signed|certificate/i);
});

test("[EDG17] plain HTTP gets no answer on that port, and the port goes on", async () => {
  expect(await exchange(network.url, "GET /time/0 HTTP/1.1\r\nHost: h\r\n\r\n")).toBe("closed");
  expect((await fetch(`${network.url}/time/0`, { tls: { ca } })).status).toBe(200);
});
