import { expect, test } from "bun:test";
import { readS3Credentials } from "./s3-credentials.ts";

const SECRET = "s3cr3t/of+this=test";
const ENV = { AWS_ACCESS_KEY_ID: "AKIAENV", AWS_SECRET_ACCESS_KEY: SECRET };

const read = (text: string | undefined, env: Readonly<Record<string, string>> = {}): unknown =>
  readS3Credentials({ file: text === undefined ? undefined : "c", env, readFile: () => text ?? "" });

test("readS3Credentials() [FIL54] takes the usual variables", () => {
  expect(read(undefined, ENV)).toEqual({ accessKeyId: "AKIAENV", secretAccessKey: SECRET, sessionToken: undefined });
  expect(read(undefined, { ...ENV, AWS_SESSION_TOKEN: "lent" })).toMatchObject({ sessionToken: "lent" });
});

const LINES = `aws_access_key_id = AKIAFILE\r\naws_secret_access_key=${SECRET}\n`;
const FILES: Readonly<Record<string, string>> = {
  "lines alone": LINES,
  "the profile default": `# ours\n[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n[default]\n${LINES}`,
  "the first of two profiles": `[ default ]\n${LINES}region = x\n[other]\naws_access_key_id = AKIAOTHER\n`,
};
for (const [what, text] of Object.entries(FILES)) {
  test(`readS3Credentials() [FIL54] takes ${what} of a file, and nothing of the variables`, () => {
    const env = { ...ENV, AWS_SESSION_TOKEN: "lent" };
    expect(read(text, env)).toEqual({ accessKeyId: "AKIAFILE", secretAccessKey: SECRET, sessionToken: undefined });
  });
}

const MISSING: Readonly<Record<string, readonly [text: string | undefined, env: Readonly<Record<string, string>>]>> = {
  "no variables": [undefined, {}],
  "half of the variables": [undefined, { AWS_SECRET_ACCESS_KEY: SECRET }],
  "an empty variable": [undefined, { ...ENV, AWS_ACCESS_KEY_ID: "" }],
  "half a file": [`aws_secret_access_key = ${SECRET}`, ENV],
  "a file of another profile": [`[other]\n${LINES}`, ENV],
};
for (const [what, [text, env]] of Object.entries(MISSING)) {
  test(`readS3Credentials() [FIL54] refuses ${what} in a sentence that holds nothing secret`, () => {
    expect(() => read(text, env)).toThrow(
      /^--s3-(?:bucket needs credentials: set AWS_|credentials-file c has no aws_)/,
    );
    expect(() => read(text, env)).not.toThrow(SECRET);
  });
}

test("readS3Credentials() [FIL54] a file that cannot be read ends the start in a sentence", () => {
  const readFile = (): string => {
    throw new Error("no such file");
  };
  expect(() => readS3Credentials({ file: "c", env: ENV, readFile })).toThrow(
    "--s3-credentials-file c cannot be read: no such file. Name a file with credentials.",
  );
});
