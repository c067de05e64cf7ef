import { expect, test } from "bun:test";
import { PROPERTIES, readConfiguration } from "./configuration-reader.ts";
import { PNConfiguration, type PubNubOptions } from "./configuration.ts";
import { PubNubError } from "./errors.ts";

const PLAIN = { subscribeKey: "sub-key", userId: "anna" } as const;

function classic(properties: Partial<PNConfiguration> = {}): PNConfiguration {
  return Object.assign(new PNConfiguration(), { subscribeKey: "sub-key", uuid: "anna" }, properties);
}

test("[SDK1] a plain object has the defaults of JavaScript applications", () => {
  expect(readConfiguration(PLAIN)).toEqual({
    subscribeKey: "sub-key",
    publishKey: undefined,
    uuid: "anna",
    origin: "https://ps.pndsn.com",
    filterExpression: undefined,
    maySubscribe: true,
    subscribeTimeoutMs: 310_000,
    requestTimeoutMs: 15_000,
    presenceTimeoutSeconds: 300,
  });
});

test("[SDK1] a PNConfiguration has the defaults of the classic documentation", () => {
  expect(readConfiguration(classic())).toEqual({
    subscribeKey: "sub-key",
    publishKey: undefined,
    uuid: "anna",
    origin: "http://ps.pndsn.com",
    filterExpression: undefined,
    maySubscribe: true,
    subscribeTimeoutMs: 310_000,
    requestTimeoutMs: 10_000,
    presenceTimeoutSeconds: 300,
  });
});

test("[SDK1] both vocabularies say the same", () => {
  const common = {
    publishKey: "pub-key",
    origin: "127.0.0.1:1980",
    ssl: false,
    subscribeRequestTimeout: 20,
    filterExpression: "meta.lang == 'en'",
    enableSubscribe: false,
    presenceTimeout: 60,
  };
  const expected = {
    subscribeKey: "sub-key",
    publishKey: "pub-key",
    uuid: "anna",
    origin: "http://127.0.0.1:1980",
    filterExpression: "meta.lang == 'en'",
    maySubscribe: false,
    subscribeTimeoutMs: 20_000,
    requestTimeoutMs: 1_500,
    presenceTimeoutSeconds: 60,
  };
  expect(readConfiguration({ ...PLAIN, ...common, transactionalRequestTimeout: 1.5 })).toEqual(expected);
  expect(readConfiguration(classic({ ...common, nonSubscribeRequestTimeout: 1.5 }))).toEqual(expected);
});

test("[SDK1] undefined and null mean the default, and the older name of the user id is read", () => {
  const given = { subscribeKey: "sub-key", uuid: "bert", userId: undefined, origin: null, cipherKey: undefined };
  expect(readConfiguration(given as unknown as PubNubOptions)).toMatchObject({
    uuid: "bert",
    origin: "https://ps.pndsn.com",
  });
});

test("[SDK1] a PNConfiguration has exactly the properties of the table", () => {
  const names = Object.values(PROPERTIES).flatMap(({ names }) => names.classic);
  expect(Object.keys(new PNConfiguration()).toSorted()).toEqual(names.toSorted());
});

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
  "a feature that does not exist yet": [{ ...PLAIN, cipherKey: SECRET }, /cipherKey is no property/],
  "a classic name in a plain object": [{ ...PLAIN, nonSubscribeRequestTimeout: 1 }, /nonSubscribeRequestTimeout is/],
  "an unknown name in a PNConfiguration": [classic({ userId: "anna" } as object), /userId is no property.* uuid/],
  "nothing at all": [undefined as unknown as object, /subscribeKey is missing/],
  "no subscribe key": [{ userId: "anna" }, /subscribeKey is missing; take it/],
  "a blank subscribe key": [{ ...PLAIN, subscribeKey: " " }, /subscribeKey is missing/],
  "a key that an address would resolve away": [{ ...PLAIN, publishKey: ".." }, /publishKey cannot be a key/],
  "half of a character in a key": [{ ...PLAIN, publishKey: `${SECRET}\ud800` }, /publishKey cannot be a key/],
  "no user id": [{ subscribeKey: SECRET }, /userId is missing; set one/],
  "no uuid": [classic({ uuid: undefined }), /uuid is missing; set one/],
  "both names of the user id": [{ ...PLAIN, uuid: SECRET }, /userId and uuid are both given/],
  "a user id of 93 characters": [{ ...PLAIN, userId: "🦊".repeat(93) }, /userId has 93 characters; use at most 92/],
  "a control character in the user id": [{ ...PLAIN, userId: "a\nb" }, /userId holds a control character/],
  "half of a character in the user id": [{ ...PLAIN, userId: "a\ud800" }, /userId holds .*half of a character/],
  "a number for a text": [{ ...PLAIN, publishKey: 7 }, /publishKey must be a string, but .* number/],
  "a text for a boolean": [{ ...PLAIN, ssl: "false" }, /ssl must be a boolean, but .* string/],
  "several origins": [{ ...PLAIN, origin: ["a", "b"] }, /origin must be a string, but .* object/],
  "a time limit of zero": [{ ...PLAIN, transactionalRequestTimeout: 0 }, /transactionalRequestTimeout is 0; .*seconds/],
  "a time limit below zero": [{ ...PLAIN, subscribeRequestTimeout: -1 }, /subscribeRequestTimeout is -1/],
  "a time limit in milliseconds": [{ ...PLAIN, subscribeRequestTimeout: 310_000 }, /at most 3600/],
  "a time limit that is no number": [
    classic({ nonSubscribeRequestTimeout: Number.NaN }),
    /nonSubscribeRequestTimeout is NaN/,
  ],
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
