import { expect, test } from "bun:test";
import { Credentials } from "./access/credentials.ts";
import { clientByHand } from "./by-hand.ts";
import { CLASSIC_PROPERTIES, PLAIN_PROPERTIES, readConfiguration } from "./configuration-reader.ts";
import { PNConfiguration, type PubNubOptions } from "./configuration.ts";
import { PubNubError } from "./errors.ts";
import type { Properties } from "./setting.ts";
import { WITHOUT_EFFECT } from "./without-effect.ts";
import { CryptoModule, PNHeartbeatNotificationOptions, PNReconnectionPolicy, PubNub } from "./index.ts";

const PLAIN = { subscribeKey: "sub-key", userId: "anna" } as const;

/** The names of a row in one vocabulary; none where it is not there. */
function namesOf(properties: Properties, row: string): readonly string[] {
  return row in properties ? (properties[row]?.names ?? [row]) : [];
}

function classic(properties: Partial<PNConfiguration> = {}): PNConfiguration {
  return Object.assign(new PNConfiguration(), { subscribeKey: "sub-key", uuid: "anna" }, properties);
}

test("[SDK1] a plain object has the defaults of JavaScript applications", () => {
  expect(readConfiguration(PLAIN)).toMatchObject({
    subscribeKey: "sub-key",
    publishKey: undefined,
    secretKey: undefined,
    credentials: new Credentials(),
    allowPlainCredentials: true,
    uuid: "anna",
    origin: "https://ps.pndsn.com",
    filterExpression: undefined,
    cryptoModule: undefined,
    enableSubscribe: true,
    subscribeRequestTimeout: 310_000,
    transactionalRequestTimeout: 15_000,
    fileRequestTimeout: 300_000,
    fileUploadPublishRetryLimit: 5,
    connectTimeout: undefined,
    presenceTimeout: undefined,
    heartbeatInterval: 0,
    announceSuccessfulHeartbeats: false,
    announceFailedHeartbeats: true,
    suppressLeaveEvents: false,
    maintainPresenceState: true,
    retryConfiguration: { kind: "exponential", minimumMs: 2_000, maximumMs: 150_000, jitterMs: 1_000, retriesMax: 6 },
    statusVocabulary: "classic",
    transport: "auto",
  });
});

test("[SDK1] a PNConfiguration has the defaults of the classic documentation", () => {
  expect(readConfiguration(classic())).toMatchObject({
    subscribeKey: "sub-key",
    publishKey: undefined,
    secretKey: undefined,
    credentials: new Credentials(),
    allowPlainCredentials: false,
    uuid: "anna",
    origin: "http://ps.pndsn.com",
    filterExpression: undefined,
    cryptoModule: undefined,
    enableSubscribe: true,
    subscribeRequestTimeout: 310_000,
    transactionalRequestTimeout: 10_000,
    fileRequestTimeout: 300_000,
    fileUploadPublishRetryLimit: 5,
    connectTimeout: 5_000,
    presenceTimeout: undefined,
    heartbeatInterval: 0,
    announceSuccessfulHeartbeats: false,
    announceFailedHeartbeats: true,
    suppressLeaveEvents: false,
    maintainPresenceState: true,
    retryConfiguration: { kind: "none" },
    statusVocabulary: "classic",
    transport: "auto",
  });
});

