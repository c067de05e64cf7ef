import { expect, test } from "bun:test";
import { jwtVerify } from "jose";
import type { ApnsCredentials, PushLetter, PushNotice, SendOutcome } from "../../ports/push-gateway.ts";
import { ManualClock } from "../embedded/manual-clock.ts";
import { ApnsGateway } from "./apns-gateway.ts";
import { LOCAL_CA, LocalApple, type ProviderAct } from "./local-providers.ts";
import { PUBLIC_KEYS, appleCredentials } from "./test-credentials.ts";

const CREDENTIALS = appleCredentials();
const BODY = '{"aps":{"alert":"Grüße 🦊","badge":1.0}}';
const SENT: SendOutcome = { kind: "sent" };

function letter(token = "ab12", given: Partial<PushNotice> = {}): PushLetter {
  return {
    token,
    notice: {
      app: { gateway: "apns2", environment: "production", topic: "com.example.app" },
      headers: { "apns-push-type": "alert" },
      body: BODY,
      excluded: [],
      ...given,
    },
  };
}

/** A gateway with a host of Apple's for each environment. */
class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly production: LocalApple;
  readonly development: LocalApple;
  readonly gateway: ApnsGateway;

  private constructor(production: LocalApple, development: LocalApple) {
    this.production = production;
    this.development = development;
    const origins = { production: production.origin, development: development.origin };
    this.gateway = new ApnsGateway({ clock: this.clock, origins, ca: LOCAL_CA });
  }

  static async start(streamsMax?: number): Promise<World> {
    return new World(await LocalApple.start(streamsMax), await LocalApple.start());
  }

  send(one = letter(), credentials: ApnsCredentials = CREDENTIALS): Promise<SendOutcome> {
    return this.gateway.send(credentials, one);
  }

  /** The tokens that requests came with, in order. */
  get tokens(): readonly string[] {
    return this.production.requests.map(({ headers }) => headers["authorization"]?.replace("bearer ", "") ?? "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.stop();
    await this.production[Symbol.asyncDispose]();
    await this.development[Symbol.asyncDispose]();
  }
}

const turns = async (isDone: () => boolean): Promise<void> => {
  while (!isDone()) await new Promise<void>((resolve) => setImmediate(resolve));
};

test("Apple [PSH60] a letter is a POST with the body's own bytes, its headers, its topic and a token of ours", async () => {
  await using world = await World.start();
  const headers = {
    "apns-push-type": "background",
    "apns-priority": "5",
    "apns-collapse-id": "c",
    "apns-expiration": "9",
  };
  expect(await world.send(letter("AB/12", { headers }))).toEqual(SENT);
  const [request] = world.production.requests;
  expect(request?.body).toBe(BODY);
  expect(request?.headers).toMatchObject({
    ":method": "POST",
    ":path": "/3/device/AB%2F12",
    "apns-topic": "com.example.app",
    ...headers,
  });
  const { payload, protectedHeader } = await jwtVerify(world.tokens[0] ?? "", PUBLIC_KEYS.apns, {
    currentDate: new Date(world.clock.wallMs()),
  });
  expect(protectedHeader).toEqual({ alg: "ES256", kid: "KEY1234567" });
  expect(payload).toEqual({ iss: "TEAM123456", iat: Math.floor(world.clock.wallMs() / 1_000) });
});

test("Apple [PSH61] the environment chooses the host; devices without a topic have the credentials' own", async () => {
  await using world = await World.start();
  await world.send(letter("aa", { app: { gateway: "apns2", environment: "development", topic: "dev" } }));
  await world.send(letter("bb", { app: { gateway: "apns" } }));
  await world.send(
    letter("cc", { app: { gateway: "apns" } }),
    appleCredentials({ environment: "development", topic: "d" }),
  );
  const seen = ({ requests }: LocalApple): object => requests.map(({ path, headers }) => [path, headers["apns-topic"]]);
  expect(seen(world.development)).toEqual([
    ["/3/device/aa", "dev"],
    ["/3/device/cc", "d"],
  ]);
  expect(seen(world.production)).toEqual([["/3/device/bb", "com.example.app"]]);
  expect(await world.send(letter("dd", { app: { gateway: "apns" } }), appleCredentials({ topic: undefined }))).toEqual({
    kind: "unsendable",
    reason: "no topic is set for devices without one",
  });
});

test("Apple [PSH63] one token serves for 45 minutes, over one connection or several", async () => {
  await using world = await World.start();
  await world.send();
  world.clock.advance(2_699_999);
  await Promise.all([world.send(), world.send()]);
  expect(new Set(world.tokens).size).toBe(1);
  expect(world.production.connections).toBe(2);
  world.clock.advance(1);
  await world.send();
  expect(new Set(world.tokens).size).toBe(2);
});

test("Apple [PSH63] a token that Apple finds old is made anew, once", async () => {
  await using world = await World.start();
  const old: ProviderAct = { status: 403, body: '{"reason":"ExpiredProviderToken"}' };
  world.production.script = (_request, at) => {
    world.clock.advance(1_000); // so that the next token differs
    return at === 0 ? old : { status: 200 };
  };
  expect(await world.send()).toEqual(SENT);
  expect(new Set(world.tokens).size).toBe(2);
  world.production.script = () => old;
  expect(await world.send()).toEqual({ kind: "later", reason: "ExpiredProviderToken", afterMs: undefined });
  expect(world.tokens).toHaveLength(4);
});

