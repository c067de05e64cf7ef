import { expect, test } from "bun:test";
import { type ClientByHand, answerOf, clientByHand, itemOf, turn, until } from "../by-hand.ts";
import { PNConfiguration, type PubNubOptions } from "../configuration.ts";
import { PubNubError } from "../errors.ts";
import { PubNub } from "../pubnub.ts";
import { CryptoModule } from "./crypto-module.ts";

const T1 = "17326051234567891";
const T2 = "17326051234567893";
const fixed = { cipherKey: "enigma", useRandomInitializationVector: false } as const;
const HELLO = "8vAFZgup2Ejp2Ny0d1iFlA=="; // "Hello world" in the older way with the fixed vector
const newer = CryptoModule.aesCbcCryptoModule({ cipherKey: "enigma" });

async function lastSegment(by: ClientByHand): Promise<unknown> {
  await until(() => by.network.requests.length > 0);
  return JSON.parse(decodeURIComponent(by.network.last.path.split("/").at(-1) ?? ""));
}

test("[SDK47 SDK49] a cipher key encrypts what is published and fired, and nothing of meta and signals", async () => {
  for (const call of ["publish", "fire"] as const) {
    const by = clientByHand(fixed);
    void by.client[call]({ channel: "room", message: "Hello world", meta: { lang: "en" } }).catch(() => {});
    expect(await lastSegment(by)).toBe(HELLO);
    expect(by.network.last.query["meta"]).toBe('{"lang":"en"}');
  }
  const by = clientByHand(fixed);
  void by.client.signal({ channel: "room", message: "Hello world" }).catch(() => {});
  expect(await lastSegment(by)).toBe("Hello world");
});

test("[SDK47] a classic configuration says the same, and random vectors are the default", async () => {
  const by = clientByHand(Object.assign(new PNConfiguration(), fixed));
  void by.client.publish({ channel: "room", message: "Hello world" }).catch(() => {});
  expect(await lastSegment(by)).toBe(HELLO);
  const random = clientByHand({ cipherKey: "enigma" });
  void random.client.publish({ channel: "room", message: "Hello world" }).catch(() => {});
  const sealed = String(await lastSegment(random));
  expect(sealed.length).toBe(44);
  expect(await newer.decrypt(sealed)).toBe('"Hello world"');
});

test("[SDK47] a crypto module counts more than a cipher key", async () => {
  const by = clientByHand({ ...fixed, cryptoModule: newer });
  void by.client.publish({ channel: "room", message: 1, sendByPost: true }).catch(() => {});
  await until(() => by.network.requests.length > 0);
  const sealed: unknown = JSON.parse(by.network.last.body ?? "");
  expect(sealed).toStartWith("UE5FRAFBQ1JIE");
  expect(await newer.decrypt(String(sealed))).toBe("1");
});

test("[SDK49] what cannot be sent is refused as without a key", async () => {
  const { client, network } = clientByHand(fixed);
  const failure: unknown = await client.publish({ channel: "room", message: undefined }).catch((no: unknown) => no);
  expect(failure).toMatchObject({ category: "PNValidationErrorCategory", operation: "PNPublishOperation" });
  expect(network.requests).toEqual([]);
});

const REFUSED: Readonly<Record<string, readonly [given: object, says: string]>> = {
  "an empty key": [{ cipherKey: "" }, "cipherKey is empty"],
  "a key that is no text": [{ cipherKey: 7 }, "cipherKey is of the type number; give one of the type string"],
  "a module that is none": [{ cryptoModule: {} }, "cryptoModule is no crypto module"],
  "two names": [{ useRandomIVs: true, useRandomInitializationVector: true }, "both given"],
};
for (const [what, [given, says]] of Object.entries(REFUSED)) {
  test(`[SDK47] refused: ${what}`, () => {
    expect(() => clientByHand(given as Partial<PubNubOptions>)).toThrow(says);
  });
}

test("[SDK50] messages are decrypted in their order; what cannot be is told with an error", async () => {
  const by = clientByHand({ ...fixed, transport: "long-poll" });
  by.client.subscribe({ channels: ["room"] });
  await turn();
  by.network.poll.answer(answerOf(T1));
  await until(() => by.network.poll.query["tt"] === T1);
  const items = [
    itemOf("room", HELLO, { u: { lang: "en" } }),
    itemOf("room", { in: "clear" }),
    itemOf("room", "in clear"),
    itemOf("room", await newer.encrypt("no json")),
    itemOf("room", HELLO, { e: 1 }),
  ];
  by.network.poll.answer(answerOf(T2, items));
  await until(() => by.messages.length === 4 && by.signals.length === 1);
  expect(by.messages.map(({ message, error }) => [message, error])).toEqual([
    ["Hello world", undefined],
    [{ in: "clear" }, undefined],
    ["in clear", "Error while decrypting message content: Nothing was decrypted: it is no base64."],
    ["no json", undefined],
  ]);
  expect(by.messages[0]?.userMetadata).toEqual({ lang: "en" });
  expect(by.signals[0]?.message).toBe(HELLO);
  by.client.destroy();
});

test("[SDK50] what is unsubscribed while it is decrypted is not told, and the cursor does not move", async () => {
  const by = clientByHand({ ...fixed, transport: "long-poll" });
  by.client.subscribe({ channels: ["room", "other"] });
  await turn();
  by.network.poll.answer(answerOf(T1));
  await until(() => by.network.poll.query["tt"] === T1);
  by.network.poll.answer(answerOf(T2, [itemOf("room", HELLO)]));
  await Promise.resolve();
  by.client.unsubscribe({ channels: ["room"] });
  await until(() => by.network.poll.path.endsWith("/other/0"));
  by.network.poll.answer(answerOf(T2));
  await until(() => by.network.poll.query["tt"] === T1);
  expect(by.messages).toEqual([]);
  by.client.destroy();
});

test("[SDK51] texts and bytes are encrypted and decrypted, with the configuration's key or another", async () => {
  const { client } = clientByHand(fixed);
  expect(await client.encrypt('"Hello world"')).toBe(HELLO);
  expect(await client.decrypt(HELLO)).toBe("Hello world");
  const sealed = await client.encrypt('{"a":1}', "another");
  expect(await client.decrypt(sealed, "another")).toEqual({ a: 1 });
  expect(await client.decrypt(await client.encrypt("plain"))).toBe("plain");
  const bytes = Uint8Array.of(1, 2, 3);
  expect(await client.decrypt(await client.encrypt(bytes))).toEqual(bytes);
  expect(await client.decrypt(await client.encrypt(bytes, "another"), "another")).toEqual(bytes);
});

test("[SDK51] without a key nothing is encrypted, and a wrong one decrypts nothing", async () => {
  const failure: unknown = await clientByHand()
    .client.encrypt("a")
    .catch((no: unknown) => no);
  expect(failure).toMatchObject({ category: "PNValidationErrorCategory" });
  expect((failure as PubNubError).message).toContain("set cipherKey or cryptoModule");
  const wrong: unknown = await clientByHand(fixed)
    .client.decrypt("QfD1NCBJCmt1aPPGU2cshw==")
    .catch((no: unknown) => no);
  expect(wrong).toMatchObject({ category: "PNDecryptionErrorCategory" });
});

test("[SDK47] the crypto module is found on the client's class too", () => {
  expect(PubNub.CryptoModule).toBe(CryptoModule);
});