test("[SDK1] both vocabularies say the same", () => {
  const common = {
    publishKey: "pub-key",
    secretKey: "sec-key",
    authKey: "auth-key",
    disableTokenManager: true,
    allowPlainCredentials: true,
    origin: "net.test:1980",
    ssl: false,
    subscribeRequestTimeout: 20,
    fileRequestTimeout: 60,
    fileUploadPublishRetryLimit: 2,
    filterExpression: "meta.lang == 'en'",
    cryptoModule: CryptoModule.aesCbcCryptoModule({ cipherKey: "enigma" }),
    enableSubscribe: false,
    presenceTimeout: 60,
    connectTimeout: 2,
    suppressLeaveEvents: true,
    maintainPresenceState: false,
    statusVocabulary: "engine",
    transport: "long-poll",
  } as const;
  const expected = {
    subscribeKey: "sub-key",
    publishKey: "pub-key",
    secretKey: "sec-key",
    credentials: new Credentials({ authKey: "auth-key", disableTokenManager: true }),
    allowPlainCredentials: true,
    uuid: "anna",
    origin: "http://net.test:1980",
    filterExpression: "meta.lang == 'en'",
    cryptoModule: common.cryptoModule,
    enableSubscribe: false,
    subscribeRequestTimeout: 20_000,
    transactionalRequestTimeout: 1_500,
    fileRequestTimeout: 60_000,
    fileUploadPublishRetryLimit: 2,
    connectTimeout: 2_000,
    presenceTimeout: 60,
    heartbeatInterval: 29_000,
    announceSuccessfulHeartbeats: true,
    announceFailedHeartbeats: true,
    suppressLeaveEvents: true,
    maintainPresenceState: false,
    retryConfiguration: { kind: "linear", delayMs: 2_500, jitterMs: 1_000, retriesMax: 7 } as const,
    statusVocabulary: "engine" as const,
    transport: "long-poll" as const,
  };
  const plain = {
    transactionalRequestTimeout: 1.5,
    announceSuccessfulHeartbeats: true,
    retryConfiguration: PubNub.LinearRetryPolicy({ delay: 2.5, maximumRetry: 7 }),
  };
  const own = {
    nonSubscribeTimeout: 1.5,
    heartbeatNotificationOptions: PNHeartbeatNotificationOptions.All,
    reconnectPolicy: PNReconnectionPolicy.LINEAR,
    maximumReconnectionRetries: 7,
    reconnectionInterval: 2.5,
  };
  expect(readConfiguration({ ...PLAIN, ...common, ...plain })).toMatchObject(expected);
  expect(readConfiguration(classic({ ...common, ...own }))).toMatchObject(expected);
});

test("[SDK1] undefined and null mean the default, and the older name of the user id is read", () => {
  const given = { subscribeKey: "sub-key", uuid: "bert", userId: undefined, origin: null, cipherKey: undefined };
  expect(readConfiguration(given as unknown as PubNubOptions)).toMatchObject({
    uuid: "bert",
    origin: "https://ps.pndsn.com",
  });
});

/** Its properties: the compiler sees that none is missing here, and none too many. */
const CLASSIC_NAMES: Readonly<Record<Exclude<keyof PNConfiguration, `set${string}`>, true>> = {
  subscribeKey: true,
  publishKey: true,
  secretKey: true,
  authKey: true,
  disableTokenManager: true,
  allowPlainCredentials: true,
  uuid: true,
  origin: true,
  ssl: true,
  subscribeRequestTimeout: true,
  nonSubscribeRequestTimeout: true,
  nonSubscribeTimeout: true,
  fileRequestTimeout: true,
  fileUploadPublishRetryLimit: true,
  connectTimeout: true,
  reconnectPolicy: true,
  maximumReconnectionRetries: true,
  reconnectionInterval: true,
  maximumReconnectionInterval: true,
  presenceTimeout: true,
  heartbeatInterval: true,
  heartbeatNotificationOptions: true,
  suppressLeaveEvents: true,
  maintainPresenceState: true,
  transport: true,
  statusVocabulary: true,
  filterExpression: true,
  cipherKey: true,
  cryptoModule: true,
  useRandomInitializationVector: true,
  enableSubscribe: true,
  daemon: true,
};

test("[SDK1] a PNConfiguration has exactly the properties of the table", () => {
  const names = Object.keys(CLASSIC_PROPERTIES).flatMap((row) => namesOf(CLASSIC_PROPERTIES, row));
  expect(Object.keys(CLASSIC_NAMES).toSorted()).toEqual(names.toSorted());
});

const INTERVALS: Readonly<
  Record<string, readonly [PNConfiguration | PubNubOptions, timeout: number, interval: number]>
