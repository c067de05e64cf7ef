import { expect, test } from "bun:test";
import { jwtVerify } from "jose";
import type { FcmCredentials, PushLetter, SendOutcome } from "../../ports/push-gateway.ts";
import { ManualClock } from "../embedded/manual-clock.ts";
import { FcmGateway } from "./fcm-gateway.ts";
import { LOCAL_CA, LocalGoogle, type ProviderAct } from "./local-providers.ts";
import { PUBLIC_KEYS, googleCredentials } from "./test-credentials.ts";

const BODY = '{"notification":{"title":"Grüße 🦊"},"data":{"id":"1.0"}}';
const SENT: SendOutcome = { kind: "sent" };
const letter = (token = "fcm:token", body = BODY): PushLetter => ({
  token,
  notice: { app: { gateway: "fcm" }, headers: {}, body, excluded: [] },
});

/** A gateway with a Google of its own. */
class World implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly google: LocalGoogle;
  readonly gateway: FcmGateway;
  readonly credentials: FcmCredentials;

  private constructor(google: LocalGoogle) {
    this.google = google;
    this.gateway = new FcmGateway({ clock: this.clock, origin: google.origin, ca: LOCAL_CA });
    this.credentials = googleCredentials({ tokenUrl: google.tokenUrl });
  }

  static async start(): Promise<World> {
    return new World(await LocalGoogle.start());
  }

  send(one = letter(), credentials: FcmCredentials = this.credentials): Promise<SendOutcome> {
    return this.gateway.send(credentials, one);
  }

  /** The access tokens that letters came with, in order. */
  get tokens(): readonly (string | undefined)[] {
    return this.google.requests.map(({ headers }) => headers["authorization"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.stop();
    await this.google[Symbol.asyncDispose]();
  }
}

test("Google [PSH60] a letter is the message's own bytes with the device's address before them", async () => {
  await using world = await World.start();
  expect(await world.send()).toEqual(SENT);
  await world.send(letter('a"b', "{}"));
  const [first, second] = world.google.requests;
  expect(first).toMatchObject({
    path: "/v1/projects/project-1/messages:send",
    body: '{"message":{"token":"fcm:token","notification":{"title":"Grüße 🦊"},"data":{"id":"1.0"}}}',
    headers: { authorization: "Bearer access-1", "content-type": "application/json" },
  });
  expect(second?.body).toBe('{"message":{"token":"a\\"b"}}');
});

test("Google [PSH60] an access token is had for an assertion that the service account has signed", async () => {
  await using world = await World.start();
  await world.send();
  const form = new URLSearchParams(world.google.tokenRequests[0]?.body);
  expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
  const { payload, protectedHeader } = await jwtVerify(form.get("assertion") ?? "", PUBLIC_KEYS.fcm, {
    currentDate: new Date(world.clock.wallMs()),
  });
  expect(protectedHeader).toEqual({ alg: "RS256", typ: "JWT" });
  const iat = Math.floor(world.clock.wallMs() / 1_000);
  expect(payload).toEqual({
    scope: "https://www.googleapis.com/auth/firebase.messaging",
    iss: "sender@project-1.example",
    aud: world.google.tokenUrl,
    iat,
    exp: iat + 3_600,
  });
});

test("Google [PSH63] one access token serves until two minutes before its end, however many ask at once", async () => {
  await using world = await World.start();
  await Promise.all(Array.from({ length: 20 }, () => world.send()));
  world.clock.advance(3_478_999);
  await world.send();
  expect(world.google.tokenRequests).toHaveLength(1);
  world.clock.advance(1);
  await Promise.all([world.send(), world.send()]);
  expect(world.google.tokenRequests).toHaveLength(2);
  expect(new Set(world.tokens)).toEqual(new Set(["Bearer access-1", "Bearer access-2"]));
});

test("Google [PSH63] an access token that is refused is renewed, once", async () => {
  await using world = await World.start();
  const refused: ProviderAct = { status: 401, body: '{"error":{"status":"UNAUTHENTICATED"}}' };
  world.google.script = (_request, at) => (at === 0 ? refused : { status: 200 });
  expect(await world.send()).toEqual(SENT);
  expect(world.tokens).toEqual(["Bearer access-1", "Bearer access-2"]);
  world.google.script = () => refused;
  expect(await world.send()).toEqual({ kind: "later", reason: "UNAUTHENTICATED", afterMs: undefined });
  expect(world.google.tokenRequests).toHaveLength(3);
});

const NO_TOKEN: SendOutcome = { kind: "later", reason: "no access token is given", afterMs: undefined };
const REFUSALS: Readonly<Record<string, ProviderAct>> = {
  "a refusal": { status: 400, body: '{"error":"invalid_grant"}' },
  "an outage": { status: 503 },
  "no token in the answer": { status: 200, body: '{"expires_in":3599}' },
  "no JSON": { status: 200, body: "<html>" },
  "half an answer": "reset",
};
for (const [what, act] of Object.entries(REFUSALS)) {
  test(`Google [PSH63] where there is no access token for ${what} it is later, and asked for again after ten seconds`, async () => {
    await using world = await World.start();
    world.google.tokenScript = (_request, at) =>
      at === 0 ? act : { status: 200, body: '{"access_token":"second","expires_in":3599}' };
    expect(await world.send()).toEqual(NO_TOKEN);
    world.clock.advance(9_999);
    expect(await world.send()).toEqual(NO_TOKEN);
    expect(world.google.tokenRequests).toHaveLength(1);
    world.clock.advance(1);
    expect(await world.send()).toEqual(SENT);
  });
}

const error = (status: string, code?: string): string =>
  JSON.stringify({
    error: {
      status,
      details:
        code === undefined ? [] : [{ "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", errorCode: code }],
    },
  });
const ANSWERS: readonly (readonly [what: string, act: ProviderAct, outcome: SendOutcome])[] = [
  [
    "a device that is gone",
    { status: 404, body: error("NOT_FOUND", "UNREGISTERED") },
    { kind: "gone", reason: "UNREGISTERED", sinceMs: undefined },
  ],
  ["a project that is none", { status: 404, body: error("NOT_FOUND") }, { kind: "unsendable", reason: "NOT_FOUND" }],
  [
    "a quota that is used up",
    { status: 429, body: error("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), headers: { "retry-after": "60" } },
    { kind: "later", reason: "QUOTA_EXCEEDED", afterMs: 60_000 },
  ],
  [
    "an outage",
    { status: 503, body: error("UNAVAILABLE", "UNAVAILABLE") },
    { kind: "later", reason: "UNAVAILABLE", afterMs: undefined },
  ],
  ["an answer that breaks off", "reset", { kind: "later", reason: "lost", afterMs: undefined }],
  [
    "a redirection",
    { status: 307, headers: { location: "https://elsewhere.example/" } },
    { kind: "later", reason: "lost", afterMs: undefined },
  ],
  [
    "an answer without end",
    { status: 500, body: "x".repeat(1_000_000) },
    { kind: "later", reason: "status 500", afterMs: undefined },
  ],
];
for (const [what, act, outcome] of ANSWERS) {
  test(`Google [PSH62 PSH64 PSH65 PSH66 PSH67] ${what}`, async () => {
    await using world = await World.start();
    world.google.script = () => act;
    expect(await world.send()).toEqual(outcome);
    expect(world.google.requests).toHaveLength(1);
  });
}

test("Google [PSH67] nobody at the address is later", async () => {
  await using world = await World.start();
  const gateway = new FcmGateway({ clock: world.clock, origin: "https://localhost:1", ca: LOCAL_CA });
  expect(await gateway.send(world.credentials, letter())).toEqual({
    kind: "later",
    reason: "lost",
    afterMs: undefined,
  });
});

test("Google [PSH68] silence ends after 30 seconds", async () => {
  await using world = await World.start();
  world.google.script = () => "nothing";
  const waiting = world.send();
  while (world.google.requests.length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  world.clock.advance(29_999);
  expect(Bun.peek.status(waiting)).toBe("pending");
  world.clock.advance(1);
  expect(await waiting).toEqual({ kind: "later", reason: "lost", afterMs: undefined });
});

test("Google [PSH68] no more letters are under way than a hundred", async () => {
  await using world = await World.start();
  world.google.script = async () => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    return { status: 200 };
  };
  const outcomes = await Promise.all(Array.from({ length: 300 }, (_, at) => world.send(letter(`t${at}`))));
  expect(outcomes.every(({ kind }) => kind === "sent")).toBe(true);
  expect(world.google.busiest).toBeLessThanOrEqual(100);
});

test("Google [PSH69] a stop ends what is under way, as later", async () => {
  await using world = await World.start();
  world.google.script = () => "nothing";
  const waiting = world.send();
  while (world.google.requests.length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  await world.gateway.stop();
  expect((await waiting).kind).toBe("later");
  expect((await world.send()).kind).toBe("later");
});

test("Google [PSH61] a key that is none concerns its own keyset alone", async () => {
  await using world = await World.start();
  const broken = googleCredentials({ tokenUrl: world.google.tokenUrl, privateKey: "-----BEGIN PRIVATE KEY-----" });
  expect(await world.send(letter(), broken)).toEqual(NO_TOKEN);
  expect(await world.send()).toEqual(SENT);
});
