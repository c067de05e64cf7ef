/**
 * What the SDK must do in every JavaScript runtime, against a network that runs. For tests only.
 *
 * On web standards alone: one module of it and the built package are all that a runtime is given.
 *
 * @module
 */
import type * as Sdk from "../packages/client/src/index.ts";

/** What a case works with. */
interface Ground {
  readonly sdk: typeof Sdk;
  /** A client with an identity of its own; it is ended after the case. */
  readonly client: (options?: Partial<Sdk.PubNubOptions>) => Sdk.PubNub;
  /** A channel that no other case and no other runtime uses. */
  readonly channel: string;
}

const KEYS = { subscribeKey: "demo", publishKey: "demo" } as const;

function connected(client: Sdk.PubNub, subscription: Sdk.SubscribeParameters): Promise<void> {
  return new Promise((resolve, reject) => {
    client.addListener({
      status: ({ category, errorData }) => {
        if (category === "PNConnectedCategory") resolve();
        else if (errorData !== undefined) reject(errorData);
      },
    });
    client.subscribe(subscription);
  });
}

async function received(ground: Ground, transport: "auto" | "long-poll"): Promise<unknown> {
  const { channel, client } = ground;
  const subscriber = client({ transport });
  const told: unknown[] = [];
  const done = new Promise<void>((resolve) => {
    const tell = (event: { readonly message: unknown }): void => {
      if (told.push(event.message) === 4) resolve();
    };
    subscriber.addListener({ message: tell, signal: tell });
  });
  await connected(subscriber, { channels: [channel] });
  const publisher = client();
  await publisher.publish({ channel, message: { text: "grüße 🦊", n: 1.5 } });
  await publisher.publish({ channel, message: "x".repeat(40_000), sendByPost: true });
  await publisher.publish({ channel, message: null, meta: { lang: "de" } });
  await publisher.signal({ channel, message: "typing" });
  await done;
  return told.map((message) => (typeof message === "string" ? message.length : message));
}

