import { expect, test } from "bun:test";
import { DEFAULT_OPTIONS, OPTIONS } from "./options.ts";
import { printHelp, printOptionsPage } from "./print-options.ts";
import { readOptions } from "./read-options.ts";

interface Given {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
}

function read({ argv = [], env = {}, file }: Given): ReturnType<typeof readOptions> {
  const readFile = (): string => {
    if (file === undefined) throw new Error("no such file");
    return file;
  };
  return readOptions({ argv, env, readFile });
}

test("readOptions() [OPT1] gives every option its default", () => {
  expect(read({})).toEqual({ kind: "options", options: DEFAULT_OPTIONS });
});

const ACCEPTED: Readonly<Record<string, readonly [Given, Partial<typeof DEFAULT_OPTIONS>]>> = {
  "a flag": [{ argv: ["--port", "0"] }, { port: 0 }],
  "a flag with an equals sign": [{ argv: ["--data-dir=/tmp/x"] }, { dataDir: "/tmp/x" }],
  "a switch": [{ argv: ["--memory"] }, { memory: true }],
  "a switch turned off": [{ argv: ["--no-demo-keys"] }, { demoKeys: false }],
  "a variable": [{ env: { LONGWAVE_HOLD_SECONDS: "55" } }, { holdSeconds: 55 }],
  "a switch as a variable": [{ env: { LONGWAVE_MEMORY: "1" } }, { memory: true }],
  "the file": [
    { argv: ["--config", "f"], file: '{"logFormat":"json","port":7}' },
    { logFormat: "json", port: 7 },
  ],
  "a flag over a variable": [{ argv: ["--port", "1"], env: { LONGWAVE_PORT: "2" } }, { port: 1 }],
  "a bucket": [
    { argv: ["--s3-bucket", "b", "--s3-endpoint", "https://s3.example:9000"] },
    { s3Bucket: "b", s3Endpoint: "https://s3.example:9000" },
  ],
  "a variable over the file": [{ env: { LONGWAVE_PORT: "2", LONGWAVE_CONFIG: "f" }, file: '{"port":3}' }, { port: 2 }],
};
for (const [what, [given, expected]] of Object.entries(ACCEPTED)) {
  test(`readOptions() [OPT1 OPT2] takes ${what}`, () => {
    expect(read(given)).toEqual({ kind: "options", options: { ...DEFAULT_OPTIONS, ...expected } });
  });
}

const REFUSED: Readonly<Record<string, readonly [Given, RegExp]>> = {
  "an unknown flag": [{ argv: ["--prot", "1"] }, /--prot.*--help/],
  "a word": [{ argv: ["now"] }, /now.*--help/],
  "a flag without its value": [{ argv: ["--port"] }, /--port/],
  "a port beyond 65535": [{ argv: ["--port", "70000"] }, /^--port is "70000", but .* 0 to 65535/],
  "a port in words": [{ env: { LONGWAVE_PORT: "http" } }, /^LONGWAVE_PORT is "http"/],
  "a hold that clients give up on": [{ argv: ["--hold-seconds", "310"] }, /1 to 300 \(seconds\)/],
  "an unknown choice": [{ argv: ["--log-format", "xml"] }, /one of auto, pretty, json/],
  "a certificate without a key": [{ argv: ["--tls-cert", "c.pem"] }, /belong together/],
  "a service without a bucket": [{ argv: ["--s3-endpoint", "https://s3.example"] }, /name it with --s3-bucket/],
  "a bucket of a network that forgets": [{ argv: ["--s3-bucket", "b", "--memory"] }, /--memory contradict/],
  "a service that is no address": [{ argv: ["--s3-bucket", "b", "--s3-endpoint", "s3.example"] }, /must be a scheme/],
  "a service with a password": [
    { argv: ["--s3-bucket", "b", "--s3-endpoint", "https://u:p@s3.example"] },
    /--s3-endpoint must be a scheme, a host and a port/,
  ],
  "a prefix that begins with a slash": [{ argv: ["--s3-bucket", "b", "--s3-prefix", "/x"] }, /--s3-prefix must be/],
  "a file that is not there": [{ argv: ["--config", "f"] }, /The config file f cannot be read: no such file/],
  "a file that is no JSON": [{ argv: ["--config", "f"], file: "port: 1" }, /cannot be read/],
  "a file with an unknown name": [{ argv: ["--config", "f"], file: '{"prot":1}' }, /"prot", which is no option/],
  "a file with a wrong type": [{ argv: ["--config", "f"], file: '{"memory":"yes"}' }, /"memory" is "yes"/],
};
for (const [what, [given, sentence]] of Object.entries(REFUSED)) {
  test(`readOptions() [OPT3] refuses ${what}, in a sentence`, () => {
    const outcome = read(given);
    if (outcome.kind !== "refused") throw new Error(`not refused but ${outcome.kind}`);
    expect(outcome.sentences.join("\n")).toMatch(sentence);
  });
}

test("readOptions() [OPT3] names everything that is wrong at once", () => {
  const outcome = read({ argv: ["--port", "x", "--log-level", "y"] });
  expect(outcome).toMatchObject({ kind: "refused", sentences: [expect.any(String), expect.any(String)] });
});

test("printHelp() [OPT4] names every option", () => {
  expect(read({ argv: ["--help"] })).toEqual({ kind: "help" });
  expect(read({ argv: ["-h", "--port", "1"] })).toEqual({ kind: "help" });
  const help = printHelp();
  for (const flag of ["--port PORT", "--data-dir DIR", "--no-demo-keys", "--synchronous full|normal"]) {
    expect(help).toContain(flag);
  }
});

test("[OPT4] the page of the reference is the table's", async () => {
  const page = Bun.file(new URL("../../../docs/reference/options.md", import.meta.url));
  expect(await page.text()).toBe(printOptionsPage());
  expect(Object.keys(OPTIONS)).toHaveLength(Object.keys(DEFAULT_OPTIONS).length);
});
