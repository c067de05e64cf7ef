import { afterAll, expect, test } from "bun:test";
import { LIMITS, printErrorBody } from "@longwave/protocol";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { parseCallback } from "./answers.ts";
import { exchange } from "./raw-connection.ts";

const settings = { memory: true, port: 0, drainSeconds: 0 };
const network = await startNetwork(settings, { log: SILENT_LOG, clock: new ManualClock() });
afterAll(() => network.stop());

/** Publishes to a channel of its own so that a poll's whole body has exactly so many characters. */
async function targetOfLength(characters: number): Promise<string> {
  const channel = `long-${characters}`;
  const target = `/v2/subscribe/demo/${channel}/0?tt=1`;
  await fetch(`${network.url}/publish/demo/demo/0/${channel}-probe/0/%22%22`);
  const probe = await (await fetch(`${network.url}/v2/subscribe/demo/${channel}-probe/0?tt=1`)).text();
  const text = "x".repeat(characters - (probe.length - "-probe".length));
  await fetch(`${network.url}/publish/demo/demo/0/${channel}/0/%22${text}%22`);
  return target;
}

/** The answer as it is on the wire, which `fetch` would unpack. */
async function ask(
  target: string,
  acceptEncoding: string,
): Promise<{ readonly encoding: string | null; readonly text: string }> {
  const answer = await exchange(
    network.url,
    `GET ${target} HTTP/1.1\r\nHost: h\r\nAccept-Encoding: ${acceptEncoding}\r\n\r\n`,
  );
  if (answer === "closed") throw new Error("the connection was closed");
  const bytes = Buffer.from(answer.body, "latin1");
  const encoding = answer.headers.get("content-encoding");
  if (encoding !== null) expect(answer.headers.get("vary")).toBe("Accept-Encoding");
  return { encoding, text: encoding === "gzip" ? Buffer.from(Bun.gunzipSync(bytes)).toString() : bytes.toString() };
}

test("[EDG9] a body is compressed from 1,024 characters on, never below", async () => {
  for (const [characters, encoding] of [
    [1_023, null],
    [1_024, "gzip"],
    [20_000, "gzip"],
  ] as const) {
    const target = await targetOfLength(characters);
    const packed = await ask(target, "gzip, deflate, br");
    expect([characters, packed.encoding, packed.text.length]).toEqual([characters, encoding, characters]);
    expect(await ask(target, "identity")).toEqual({ encoding: null, text: packed.text });
  }
});

const ACCEPTED = {
  gzip: true,
  "deflate, gzip;q=0.5": true,
  "GZIP ;q=1": true,
  "br,\tgzip": true,
  "gzip;q=0.01": true,
  "gzip;q=0": false,
  "br, gzip; q=0.000, deflate": false,
  "notgzip, gzipped": false,
  identity: false,
  "": false,
};
test("[EDG9] only where the client accepts gzip", async () => {
  const target = await targetOfLength(1_500);
  for (const [header, isAccepted] of Object.entries(ACCEPTED)) {
    const { encoding } = await ask(target, header);
    expect([header, encoding]).toEqual([header, isAccepted ? "gzip" : null]);
  }
});

test("[EDG10] a callback wraps the body of every route that has one", async () => {
  const CALLS: Readonly<Record<string, RegExp>> = {
    "/time/CB": /^CB\(\[\d{17}\]\)$/,
    "/publish/demo/demo/0/jsonp/CB/1": /^CB\(\[1,"Sent","\d{17}"\]\)$/,
    "/signal/demo/demo/0/jsonp/CB/1": /^CB\(\[1,"Sent","\d{17}"\]\)$/,
    "/v2/subscribe/demo/jsonp/CB?tt=1": /^CB\(\{"t":\{.*\}\)$/,
    "/subscribe/demo/jsonp/CB/1": /^CB\(\[\[1.*\)$/,
  };
  for (const [target, expected] of Object.entries(CALLS)) {
    for (const name of ["jsonp_1", "$.a.b", "x".repeat(LIMITS.callbackCharactersMax)]) {
      const response = await fetch(network.url + target.replace("CB", name));
      expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(response.headers.get("Content-Type")).toBe('text/javascript; charset="UTF-8"');
      const body = await response.text();
      expect(body.startsWith(`${name}(`)).toBe(true);
      expect(body.replace(name, "CB")).toMatch(expected);
    }
  }
});

test("[EDG9 EDG10] what a callback wraps is not compressed", async () => {
  const { encoding, text } = await ask((await targetOfLength(1_600)).replace("/0?", "/cb?"), "gzip");
  expect([encoding, text.length]).toEqual([null, 1_600 + "cb()".length]);
});

const REFUSED_CALLBACKS = [
  "",
  "a-b",
  "a(b",
  "a%3Bb",
  "a%20b",
  "%C3%A9",
  "a%00",
  "a%0A",
  "x".repeat(LIMITS.callbackCharactersMax + 1),
];
for (const name of REFUSED_CALLBACKS) {
  test(`[EDG10] the callback "${name.slice(0, 9)}" (${name.length}) is refused, before anything is published`, async () => {
    const body = printErrorBody("callbackMalformed");
    for (const target of [`/time/${name}`, `/publish/demo/demo/0/refused/${name}/1`, `/v2/subscribe/demo/a/${name}`]) {
      const response = await fetch(network.url + target);
      expect([target, response.status, await response.text()]).toEqual([target, 400, body]);
    }
    await fetch(`${network.url}/publish/demo/demo/0/accepted/0/1`);
    const { m } = (await (await fetch(`${network.url}/v2/subscribe/demo/refused,accepted/0?tt=1`)).json()) as Polled;
    expect(new Set(m.map(({ c }) => c))).toEqual(new Set(["accepted"]));
  });
}

interface Polled {
  readonly m: readonly { readonly c: string }[];
}

test('parseCallback() [EDG10] "0" is none', () => expect(parseCallback("0")).toBeUndefined());