> = {
  "nothing given": [PLAIN, 300, 0],
  "an interval alone": [{ ...PLAIN, heartbeatInterval: 60 }, 300, 60],
  "a timeout alone": [{ ...PLAIN, presenceTimeout: 120 }, 120, 59],
  "a timeout, above an interval": [{ ...PLAIN, presenceTimeout: 120, heartbeatInterval: 100 }, 120, 59],
  "a timeout above the most": [{ ...PLAIN, presenceTimeout: 1_000 }, 320, 159],
  "a timeout of nothing": [{ ...PLAIN, presenceTimeout: 0, heartbeatInterval: 7 }, 300, 7],
  "a timeout below nothing": [{ ...PLAIN, presenceTimeout: -5 }, 300, 0],
  "a short timeout": [{ ...PLAIN, presenceTimeout: 3 }, 3, 1],
  "a classic timeout alone": [classic({ presenceTimeout: 120 }), 120, 59],
  "a classic interval of its own": [classic({ presenceTimeout: 120, heartbeatInterval: 100 }), 120, 100],
};
for (const [why, [given, timeout, interval]] of Object.entries(INTERVALS)) {
  test(`[SDK36] presence: ${why}`, () => {
    const { presenceTimeout = 300, heartbeatInterval } = readConfiguration(given);
    expect([presenceTimeout, heartbeatInterval]).toEqual([timeout, interval * 1_000]);
  });
}

test("[SDK36] a PNConfiguration sets both times by its methods", () => {
  const configuration = classic();
  configuration.setPresenceTimeoutWithCustomInterval(100, 20);
  expect(readConfiguration(configuration)).toMatchObject({ presenceTimeout: 100, heartbeatInterval: 20_000 });
  configuration.setPresenceTimeout(60);
  expect(readConfiguration(configuration)).toMatchObject({ presenceTimeout: 60, heartbeatInterval: 29_000 });
});

test("[SDK37] which heartbeats are told, in both vocabularies", () => {
  const { NONE, FAILURES, ALL } = PNHeartbeatNotificationOptions;
  const noticesOf = (given: PNConfiguration | PubNubOptions): object => {
    const { announceSuccessfulHeartbeats: success, announceFailedHeartbeats: failure } = readConfiguration(given);
    return { success, failure };
  };
  const heard = [NONE, FAILURES, ALL].map((option) => noticesOf(classic({ heartbeatNotificationOptions: option })));
  expect(heard).toEqual([
    { success: false, failure: false },
    { success: false, failure: true },
    { success: true, failure: true },
  ]);
  expect(noticesOf({ ...PLAIN, announceSuccessfulHeartbeats: true, announceFailedHeartbeats: false })).toEqual({
    success: true,
    failure: false,
  });
});

const POLICIES: Readonly<Record<string, readonly [PNConfiguration | PubNubOptions, object]>> = {
  "classic NONE": [classic({ reconnectPolicy: PNReconnectionPolicy.NONE }), { kind: "none" }],
  "classic LINEAR": [
    classic({ reconnectPolicy: PNReconnectionPolicy.LINEAR }),
    { kind: "linear", delayMs: 3_000, jitterMs: 0, retriesMax: Number.POSITIVE_INFINITY },
  ],
  "classic EXPONENTIAL": [
    classic({ reconnectPolicy: PNReconnectionPolicy.EXPONENTIAL, maximumReconnectionRetries: -1 }),
    { kind: "wrapping", retriesMax: Number.POSITIVE_INFINITY },
  ],
  "classic EXPONENTIAL that ends": [
    classic({ reconnectPolicy: PNReconnectionPolicy.EXPONENTIAL, maximumReconnectionRetries: 0 }),
    { kind: "wrapping", retriesMax: 0 },
  ],
  "classic EXPONENTIAL with its own pauses": [
    classic({ reconnectPolicy: PNReconnectionPolicy.EXPONENTIAL, maximumReconnectionInterval: 20 }),
    {
      kind: "exponential",
      minimumMs: 2_000,
      maximumMs: 20_000,
      jitterMs: 1_000,
      retriesMax: Number.POSITIVE_INFINITY,
    },
  ],
  "no retries": [{ ...PLAIN, retryConfiguration: PubNub.NoneRetryPolicy() }, { kind: "none" }],
  "the longest exponential": [
    {
      ...PLAIN,
      retryConfiguration: PubNub.ExponentialRetryPolicy({ minimumDelay: 150, maximumDelay: 150, maximumRetry: 0 }),
    },
    { kind: "exponential", minimumMs: 150_000, maximumMs: 150_000, jitterMs: 1_000, retriesMax: 0 },
  ],
};
for (const [name, [given, policy]] of Object.entries(POLICIES)) {
  test(`[SDK39] reconnection: ${name}`, () =>
    expect(readConfiguration(given).retryConfiguration).toEqual(policy as never));
}

