import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { openSecrets, sealSecrets } from "./sealing.ts";

const MASTER = new Uint8Array(randomBytes(32));
const SECRETS = { secretKey: "s3cret-key", tokenKeys: [new Uint8Array(32).fill(7), new Uint8Array(32).fill(8)] };

test("sealed secrets [ACC13] open with their master key for their keyset, and no other way", () => {
  const sealed = sealSecrets(MASTER, "sub", SECRETS);
  expect(openSecrets(MASTER, "sub", sealed)).toEqual(SECRETS);
  expect(openSecrets(MASTER, "other", sealed)).toBeUndefined();
  expect(openSecrets(new Uint8Array(randomBytes(32)), "sub", sealed)).toBeUndefined();
  expect(openSecrets(MASTER, "sub", "")).toBeUndefined();
  expect(sealSecrets(MASTER, "sub", SECRETS)).not.toBe(sealed);
});

test("sealed secrets [ACC13] hold nothing readable, and no byte of them can be changed", () => {
  const bytes = Buffer.from(sealSecrets(MASTER, "sub", SECRETS), "base64");
  expect(bytes.toString("latin1")).not.toContain("s3cret");
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(openSecrets(MASTER, "sub", changed.toString("base64"))).toBeUndefined();
  }
});
