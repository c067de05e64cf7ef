import { expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { count } from "../../../../tools/counts.ts";
import { type ServerProcess, startServer, startServerSomewhere, temporaryDirectory } from "./server-process.ts";

const ADMIN_TOKEN = "the-admin-of-these-tests";
const argv = ["--admin-token", ADMIN_TOKEN];
const PUBLISHES = count({ quick: 200, full: 2_000 });
const DEVICES = 50;

/** Credentials that lead nowhere: whatever is sent with them is put off. */
async function equip({ url }: ServerProcess): Promise<void> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const fcm = {
    project_id: "p",
    client_email: "c@p.example",
    private_key: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    token_uri: "https://localhost:1/token",
  };
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const body = JSON.stringify({ fcm });
  const response = await fetch(`${url}/admin/v1/keysets/demo/push`, { method: "PATCH", headers, body });
  expect(response.status).toBe(200);
}

const waiting = async ({ url }: ServerProcess): Promise<number> => {
  const response = await fetch(`${url}/metrics`);
  return Number(/^longwave_push_jobs (\d+)$/m.exec(await response.text())?.[1]);
};

test("[PSH40 PSH42 PSH10] killed amid registrations and messages that ask for notifications: whatever was acknowledged is there", async () => {
  using directory = temporaryDirectory();
  await using servers = new AsyncDisposableStack();
  const first = servers.use(await startServerSomewhere({ dataDir: directory.path, argv }));
  await equip(first);
  await fetch(`${first.url}/v1/push/sub-key/demo/devices/phone?type=fcm&add=busy`);
  const payload = encodeURIComponent('{"pn_fcm":{"data":{"a":"b"}}}');
  let acknowledged = 0;
  const registered: number[] = [];
  let killed: Promise<number> | undefined;
  const killAmid = (): void => {
    if (registered.length >= DEVICES / 4 && acknowledged >= PUBLISHES / 4) killed ??= first.end("SIGKILL");
  };
  const publish = async (): Promise<void> => {
    const response = await fetch(`${first.url}/publish/demo/demo/0/busy/0/${payload}`);
    if (response.status === 200) acknowledged += 1;
    killAmid();
  };
  const register = async (at: number): Promise<void> => {
    const response = await fetch(`${first.url}/v1/push/sub-key/demo/devices/phone-${at}?type=fcm&add=room`);
    if (response.status === 200) registered.push(at);
    killAmid();
  };
  const publishes = Array.from({ length: PUBLISHES }, () => publish());
  const registrations = Array.from({ length: DEVICES }, (_, at) => register(at));
  await Promise.allSettled([...publishes, ...registrations]);
  await killed;
  const second = servers.use(await startServer({ dataDir: directory.path, port: first.port, argv }));
  for (const at of registered) {
    const response = await fetch(`${second.url}/v1/push/sub-key/demo/devices/phone-${at}?type=fcm`);
    expect(await response.text()).toBe('["room"]');
  }
  expect(registered.length).toBeGreaterThanOrEqual(DEVICES / 4);
  // Each message has one job, for the channel's devices or by now for its only one.
  const jobs = await waiting(second);
  expect(acknowledged).toBeGreaterThanOrEqual(PUBLISHES / 4);
  expect(jobs).toBeGreaterThanOrEqual(acknowledged);
  expect(jobs).toBeLessThanOrEqual(PUBLISHES);
});