const ORIGINS: Readonly<Record<string, readonly [PubNubOptions["origin"], boolean | undefined, string]>> = {
  "a host, by default with TLS": ["ps.example.org", undefined, "https://ps.example.org"],
  "a host without TLS": ["ps.example.org", false, "http://ps.example.org"],
  "a host and a port": ["127.0.0.1:1980", false, "http://127.0.0.1:1980"],
  IPv6: ["[::1]:1980", false, "http://[::1]:1980"],
  "an address with a slash": ["http://localhost:1980/", undefined, "http://localhost:1980"],
  "a scheme above the default": ["http://localhost:1980", undefined, "http://localhost:1980"],
  "a scheme with TLS above ssl: false": ["https://ps.example.org", false, "https://ps.example.org"],
};
for (const [why, [origin, ssl, expected]] of Object.entries(ORIGINS)) {
  test(`[SDK3] an origin may be ${why}`, () => {
    expect(readConfiguration({ ...PLAIN, origin, ssl }).origin).toBe(expected);
  });
}

const SECRET = "sec-42";
const REFUSED: Readonly<Record<string, readonly [object, RegExp]>> = {
  "an unknown name": [{ ...PLAIN, subscribekey: SECRET }, /subscribekey is no property.*subscribeKey/],
  "a feature that does not exist yet": [{ ...PLAIN, customEncrypt: true }, /customEncrypt is no property/],
  "a classic name in a plain object": [{ ...PLAIN, nonSubscribeRequestTimeout: 1 }, /nonSubscribeRequestTimeout is/],
  "an unknown name in a PNConfiguration": [classic({ userId: "anna" } as object), /userId is no property.* uuid/],
  "nothing at all": [undefined as unknown as object, /subscribeKey is missing/],
  "no subscribe key": [{ userId: "anna" }, /subscribeKey is missing .*; take it/],
  "a blank subscribe key": [{ ...PLAIN, subscribeKey: " " }, /subscribeKey is missing/],
  "a key that an address would resolve away": [
    { ...PLAIN, publishKey: ".." },
    /publishKey is missing or cannot be a key/,
  ],
  "half of a character in a key": [
    { ...PLAIN, publishKey: `${SECRET}\ud800` },
    /publishKey is missing or cannot be a key/,
  ],
  "an empty secret key": [{ ...PLAIN, publishKey: "p", secretKey: "" }, /secretKey is empty/],
  "half of a character in an auth key": [{ ...PLAIN, authKey: "\ud800" }, /authKey is empty or holds half/],
  "a secret key without a publish key": [{ ...PLAIN, secretKey: SECRET }, /publishKey is missing; .*secretKey signs/],
  "an auth key that everybody could read": [classic({ authKey: SECRET }), /authKey is given, .*set ssl to true/],
  "a secret key without TLS": [
    { ...PLAIN, publishKey: "p", secretKey: SECRET, origin: "http://10.0.0.1" },
    /secretKey is given, .*allowPlainCredentials/,
  ],
  "no user id": [{ subscribeKey: SECRET }, /userId must be .*; set one/],
  "no uuid": [classic({ uuid: undefined }), /uuid must be .*; set one/],
  "both names of the user id": [{ ...PLAIN, uuid: SECRET }, /userId and uuid are both given/],
  "a user id of 93 characters": [{ ...PLAIN, userId: "🦊".repeat(93) }, /userId must be 1 to 92 characters/],
  "a control character in the user id": [
    { ...PLAIN, userId: "a\nb" },
    /userId must .* none of them a control character/,
  ],
  "half of a character in the user id": [{ ...PLAIN, userId: "a\ud800" }, /userId must .* none of them .*half of one/],
  "a number for a text": [{ ...PLAIN, publishKey: 7 }, /publishKey is of the type number; .* string/],
  "a text for a boolean": [{ ...PLAIN, ssl: "false" }, /ssl is of the type string; .* boolean/],
  "several origins": [{ ...PLAIN, origin: ["a", "b"] }, /origin is of the type object; .* string/],
  "a time limit of zero": [{ ...PLAIN, transactionalRequestTimeout: 0 }, /transactionalRequestTimeout is 0; .*seconds/],
  "a time limit below zero": [{ ...PLAIN, subscribeRequestTimeout: -1 }, /subscribeRequestTimeout is -1/],
  "a time limit in milliseconds": [{ ...PLAIN, subscribeRequestTimeout: 310_000 }, /at most 3600/],
  "a time limit that is no number": [
    classic({ nonSubscribeRequestTimeout: Number.NaN }),
    /nonSubscribeRequestTimeout is NaN/,
  ],
  "half a repeat": [{ ...PLAIN, fileUploadPublishRetryLimit: 0.5 }, /fileUploadPublishRetryLimit is 0.5; .*0 to 100/],
  "no end of repeats": [classic({ fileUploadPublishRetryLimit: 101 }), /fileUploadPublishRetryLimit is 101/],
  "a connect timeout of zero": [{ ...PLAIN, connectTimeout: 0 }, /connectTimeout is 0/],
  "a presence timeout that is no number": [{ ...PLAIN, presenceTimeout: Number.NaN }, /presenceTimeout is NaN/],
  "half a second between heartbeats": [{ ...PLAIN, heartbeatInterval: 0.5 }, /heartbeatInterval is 0.5; .*0 for none/],
  "an unknown heartbeat option": [
    classic({ heartbeatNotificationOptions: "SOME" as never }),
    /heartbeatNotificationOptions is none of FAILURES, NONE, ALL/,
  ],
  "an unknown policy": [classic({ reconnectPolicy: "SOMEHOW" as never }), /reconnectPolicy is none of NONE, LINEAR/],
  "a policy of the other vocabulary": [{ ...PLAIN, reconnectPolicy: "LINEAR" }, /reconnectPolicy is no property/],
  "half an attempt": [classic({ maximumReconnectionRetries: 0.5 }), /maximumReconnectionRetries is 0.5; .*-1 for no/],
  "a pause below two seconds": [
    { ...PLAIN, retryConfiguration: PubNub.LinearRetryPolicy({ delay: 1, maximumRetry: 1 }) },
    /retryConfiguration.delay is 1; .*at least 2/,
  ],
  "a longest pause below the shortest": [
    classic({ reconnectPolicy: "EXPONENTIAL", reconnectionInterval: 9, maximumReconnectionInterval: 8 }),
    /maximumReconnectionInterval is below reconnectionInterval/,
  ],
  "a pause that is a text": [
    { ...PLAIN, retryConfiguration: { policy: "linear", delay: "3", maximumRetry: 1 } },
    /retryConfiguration.delay is NaN; it is in seconds/,
  ],
  "a policy without its attempts": [
    { ...PLAIN, retryConfiguration: { policy: "linear", delay: 2 } },
    /retryConfiguration.maximumRetry is NaN/,
  ],
  "a policy with attempts below zero": [
    { ...PLAIN, retryConfiguration: { policy: "linear", delay: 2, maximumRetry: -1 } },
    /retryConfiguration.maximumRetry is -1/,
  ],
  "a policy that excludes": [
    { ...PLAIN, retryConfiguration: { policy: "none", excluded: [] } },
    /retryConfiguration.excluded is no property that this version knows/,
  ],
  "a policy that is a text": [
    { ...PLAIN, retryConfiguration: "linear" },
    /retryConfiguration is of the type .*; give one of the type object/,
  ],
  "an unknown transport": [{ ...PLAIN, transport: "fetch" }, /transport is none of auto, websocket, long-poll/],
  "an unknown vocabulary": [{ ...PLAIN, statusVocabulary: "none" }, /statusVocabulary is none of classic, engine/],
  "a malformed filter": [{ ...PLAIN, filterExpression: "meta.x ==" }, /filterExpression is malformed at character 9/],
  "half of a character in a filter": [{ ...PLAIN, filterExpression: "x == '\ud800'" }, /filterExpression holds half/],
  "a path in the origin": [{ ...PLAIN, origin: `example.org/${SECRET}` }, /origin is not an address/],
  "a user in the origin": [{ ...PLAIN, origin: `anna:${SECRET}@example.org` }, /origin is not an address/],
  "a query in the origin": [{ ...PLAIN, origin: `example.org?${SECRET}` }, /origin is not an address/],
  "a space in the origin": [{ ...PLAIN, origin: "example .org" }, /origin is not an address/],
  "no origin in the origin": [{ ...PLAIN, origin: "" }, /origin is not an address/],
  "no port in the port": [{ ...PLAIN, origin: "example.org:65536" }, /origin is not an address/],
  "another protocol in the origin": [{ ...PLAIN, origin: "ftp://example.org" }, /origin is not an address/],
  "TLS that the origin denies": [{ ...PLAIN, ssl: true, origin: "http://example.org" }, /ssl is true; leave/],
};
for (const [why, [given, sentence]] of Object.entries(REFUSED)) {
  test(`readConfiguration() [SDK2 SDK3] refuses ${why}`, () => {
    const failure = failureOf(() => readConfiguration(given as PubNubOptions));
    expect(failure).toBeInstanceOf(PubNubError);
    expect(failure).toMatchObject({ category: "PNValidationErrorCategory" });
    expect(String(failure)).toMatch(sentence);
    expect(String(failure)).toMatch(/^PubNubError: The configuration cannot be used: .*\.$/);
    expect(String(failure)).not.toContain(SECRET);
  });
}

function failureOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (failure) {
    return failure;
  }
}

test("[SDK67] a client that would talk to another machine without TLS says so, once and without its keys", () => {
  const plain = { origin: "net.test", ssl: false } as const;
  expect(clientByHand(plain).warnings).toEqual([expect.stringContaining("another machine without TLS")]);
  expect(clientByHand(classic()).warnings).toHaveLength(1);
  for (const quiet of [
    {},
    classic({ ssl: true }),
    { ...plain, allowPlainCredentials: true },
    { origin: "localhost", ssl: false },
    { origin: "http://127.1.2.3:1980" },
  ]) {
    expect(clientByHand(quiet).warnings).toEqual([]);
  }
});

test("[SDK1] the guide has a row for each property, with both its names and its defaults", async () => {
  const guide = await Bun.file(new URL("../../../docs/guides/configuration.md", import.meta.url)).text();
  const rows = guide.split("\n").filter((line) => line.startsWith("| `") || line.startsWith("|  |"));
  const tables: readonly Properties[] = [CLASSIC_PROPERTIES, PLAIN_PROPERTIES];
  const properties = new Set(tables.flatMap(Object.keys));
  for (const property of properties) {
    const named = tables.map((table) =>
      namesOf(table, property)
        .map((name) => `\`${name}\``)
        .join(", "),
    );
    const row = rows.find((line) => line.includes(`${named.join(" | ")} |`)) ?? "";
    expect(row, named.join(" | ")).not.toBe("");
    for (const table of tables) {
      const value = table[property]?.value;
      if (value !== undefined) expect(row).toContain(`\`${value}\``);
    }
  }
  expect(rows.length).toBeGreaterThanOrEqual(properties.size);
});

test("[SDK80] daemon goes with long poll, and is refused with a WebSocket alone", () => {
  expect([readConfiguration(PLAIN).daemon, readConfiguration(classic({ daemon: true })).daemon]).toEqual([false, true]);
  expect(() => readConfiguration({ ...PLAIN, daemon: true, transport: "websocket" })).toThrow(
    /daemon receives by long poll; set transport to "auto"/,
  );
});

test("[SDK78] what other SDKs are configured with and means nothing here is taken, and named in the guide; what would matter is refused", async () => {
  const guide = await Bun.file(new URL("../../../docs/guides/configuration.md", import.meta.url)).text();
  const others = Object.fromEntries(WITHOUT_EFFECT.map((name) => [name, "anything"]));
  expect(readConfiguration({ ...PLAIN, ...others })).toEqual(readConfiguration(PLAIN));
  for (const name of WITHOUT_EFFECT) expect(guide).toContain(`\`${name}\``);
  for (const name of ["customEncrypt", "customDecrypt", "restor"]) {
    expect(() => readConfiguration({ ...PLAIN, [name]: () => "" })).toThrow(`${name} is no property`);
  }
});
