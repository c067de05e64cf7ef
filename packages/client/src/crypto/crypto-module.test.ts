import { expect, test } from "bun:test";
import fc from "fast-check";
import vectors from "../../../../spec/vectors/cryptography.json" with { type: "json" };
import { PubNubError } from "../errors.ts";
import { CryptoModule } from "./crypto-module.ts";
import { type Bytes, type Cryptor, aesCbcCryptor, legacyCryptor } from "./cryptors.ts";

const bytesOf = (hex: string): Bytes => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

const WAYS: Readonly<Record<string, (cipherKey: string, iv?: () => Bytes) => Cryptor>> = {
  legacyFixed: (cipherKey, iv) => legacyCryptor({ cipherKey, useRandomIVs: false }, iv),
  legacy: (cipherKey, iv) => legacyCryptor({ cipherKey }, iv),
  aesCbc: (cipherKey, iv) => aesCbcCryptor({ cipherKey }, iv),
};

function moduleOf(way: string, cipherKey: string, iv?: string): CryptoModule {
  const cryptor = WAYS[way]?.(cipherKey, iv === undefined ? undefined : () => bytesOf(iv));
  if (cryptor === undefined) throw new Error(`there is no way ${way}`);
  return new CryptoModule({ default: cryptor });
}

for (const { cipherKey, way, iv, plain, sealed } of vectors.texts) {
  test(`[SDK47 SDK48] ${way} ${sealed.slice(-20)} is ${plain}`, async () => {
    expect(await moduleOf(way, cipherKey).decrypt(sealed)).toBe(plain);
    if (iv !== undefined) expect(await moduleOf(way, cipherKey, iv).encrypt(plain)).toBe(sealed);
  });
}

for (const { cipherKey, way, iv, plain, sealedHex } of vectors.files) {
  test(`[SDK47 SDK48] bytes of a file, ${way} with ${cipherKey}`, async () => {
    expect(hexOf(await moduleOf(way, cipherKey).decrypt(bytesOf(sealedHex)))).toBe(hexOf(utf8(plain)));
    if (iv !== undefined) expect(hexOf(await moduleOf(way, cipherKey, iv).encrypt(utf8(plain)))).toBe(sealedHex);
  });
}

const parameters = { cipherKey: "enigma" };
const [newer, older] = [CryptoModule.aesCbcCryptoModule(parameters), CryptoModule.legacyCryptoModule(parameters)];

test("[SDK48] each module reads what the other wrote, texts and bytes of any kind", async () => {
  const texts = fc.string({ unit: "grapheme", maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(texts, fc.uint8Array({ maxLength: 60 }), async (text, bytes) => {
      expect(await newer.decrypt(await older.encrypt(text))).toBe(text);
      expect(await older.decrypt(await newer.encrypt(text))).toBe(text);
      expect(hexOf(await older.decrypt(await newer.encrypt(bytes)))).toBe(hexOf(bytes));
    }),
    { numRuns: 40 },
  );
});

test("[SDK47] no two ciphertexts of one text are the same, but with the fixed vector", async () => {
  expect(await older.encrypt("a")).not.toBe(await older.encrypt("a"));
  const fixed = CryptoModule.legacyCryptoModule({ ...parameters, useRandomIVs: false });
  expect(await fixed.encrypt("a")).toBe(await fixed.encrypt("a"));
});

for (const [length, written] of Object.entries({ 0: "00", 33: "21", 254: "fe", 255: "ff00ff", 700: "ff02bc" })) {
  test(`[SDK48] a header with ${length} bytes of metadata`, async () => {
    const metadata = new Uint8Array(Number(length)).fill(7);
    const mine: Cryptor = {
      identifier: "MINE",
      encrypt: async (data) => ({ metadata, data }),
      decrypt: async ({ metadata: given, data }) => (hexOf(given) === hexOf(metadata) ? data : Uint8Array.of()),
    };
    const own = new CryptoModule({ default: mine });
    const sealed = await own.encrypt(utf8("plain"));
    expect(hexOf(sealed)).toBe(`504e4544014d494e45${written}${hexOf(metadata)}${hexOf(utf8("plain"))}`);
    expect(hexOf(await own.decrypt(sealed))).toBe(hexOf(utf8("plain")));
    expect(await refusalOf(newer.decrypt(sealed))).toContain("an unknown cryptor");
  });
}

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const failure: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(failure instanceof PubNubError)) throw new Error(`it was no PubNubError: ${Bun.inspect(failure)}`);
  expect(failure.category).toBe("PNDecryptionErrorCategory");
  return failure.message;
}

const base64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64");
const UNREADABLE: Readonly<Record<string, readonly [sealed: string, says: string]>> = {
  "no base64": ["hello world", "no base64"],
  nothing: ["", "empty"],
  "a plain text that is base64 by chance": ["aGVsbG8=", "or not at all"],
  "a ciphertext without its last block": [base64("00".repeat(16)), "or not at all"],
  "another key": ["QfD1NCBJCmt1aPPGU2cshw==", "another key"],
  "an unknown cryptor": [base64("504e454401414243440000"), "unknown cryptor"],
  "a later version": [base64("504e454402414352481000"), "later version"],
  "a mark alone": [base64("504e4544"), "cut short"],
  "a header without its metadata": [base64("504e4544014143524810000102"), "cut short"],
  "a header without its long length": [base64("504e45440141435248ff01"), "cut short"],
  "a header of no metadata": [base64("504e4544014143524800"), "or not at all"],
};
for (const [what, [sealed, says]] of Object.entries(UNREADABLE)) {
  test(`[SDK48] ${what} is not decrypted, and not repeated`, async () => {
    for (const cryptoModule of [newer, older]) {
      const sentence = await refusalOf(cryptoModule.decrypt(sealed));
      expect(sentence).toContain(says);
      if (sealed !== "") expect(sentence).not.toContain(sealed);
    }
  });
}

test("[SDK48] without the older cryptor, what has no header is an unknown cryptor's", async () => {
  const alone = new CryptoModule({ default: aesCbcCryptor(parameters) });
  expect(await refusalOf(alone.decrypt(await older.encrypt("a")))).toContain("unknown cryptor");
});

test("[SDK48] identifiers are four characters of ASCII, and a cipher key is not empty", () => {
  const cryptor = { ...aesCbcCryptor(parameters), identifier: "LONGER" };
  expect(() => new CryptoModule({ default: cryptor })).toThrow("four characters");
  expect(() => CryptoModule.aesCbcCryptoModule({ cipherKey: "" })).toThrow("cipherKey is missing");
});