const ANSWERS: readonly (readonly [rule: string, act: ProviderAct, outcome: SendOutcome])[] = [
  [
    "a device that is gone",
    { status: 410, body: '{"reason":"Unregistered","timestamp":5}' },
    { kind: "gone", reason: "Unregistered", sinceMs: 5 },
  ],
  [
    "a body that is too large",
    { status: 413, body: '{"reason":"PayloadTooLarge"}' },
    { kind: "unsendable", reason: "PayloadTooLarge" },
  ],
  [
    "too many for one device",
    { status: 429, body: '{"reason":"TooManyRequests"}', headers: { "retry-after": "60" } },
    { kind: "later", reason: "TooManyRequests", afterMs: 60_000 },
  ],
  [
    "an outage",
    { status: 503, body: '{"reason":"ServiceUnavailable"}' },
    { kind: "later", reason: "ServiceUnavailable", afterMs: undefined },
  ],
  [
    "a body without end",
    { status: 500, body: "x".repeat(1_000_000) },
    { kind: "later", reason: "status 500", afterMs: undefined },
  ],
];
for (const [what, act, outcome] of ANSWERS) {
  test(`Apple [PSH62 PSH64 PSH65 PSH66] ${what}`, async () => {
    await using world = await World.start();
    world.production.script = () => act;
    expect(await world.send()).toEqual(outcome);
    expect(world.production.requests).toHaveLength(1);
  });
}

for (const act of ["reset", "disconnect"] as const) {
  test(`Apple [PSH67] after a ${act} a letter is sent once more, and later if that is in vain too`, async () => {
    await using world = await World.start();
    world.production.script = (_request, at) => (at === 0 ? act : { status: 200 });
    expect(await world.send()).toEqual(SENT);
    world.production.script = () => act;
    expect(await world.send()).toEqual({ kind: "later", reason: "lost", afterMs: undefined });
    expect(world.production.requests).toHaveLength(4);
  });
}

test("Apple [PSH67] after GOAWAY the next letter takes a new connection, and what was under way is answered", async () => {
  await using world = await World.start();
  world.production.script = (_request, at) => (at === 1 ? "goaway" : { status: 200 });
  for (let at = 0; at < 4; at++) expect(await world.send()).toEqual(SENT);
  expect([world.production.connections, world.production.requests.length]).toEqual([2, 4]);
});

test("Apple [PSH67] nobody at the address is later", async () => {
  const apple = await LocalApple.start();
  const { origin } = apple;
  await apple[Symbol.asyncDispose]();
  const clock = new ManualClock();
  const gateway = new ApnsGateway({ clock, origins: { production: origin, development: origin }, ca: LOCAL_CA });
  expect(await gateway.send(CREDENTIALS, letter())).toEqual({ kind: "later", reason: "lost", afterMs: undefined });
  await gateway.stop();
});

test("Apple [PSH67] a certificate that is not trusted is later, and nothing was sent", async () => {
  await using world = await World.start();
  const origins = { production: world.production.origin, development: world.production.origin };
  const gateway = new ApnsGateway({ clock: world.clock, origins });
  expect(await gateway.send(CREDENTIALS, letter())).toEqual({ kind: "later", reason: "lost", afterMs: undefined });
  expect(world.production.requests).toHaveLength(0);
  await gateway.stop();
});

test("Apple [PSH68] silence ends after 30 seconds, and nothing more goes over that connection", async () => {
  await using world = await World.start();
  world.production.script = (_request, at) => (at === 0 ? "nothing" : { status: 200 });
  const waiting = world.send();
  await turns(() => world.production.requests.length === 1);
  world.clock.advance(29_999);
  expect(Bun.peek.status(waiting)).toBe("pending");
  world.clock.advance(1);
  expect(await waiting).toEqual({ kind: "later", reason: "timeout", afterMs: undefined });
  expect(await world.send()).toEqual(SENT);
  expect(world.production.connections).toBe(2);
});

test("Apple [PSH68] no more letters are under way than Apple says that it takes", async () => {
  await using world = await World.start(5);
  const outcomes = await Promise.all(Array.from({ length: 60 }, (_, at) => world.send(letter(`${at}`))));
  expect(outcomes).toEqual(Array.from({ length: 60 }, () => SENT));
  expect(world.production.busiest).toBeLessThanOrEqual(5);
  expect(world.production.connections).toBe(1);
  expect(new Set(world.production.requests.map(({ path }) => path)).size).toBe(60);
});

test("Apple [PSH68] a connection that nothing is sent over closes after ten minutes", async () => {
  await using world = await World.start();
  await world.send();
  world.clock.advance(540_000);
  await world.send();
  expect(world.production.connections).toBe(1);
  world.clock.advance(660_000);
  await world.send();
  expect(world.production.connections).toBe(2);
});

test("Apple [PSH69] a stop ends what is under way, as later", async () => {
  await using world = await World.start();
  world.production.script = () => "nothing";
  const waiting = [world.send(), world.send()];
  await turns(() => world.production.requests.length === 2);
  await world.gateway.stop();
  for (const one of await Promise.all(waiting)) expect(one.kind).toBe("later");
  expect((await world.send()).kind).toBe("later");
  await world.gateway.stop();
});

test("Apple [PSH61] a key that is none, and one of another account, concern their own keyset alone", async () => {
  await using world = await World.start();
  const broken = appleCredentials({ privateKey: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" });
  expect(await world.send(letter(), broken)).toEqual({
    kind: "later",
    reason: "the signing key is unusable",
    afterMs: undefined,
  });
  expect(await world.send()).toEqual(SENT);
  expect(await world.send(letter(), appleCredentials({ keyId: "OTHER" }))).toEqual(SENT);
  expect(world.production.connections).toBe(2);
});
