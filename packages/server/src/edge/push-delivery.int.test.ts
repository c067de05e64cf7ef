/**
 * The whole way: registered over HTTP, published, delivered to providers on this machine, told to the publisher.
 *
 * @module
 */
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { ApnsGateway } from "../adapters/push/apns-gateway.ts";
import { FcmGateway } from "../adapters/push/fcm-gateway.ts";
import { LOCAL_CA, LocalApple, LocalGoogle } from "../adapters/push/local-providers.ts";
import { appleCredentials, googleCredentials } from "../adapters/push/test-credentials.ts";
import { type Network, startNetwork } from "../main.ts";
import { createLog } from "../observe/log.ts";
import type { ServerOptions } from "../options.ts";
import { signedTarget } from "./signed-by-hand.ts";

const ADMIN_TOKEN = "the-admin-of-these-tests";
const APPLE = appleCredentials();
const GOOGLE = googleCredentials();
const PHONE = "aabbccdd";

/** A network with providers of its own. */
class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly apple: LocalApple;
  readonly google: LocalGoogle;
  readonly lines: string[] = [];
  readonly #options: Partial<ServerOptions>;
  #network: Network | undefined;

  private constructor(apple: LocalApple, google: LocalGoogle, options: Partial<ServerOptions>) {
    this.apple = apple;
    this.google = google;
    this.#options = options;
  }

  static async start(options: Partial<ServerOptions> = { memory: true }): Promise<World> {
    const world = new World(await LocalApple.start(), await LocalGoogle.start(), options);
    await world.open();
    return world;
  }

  async open(): Promise<void> {
    const { clock, apple, google, lines } = this;
    const origins = { production: apple.origin, development: apple.origin };
    const log = createLog({ clock, format: "json", level: "debug", colour: false, write: (line) => lines.push(line) });
    const pushGateways = {
      fcm: new FcmGateway({ clock, origin: google.origin, ca: LOCAL_CA }),
      apns: new ApnsGateway({ clock, origins, ca: LOCAL_CA }),
    };
    const settings = { port: 0, drainSeconds: 0, adminToken: ADMIN_TOKEN, ...this.#options };
    this.#network = await startNetwork(settings, { clock, log, pushGateways });
  }

  async close(): Promise<void> {
    await this.#network?.stop();
    this.#network = undefined;
  }

  get url(): string {
    return this.#network?.url ?? "";
  }

  async get(target: string, init?: RequestInit): Promise<string> {
    const response = await fetch(this.url + target, init);
    return response.text();
  }

  async admin(method: string, path: string, body?: object): Promise<readonly [number, string]> {
    const response = await fetch(`${this.url}/admin/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    return [response.status, await response.text()];
  }

  /** Gives the demo keyset credentials for both. */
  async equip(): Promise<void> {
    const fcm = {
      type: "service_account",
      project_id: GOOGLE.projectId,
      client_email: GOOGLE.clientEmail,
      private_key: GOOGLE.privateKey,
      token_uri: this.google.tokenUrl,
    };
    const [status] = await this.admin("PATCH", "/keysets/demo/push", { fcm, apns: APPLE });
    expect(status).toBe(200);
  }

  async publish(message: object, query = "", route = "publish"): Promise<string> {
    const payload = encodeURIComponent(JSON.stringify(message));
    const answer = await this.get(`/${route}/demo/demo/0/room/0/${payload}?${query}`);
    return /^\[1,"Sent","(\d{17})"\]$/.exec(answer)?.[1] ?? answer;
  }

  /** Waits until providers have been asked so many times. */
  async asked(apple: number, google: number): Promise<void> {
    while (this.apple.requests.length < apple || this.google.requests.length < google) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Waits until a number is among the metrics. */
  async counted(line: string): Promise<void> {
    for (let isThere = false; !isThere;) isThere = (await this.get("/metrics")).split("\n").includes(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.apple[Symbol.asyncDispose]();
    await this.google[Symbol.asyncDispose]();
  }
}

const v1 = (token: string, query: string): string => `/v1/push/sub-key/demo/devices/${token}?${query}`;
const v2 = (token: string, query: string): string => `/v2/push/sub-key/demo/devices-apns2/${token}?${query}`;
const counter = (provider: string, outcome: string, count: number): string =>
  `longwave_push_notifications_total{provider="${provider}",outcome="${outcome}"} ${count}`;

test("[PSH30 PSH40 PSH41 PSH48] a message is delivered to both providers' devices, and to its subscribers as it is", async () => {
  await using world = await World.start();
  await world.equip();
  await world.get(v1("google-1", "type=gcm&add=room"));
  await world.get(v1(PHONE, "type=apns&add=room"));
  await world.get(v2(PHONE.toUpperCase(), "topic=com.app&environment=production&add=room"));
  const message = {
    text: "hi",
    pn_gcm: { data: { count: 1 } },
    pn_apns: { aps: { alert: "hi" }, pn_push: [{ targets: [{ topic: "com.app", environment: "production" }] }] },
  };
  const timetoken = await world.publish(message);
  await world.asked(2, 1);
  expect(world.google.requests[0]?.body).toBe('{"message":{"token":"google-1","data":{"count":"1"}}}');
  const apple = world.apple.requests.map(({ path, headers, body }) => `${path} ${headers["apns-topic"]} ${body}`);
  const sent = (topic: string): string => `/3/device/${PHONE} ${topic} {"aps":{"alert":"hi"}}`;
  expect(apple.toSorted()).toEqual([sent("com.app"), sent("com.example.app")]);
  const history = await world.get("/v2/history/sub-key/demo/channel/room");
  expect(history).toContain(JSON.stringify(message));
  expect(timetoken).toMatch(/^\d{17}$/);
  await world.counted(counter("apns", "sent", 2));
  await world.counted(counter("fcm", "sent", 1));
  await world.counted("longwave_push_jobs 0");
});

test("[PSH30] signals, fires, repeats and what is kept in the past ask for nothing; files ask", async () => {
  await using world = await World.start();
  await world.equip();
  await world.get(v1("phone", "type=fcm&add=room"));
  const message = (text: string): object => ({ pn_fcm: { data: { text } } });
  await world.publish({ pn_fcm: { data: {} } }, "", "signal");
  await world.publish(message("fire"), "store=0&norep=true");
  const first = await world.publish(message("once"), "lw_id=one");
  expect(await world.publish(message("once"), "lw_id=one")).toBe(first);
  const payload = encodeURIComponent(JSON.stringify(message("past")));
  const past = signedTarget(
    { publishKey: "demo", secretKey: "demo-secret", nowMs: () => world.clock.wallMs() },
    { path: `/publish/demo/demo/0/room/0/${payload}`, query: { ptto: String(BigInt(first) - 1n) } },
  );
  expect(await world.get(past)).toContain('"Sent"');
  await world.publish(message("file"), "", "v1/files/publish-file");
  await world.asked(0, 2);
  await world.counted(counter("fcm", "sent", 2));
  const texts = world.google.requests.map(({ body }) => /"text":"(\w+)"/.exec(body)?.[1] ?? "");
  expect(texts.toSorted()).toEqual(["file", "once"]);
});

test("[PSH43] a device that is gone is registered no more", async () => {
  await using world = await World.start();
  await world.equip();
  await world.get(v2(PHONE, "topic=com.app&environment=production&add=room,other"));
  world.clock.advance(1_000);
  const timestamp = world.clock.wallMs();
  world.apple.script = () => ({ status: 410, body: JSON.stringify({ reason: "Unregistered", timestamp }) });
  const targets = [{ topic: "com.app", environment: "production" }];
  await world.publish({ pn_apns: { aps: { alert: "hi" }, pn_push: [{ targets }] } });
  await world.counted(counter("apns", "gone", 1));
  expect(await world.get(v2(PHONE, "topic=com.app&environment=production"))).toBe("[]");
});

test("[PSH46] a publisher who asks reads on the channel's -pndebug what became of it", async () => {
  await using world = await World.start();
  await world.equip();
  await world.get(v1("token-of-a-phone", "type=fcm&add=room"));
  const body = '{"error":{"status":"RESOURCE_EXHAUSTED"}}';
  world.google.script = (_request, at) => (at === 0 ? { status: 429, body } : { status: 200 });
  const handshake = await world.get("/v2/subscribe/demo/room-pndebug/0?tt=0");
  const cursor = /"t":"(\d{17})"/.exec(handshake)?.[1] ?? "";
  const poll = world.get(`/v2/subscribe/demo/room-pndebug/0?tt=${cursor}`);
  const timetoken = await world.publish({ pn_fcm: { data: {} }, pn_debug: true });
  const devices = [{ device: "…-a-phone", outcome: "retried", reason: "RESOURCE_EXHAUSTED" }];
  const report = { timetoken, gateway: "fcm", sent: 0, removed: 0, refused: 0, retried: 1, devices };
  expect(JSON.parse(await poll)).toMatchObject({ m: [{ c: "room-pndebug", d: report }] });
  await world.counted("longwave_push_jobs 1");
  world.clock.advance(10_000);
  await world.counted(counter("fcm", "sent", 1));
});

test("[PSH42 ACC86] a restart keeps what waits and the credentials that it waits for, sealed", async () => {
  const home = mkdtempSync(join(tmpdir(), "longwave-push-delivery-"));
  const dataDir = join(home, "data");
  await using world = await World.start({ dataDir });
  await world.equip();
  await world.get(v1("phone", "type=fcm&add=room"));
  world.google.script = () => ({ status: 503 });
  await world.publish({ pn_fcm: { data: { text: "kept" } } });
  await world.counted(counter("fcm", "later", 1));
  await world.admin("POST", "/keysets/demo/rotate", { what: "secretKey" });
  await world.close();
  for (const file of readdirSync(dataDir, { withFileTypes: true })) {
    if (!file.isFile()) continue;
    const bytes = readFileSync(join(dataDir, file.name), "latin1");
    expect([file.name, bytes.includes("PRIVATE KEY")]).toEqual([file.name, false]);
  }
  world.google.script = () => ({ status: 200 });
  await world.open();
  world.clock.advance(10_000);
  await world.counted(counter("fcm", "sent", 1));
  expect(world.google.requests).toHaveLength(2);
  expect(world.google.requests[1]?.body).toBe(world.google.requests[0]?.body ?? "");
  await world.close();
  rmSync(home, { recursive: true });
});

test("[ACC85 ACC87] credentials are set, told by whose they are, left, replaced and taken away", async () => {
  await using world = await World.start();
  const push = async (change: object): Promise<unknown> => {
    const [status, body] = await world.admin("PATCH", "/keysets/demo/push", change);
    expect([status, body.includes("PRIVATE KEY")]).toEqual([200, false]);
    return (JSON.parse(body) as { readonly keyset: { readonly push: unknown } }).keyset.push;
  };
  const fcm = { project_id: "p", client_email: "a@b", private_key: GOOGLE.privateKey, private_key_id: "ignored" };
  const { teamId, keyId, privateKey } = APPLE;
  expect(await push({ fcm })).toEqual({ fcm: { projectId: "p" }, apns: null });
  const told = { teamId, keyId, topic: null, environment: "production" };
  expect(await push({ apns: { teamId, keyId, privateKey } })).toEqual({ fcm: { projectId: "p" }, apns: told });
  const development = { topic: "com.app", environment: "development" };
  expect(await push({ fcm: null, apns: { teamId, keyId, privateKey, ...development } })).toEqual({
    fcm: null,
    apns: { ...told, ...development },
  });
  expect(await push({})).toMatchObject({ apns: { topic: "com.app" } });
  const [, list] = await world.admin("GET", "/keysets");
  expect(list).toContain('"push":{"fcm":null,"apns":{"teamId":"TEAM123456"');
  await world.admin("PATCH", "/keysets/demo", { storesByDefault: true });
  await world.admin("POST", "/keysets/demo/rotate", { what: "tokenKey" });
  expect(await push({ apns: null })).toEqual({ fcm: null, apns: null });
  const [, trail] = await world.admin("GET", "/audit?limit=100");
  expect(trail).toContain('"action":"push credentials changed"');
  expect(trail).toContain('"detail":"fcm=removed apns=set"');
  for (const text of [list, trail, ...world.lines, await world.get("/metrics")])
    expect(text).not.toContain("PRIVATE KEY");
});

const REFUSED: Readonly<Record<string, readonly [change: object, reason: string]>> = {
  "another provider": [{ mpns: {} }, "push credentials are fcm and apns"],
  "no object": [{ fcm: "file.json" }, "fcm must be an object or null"],
  "a list": [{ apns: [] }, "apns must be an object or null"],
  "no project": [{ fcm: {} }, "project_id must be a text of 1 to 512 printable ASCII characters"],
  "an address without TLS": [{ fcm: { token_uri: "http://a.example" } }, "fcm.token_uri must be an https address"],
  "no key": [
    { fcm: { project_id: "p", client_email: "c", private_key: "SECRET" } },
    "private_key must be a private RSA key in PEM form",
  ],
  "a key of another kind": [
    { fcm: { project_id: "p", client_email: "c", private_key: APPLE.privateKey } },
    "private_key must be a private RSA key in PEM form",
  ],
  "a key that is damaged": [
    { apns: { ...APPLE, privateKey: APPLE.privateKey.slice(0, 80) } },
    "privateKey must be a private key on the curve P-256 in PEM form",
  ],
  "Google's key for Apple": [
    { apns: { ...APPLE, privateKey: GOOGLE.privateKey } },
    "privateKey must be a private key on the curve P-256 in PEM form",
  ],
  "no host of Apple's": [
    { apns: { ...APPLE, environment: "staging" } },
    "apns.environment must be production or development",
  ],
  "a topic that is none": [
    { apns: { ...APPLE, topic: "" } },
    "apns.topic must be an app's identifier of 1 to 256 characters",
  ],
  "no team": [{ apns: { ...APPLE, teamId: "" } }, "teamId must be a text of 1 to 512 printable ASCII characters"],
};
for (const [what, [change, reason]] of Object.entries(REFUSED)) {
  test(`[ACC88 ACC74] ${what} is refused in a sentence`, async () => {
    await using world = await World.start();
    const body = { status: 400, service: "Longwave Admin", error: true, message: "The request is malformed", reason };
    expect(await world.admin("PATCH", "/keysets/demo/push", change)).toEqual([400, JSON.stringify(body)]);
    expect((await world.admin("GET", "/keysets"))[1]).toContain('"push":{"fcm":null,"apns":null}');
  });
}

test("[ACC85 ACC70] an unknown keyset has no credentials, and nobody without the admin token sets any", async () => {
  await using world = await World.start();
  expect((await world.admin("PATCH", "/keysets/nobody/push", { fcm: null }))[0]).toBe(404);
  const response = await fetch(`${world.url}/admin/v1/keysets/demo/push`, { method: "PATCH", body: "{}" });
  expect(response.status).toBe(401);
});
