import { expect, test } from "bun:test";
import { NetworkByHand, answerOf, itemOf, turn } from "./by-hand.ts";
import { CLASSIC_PROPERTIES, PLAIN_PROPERTIES, readConfiguration } from "./configuration-reader.ts";
import { type CoreOptions, PubNub as Core } from "./core.ts";
import { CORE_PROPERTIES, readCoreOptions } from "./core/configuration-reader.ts";
import { WITHOUT_EFFECT } from "./without-effect.ts";
import { PNConfiguration, PubNub, type PubNubOptions } from "./index.ts";

const PLAIN = { subscribeKey: "s", publishKey: "p", userId: "anna" } as const;

/** The names of what a class does, inherited ones among them. */
function callsOf(made: object): ReadonlySet<string> {
  const names = new Set<string>();
  for (let at: unknown = made; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return names;
}

test("[SDK79] what the core is configured with, the whole client reads as it does", () => {
  const options: readonly CoreOptions[] = [
    PLAIN,
    { ...PLAIN, origin: "127.0.0.1:1980", ssl: false, presenceTimeout: 60, transport: "long-poll", authKey: "k" },
    {
      ...PLAIN,
      retryConfiguration: PubNub.LinearRetryPolicy({ delay: 2, maximumRetry: 3 }),
      filterExpression: "a == 1",
    },
  ];
  const others = { fileRequestTimeout: 0, fileUploadPublishRetryLimit: 0, useRandomIVs: true, daemon: false };
  for (const given of options)
    expect({ ...readCoreOptions(given), ...others }).toEqual({ ...readConfiguration(given), ...others });
});

const VALUES: Readonly<Record<string, unknown>> = { string: "x", number: 1, boolean: true, object: {} };
const elsewhere = [PLAIN_PROPERTIES, CLASSIC_PROPERTIES].flatMap((properties) =>
  Object.entries(properties).flatMap(
    ([row, property]: [string, { type?: string; value?: unknown; names?: readonly string[] }]) =>
      (property.names ?? [row]).map((name) => [name, VALUES[property.type ?? typeof property.value]] as const),
  ),
);
const known = new Set<string>(
  Object.entries(CORE_PROPERTIES).flatMap(([row, property]) => ("names" in property ? property.names : [row])),
);
for (const [name, value] of new Map(elsewhere.filter(([candidate]) => !known.has(candidate)))) {
  test(`[SDK79] the core refuses ${name}, and says where it is`, () => {
    const refused = (): unknown => new Core({ ...PLAIN, [name]: value });
    expect(refused).toThrow(`The configuration cannot be used: ${name} is no property`);
    expect(refused).toThrow("use the whole package for it");
  });
}

test("[SDK79] the guide names what of a plain object the core refuses, what has no effect among it", async () => {
  const guide = await Bun.file(new URL("../../../docs/guides/configuration.md", import.meta.url)).text();
  const paragraph = guide.split("\n\n").find((text) => text.startsWith("The [core]")) ?? "";
  const plain = Object.entries(PLAIN_PROPERTIES).flatMap(([row, property]) =>
    "names" in property ? property.names : [row],
  );
  const refused = plain.filter((name) => !known.has(name)).map((name) => `\`${name}\``);
  expect(paragraph.match(/`\w+`/g)?.slice(0, refused.length).toSorted()).toEqual(refused.toSorted());
  for (const name of WITHOUT_EFFECT) {
    expect(() => new Core({ ...PLAIN, [name]: "anything" })).toThrow(`${name} is no property`);
  }
});

test("[SDK79] the core refuses what only the classic form has", () => {
  const classic = Object.assign(new PNConfiguration(), { subscribeKey: "s", uuid: "anna", reconnectPolicy: "LINEAR" });
  expect(() => new Core(classic as unknown as CoreOptions)).toThrow("reconnectPolicy is no property");
});

test("[SDK79] whatever the core does, the whole client does too, and what it does not is not there", () => {
  const [core, whole] = [callsOf(new Core(PLAIN)), callsOf(new PubNub(PLAIN))];
  expect(Array.from(core).filter((name) => !whole.has(name))).toEqual([]);
  for (const absent of ["history", "sendFile", "objects", "push", "grantToken", "encrypt", "channel"]) {
    expect([core.has(absent), whole.has(absent)]).toEqual([false, true]);
  }
});

test("[SDK79] the core tells of messages, signals and presence, and leaves other kinds", async () => {
  const network = new NetworkByHand();
  const core = new Core(PLAIN, { transport: network.transport });
  const told: unknown[] = [];
  const listener = { message: tell, signal: tell, presence: tell, messageAction: tell, file: tell, objects: tell };
  function tell(event: object): void {
    told.push("message" in event ? event.message : "presence");
  }
  core.addListener(listener);
  core.subscribe({ channels: ["room"], withPresence: true });
  await turn();
  network.poll.answer(answerOf("17326051234567890", []));
  await turn();
  const kinds = [undefined, 1, 2, 3, 4].map((e) => itemOf("room", e ?? 0, e === undefined ? {} : { e }));
  const join = itemOf("room-pnpres", { action: "join", uuid: "bert", timestamp: 1, occupancy: 1 });
  network.poll.answer(answerOf("17326051234567891", [...kinds, join]));
  await turn();
  expect(told).toEqual([0, 1, "presence"]);
  core.destroy();
});

test("[SDK79] the core sends a filter as it is, for the network to judge; the whole client looks at it before", async () => {
  const network = new NetworkByHand();
  const options: PubNubOptions = { ...PLAIN, filterExpression: "a ==" };
  expect(() => new PubNub(options)).toThrow("filterExpression is malformed");
  const core = new Core(options, { transport: network.transport });
  core.subscribe({ channels: ["room"] });
  await turn();
  expect(network.poll.query["filter-expr"]).toBe("a ==");
  core.destroy();
});
