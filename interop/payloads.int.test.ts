import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Network } from "@longwave/server";
import { startQuietly } from "./demo-network.ts";
import { listenTo, subscribe } from "./inbox.ts";
import { type Json, createClient, failureOf } from "./pubnub-client.ts";

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(() => network.stop());

const END = "this is the last one";

/** Publishes one after another and gives what arrives, up to a last message of its own. */
async function roundTrip(channel: string, payloads: readonly Json[], sendByPost: boolean): Promise<readonly Json[]> {
  using publisher = createClient(network.url);
  using inbox = await subscribe(network.url, { channels: [channel] });
  for (const message of payloads) await publisher.publish({ channel, message, sendByPost });
  await publisher.publish({ channel, message: END });
  await inbox.until("the last one", () => inbox.payloads().at(-1) === END);
  return inbox.payloads().slice(0, -1);
}

/** A text of so many bytes of JSON, quotes included. */
const textOf = (bytes: number, unit = "x"): string => unit.repeat(Math.floor((bytes - 2) / Buffer.byteLength(unit)));

const ASCII = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index));
const CONTROLS = Array.from({ length: 32 }, (_, code) => String.fromCodePoint(code));

const PAYLOADS: Readonly<Record<string, readonly Json[]>> = {
  "each printable ASCII character": [...ASCII, ASCII.join(""), ASCII.toReversed().join("")],
  "control characters": [CONTROLS.join(""), "\u007F\u0080\u009F", "line\r\nline\ttab", "\0"],
  "quotes, backslashes, slashes": ['"', "'", "\\", "/", String.raw`\"\\"\/\u0041\n`, "</script>", "//", "/../..", "."],
  "percent signs and pluses": ["%", "%%", "%20", "%2F", "%zz", "%u0041", "+", "a+b c", "?x=1&y=2#z", ";=,@:!$&'()*~"],
  "the world's scripts": [
    "漢字かな交じり文",
    "한국어",
    "שלום עולם",
    "\u202Eمرحبا\u202C بالعالم",
    "हिन्दी",
    "ภาษาไทย",
    "e\u0301 é",
  ],
  emoji: ["😀", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇨🇭", "a😀b".repeat(100)],
  "separators and non-characters": ["\u2028\u2029", "\uFEFF", "\u200B\u200D", "\uFFFD\uFFFE\uFFFF", "\u{10FFFF}"],
  "lone surrogates": ["\uD800", "\uDC00", "a\uDFFFb", "\uDE00\uD83D"],
  "strings that look like something else": ["null", "true", "1", "{}", "[]", '"', '{"a":1}', "undefined", "0", " "],
  objects: [{}, { a: null }, { "": "" }, { "a b/%+": [true, false, null] }, { __proto__x: 1, constructor: "c" }],
  "nested arrays": [
    [],
    [[]],
    [[[[[]]], [1, [2, [3]]]]],
    [null],
    Array.from({ length: 1_000 }, (_, index) => index),
    deep(60),
  ],
  numbers: [1, -1, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, 1.5, 0.1 + 0.2, 1e21, 1e-7, 5e-324, 1.7976931348623157e308],
  "numbers in objects": [{ zero: 0, big: 2 ** 53, float: -123.456, small: 1e-300 }],
  booleans: [true, [true, false], { yes: true, no: false }],
  "30 KB": [textOf(30_000), { blocks: Array.from({ length: 30 }, () => textOf(950)) }],
};

function deep(levels: number): Json {
  return levels === 0 ? "bottom" : [{ down: deep(levels - 1) }];
}

for (const [what, payloads] of Object.entries(PAYLOADS)) {
  for (const [method, isPost] of [
    ["GET", false],
    ["POST", true],
  ] as const) {
    test(`[IOP1] ${what} by ${method}`, async () => {
      const channel = `payloads-${what.replaceAll(/[ ,]/g, "-")}-${method}`;
      expect(await roundTrip(channel, payloads, isPost)).toEqual([...payloads]);
    });
  }
}

test("[IOP1] negative zero arrives as zero, as the client prints it", async () => {
  const [received] = await roundTrip("zero", [[-0]], false);
  expect(received).toEqual([0]); // toEqual tells -0 from 0
});

test("[IOP1] 30 KB of characters that a URL spells with nine bytes: too long for GET, as they are by POST", async () => {
  const text = textOf(30_000, "漢");
  expect(await roundTrip("wide", [text], true)).toEqual([text]);
  using client = createClient(network.url);
  const refused = await failureOf(client.publish({ channel: "wide", message: text }));
  expect(refused).toMatchObject({ error: true, statusCode: 414, errorData: { message: "Request URI Too Long" } });
});

test("[IOP1] the largest payload arrives, one byte more is refused [IOP9]", async () => {
  expect(await roundTrip("largest", [textOf(32_768)], true)).toEqual([textOf(32_768)]);
  using client = createClient(network.url);
  const refused = await failureOf(client.publish({ channel: "largest", message: textOf(32_769), sendByPost: true }));
  expect(refused).toMatchObject({
    error: true,
    statusCode: 400,
    errorData: [0, "Message Too Large", expect.any(String)],
  });
});

const METAS: readonly Json[] = [
  { a: 1 },
  { "漢 %+&=#?": "😀\u2028\"'\\/" },
  { nested: [{ x: [true, null, 1.5] }] },
  {},
];

for (const sendByPost of [false, true]) {
  test(`[IOP1] meta and publisher arrive as they are by ${sendByPost ? "POST" : "GET"}`, async () => {
    const channel = `metas-${sendByPost}`;
    using publisher = createClient(network.url, { userId: "Zoë+%/ &=?#漢😀" });
    using inbox = await subscribe(network.url, { channels: [channel] });
    const sent: string[] = [];
    for (const meta of METAS) {
      sent.push((await publisher.publish({ channel, message: { meta }, meta, sendByPost })).timetoken);
    }
    await inbox.settled(METAS.length);
    expect(inbox.messages.map(({ userMetadata }) => userMetadata)).toEqual([...METAS]);
    expect(inbox.messages.map(({ publisher }) => publisher)).toEqual(METAS.map(() => "Zoë+%/ &=?#漢😀"));
    expect(inbox.messages.map(({ timetoken }) => timetoken)).toEqual(sent);
  });
}

test("[IOP1] a message without meta has none", async () => {
  using publisher = createClient(network.url);
  using inbox = await subscribe(network.url, { channels: ["plain"] });
  await publisher.publish({ channel: "plain", message: "x", storeInHistory: false });
  await inbox.settled(1);
  expect(inbox.messages[0]?.userMetadata).toBeUndefined();
});

const NAMES = [
  "colon:name",
  "100%",
  "%2F",
  "a+b",
  "a&b=c",
  "q?x#y",
  "漢字",
  "שלום",
  "👩‍👩‍👧‍👦",
  "it's",
  '"q"',
  "[x]{y}",
  "a|b^c`",
  "a;b",
  "~!@$()",
  "-",
];

for (const name of NAMES) {
  test(`[IOP2] the channel ${name}`, async () => {
    using publisher = createClient(network.url);
    using inbox = await subscribe(network.url, { channels: [name, "beside"] });
    await publisher.publish({ channel: name, message: "by GET" });
    await publisher.publish({ channel: name, message: "by POST", sendByPost: true });
    await publisher.signal({ channel: name, message: "a signal" });
    await inbox.until("the signal", ({ signals }) => signals.length === 1);
    const shown = ({ channel, message }: { readonly channel: string; readonly message: Json }): Json => [
      channel,
      message,
    ];
    expect([...inbox.messages, ...inbox.signals].map(shown)).toEqual([
      [name, "by GET"],
      [name, "by POST"],
      [name, "a signal"],
    ]);
  });
}

test("[IOP2] all of these channels in one subscription", async () => {
  using publisher = createClient(network.url);
  using inbox = listenTo(network.url, { channels: NAMES.map((name) => `all-${name}`) });
  await inbox.until("connected", ({ statuses }) => statuses.length > 0);
  for (const name of NAMES) await publisher.publish({ channel: `all-${name}`, message: name });
  expect(await inbox.settled(NAMES.length)).toEqual(NAMES);
  expect(inbox.messages.map(({ channel }) => channel)).toEqual(NAMES.map((name) => `all-${name}`));
});