/** The cases: what each must resolve to stands beside it. */
const CASES: Readonly<Record<string, readonly [run: (ground: Ground) => Promise<unknown>, expected: unknown]>> = {
  "receives over a WebSocket, where there is one": [
    (ground) => received(ground, "auto"),
    [{ text: "grüße 🦊", n: 1.5 }, 40_000, null, 6],
  ],
  "receives by long poll": [(ground) => received(ground, "long-poll"), [{ text: "grüße 🦊", n: 1.5 }, 40_000, null, 6]],
  "asks for the time": [async ({ client }) => (await client().time()).timetoken.length, 17],
  "reads and deletes the past": [
    async ({ client, channel }) => {
      const one = client();
      const { timetoken } = await one.publish({ channel, message: 1, meta: { a: 1 } });
      await one.publish({ channel, message: 2 });
      const before = (BigInt(timetoken) - 1n).toString();
      const counts = await one.messageCounts({ channels: [channel], timetoken: before });
      const fetched = await one.fetchMessages({ channels: [channel], includeMeta: true });
      const past = await one.history({ channel });
      await one.deleteMessages({ channel });
      const left = await one.history({ channel });
      return [
        counts.channels[channel],
        fetched.channels[channel]?.map(({ message, meta }) => [message, meta]),
        past.messages.map(({ entry }) => entry),
        left.messages.length,
      ];
    },
    [
      2,
      [
        [1, { a: 1 }],
        [2, ""],
      ],
      [1, 2],
      0,
    ],
  ],
  encrypts: [
    async ({ sdk, client, channel }) => {
      const cryptoModule = sdk.CryptoModule.aesCbcCryptoModule({ cipherKey: "enigma" });
      const one = client({ cryptoModule });
      await one.publish({ channel, message: { secret: "ja" } });
      const [own] = (await one.history({ channel })).messages;
      const [foreign] = (await client().history({ channel })).messages;
      return [own?.entry, typeof foreign?.entry];
    },
    [{ secret: "ja" }, "string"],
  ],
  "signs requests and grants tokens": [
    async ({ client, channel }) => {
      const guarded = { subscribeKey: "guarded-sub", publishKey: "guarded-pub" };
      const server = client({ ...guarded, secretKey: "guarded-secret" });
      const token = await server.grantToken({ ttl: 5, resources: { channels: { [channel]: { write: true } } } });
      const guest = client(guarded);
      const refused = await guest.publish({ channel, message: 1 }).catch(({ status }: { status?: number }) => status);
      guest.setToken(token);
      return [refused, (await guest.publish({ channel, message: 1 })).timetoken.length];
    },
    [403, 17],
  ],
  "knows who is there": [
    async ({ client, channel }) => {
      const one = client({ userId: "present" });
      await connected(one, { channels: [channel] });
      const { channels } = await client().hereNow({ channels: [channel] });
      return channels[channel]?.occupants.map(({ uuid }) => uuid);
    },
    ["present"],
  ],
  "keeps App Context": [
    async ({ client, channel }) => {
      const { objects } = client();
      await objects.setChannelMetadata({ channel, data: { name: "A room" } });
      const { data } = await objects.getChannelMetadata({ channel });
      await objects.removeChannelMetadata({ channel });
      return data.name;
    },
    "A room",
  ],
  "changes what is still as it was read": [
    async ({ client, channel }) => {
      const { objects } = client();
      const { data } = await objects.setUUIDMetadata({ uuid: channel, data: { name: "A" } });
      const change = { uuid: channel, data: { name: "B" }, ifMatchesEtag: data.eTag };
      await objects.setUUIDMetadata(change);
      const late = await objects.setUUIDMetadata(change).catch(({ status }: { readonly status?: number }) => status);
      return [late, (await objects.getUUIDMetadata({ uuid: channel })).data.name];
    },
    [412, "B"],
  ],
  "sends, lists, downloads and deletes files": [
    async ({ client, channel }) => {
      const one = client();
      const file = new File(["grüße 🦊"], "grüße.txt", { type: "text/plain;charset=utf-8" });
      const { id, name } = await one.sendFile({ channel, file, cipherKey: "enigma", message: "look" });
      const { data } = await one.listFiles({ channel });
      const place = { channel, id, name };
      const downloaded = await one.downloadFile({ ...place, cipherKey: "enigma" });
      const { size } = await (await fetch(one.getFileUrl(place))).blob();
      await one.deleteFile(place);
      const gone = await one.downloadFile(place).catch(({ status }: { readonly status?: number }) => status);
      return [data.length, downloaded.name, downloaded.type, await downloaded.text(), size, gone];
    },
    [1, "grüße.txt", "text/plain;charset=utf-8", "grüße 🦊", 32, 404],
  ],
  "iterates messages, and stops by a signal": [
    async ({ client, channel }) => {
      const one = client();
      const end = new AbortController();
      const heard: unknown[] = [];
      const listening = (async () => {
        for await (const { message } of one.channel(channel).messages({ signal: end.signal })) {
          if (heard.push(message) === 2) end.abort();
        }
      })();
      await connected(one, { channels: [`${channel}-beside`] });
      await one.publish({ channel, message: "a" });
      await one.publish({ channel, message: "b" });
      await listening;
      return heard;
    },
    ["a", "b"],
  ],
  "says what is wrong": [
    async ({ client, channel }) => {
      const categoryOf = ({ category }: { readonly category?: string }): string => category ?? "none";
      const absent = client({ origin: "127.0.0.1:1", ssl: false });
      const cancelled = client();
      return [
        await client({ publishKey: "wrong" }).publish({ channel, message: 1 }).catch(categoryOf),
        await client().publish({ channel: "a,b", message: 1 }).catch(categoryOf),
        await absent.time().catch(categoryOf),
        await cancelled.time({ signal: AbortSignal.abort() }).catch(categoryOf),
      ];
    },
    ["PNBadRequestCategory", "PNValidationErrorCategory", "PNNetworkIssuesCategory", "PNCancelledCategory"],
  ],
};

/** The cases that need no more than the core. */
export const CORE_CASES: readonly string[] = [
  "receives over a WebSocket, where there is one",
  "receives by long poll",
  "asks for the time",
  "knows who is there",
  "says what is wrong",
];

/** What came of a run. */
export interface SuiteRun {
  readonly count: number;
  /** The cases that failed, and what they gave. */
  readonly failed: Readonly<Record<string, unknown>>;
}

/**
 * Runs all cases, or some by their names, at the same time.
 *
 * @param sdk the built package.
 * @param url the network.
 * @param runtime a word of the runtime, so that several may use one network.
 */
export async function runSdkSuite(
  sdk: typeof Sdk,
  url: string,
  runtime: string,
  names: readonly string[] = Object.keys(CASES),
): Promise<SuiteRun> {
  const failed: Record<string, unknown> = {};
  const chosen = Object.entries(CASES).filter(([name]) => names.includes(name));
  const cases = chosen.map(async ([name, [run, expected]], at) => {
    const clients: Sdk.PubNub[] = [];
    const client: Ground["client"] = (options = {}) => {
      const made = new sdk.PubNub({ ...KEYS, userId: `${runtime}-${at}-${clients.length}`, origin: url, ...options });
      clients.push(made);
      return made;
    };
    try {
      const found = await run({ sdk, client, channel: `${runtime}-${at}` });
      if (JSON.stringify(found) !== JSON.stringify(expected)) failed[name] = found;
    } catch (failure) {
      failed[name] = String(failure);
    } finally {
      for (const one of clients) one.destroy();
    }
  });
  await Promise.all(cases);
  return { count: cases.length, failed };
}
