import { expect, test } from "bun:test";
import { count, randomFrom, seed } from "../../../../tools/counts.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { type Received, RoamingClient, TRANSPORTS, type Wanted } from "./roaming-client.ts";

const CHANNELS = ["a", "b", "a.x", "a.y", "a.x.z"];
const GROUPS = ["g", "h"];
const MIXES: readonly Wanted[] = [
  { channels: ["a"], groups: [] },
  { channels: ["a", "b"], groups: [] },
  { channels: ["a.*"], groups: [] },
  { channels: ["a.x", "a.*", "a.x.*"], groups: [] },
  { channels: [], groups: ["g"] },
  { channels: ["b"], groups: ["g", "h"] },
  { channels: ["a.y", "a.*"], groups: ["h"] },
];

interface Published {
  readonly channel: string;
  readonly timetoken: bigint;
}

/** A change of a group: in force at some moment from `beginMs` to `endMs`. */
interface Change {
  readonly beginMs: number;
  readonly endMs: number;
  readonly members: readonly string[];
}

type History = Readonly<Record<string, Change[]>>;

const SEED = seed();
const CLIENTS = count({ quick: 20, full: 50 });
const STEPS = count({ quick: 300, full: 5_000 });

test(`[STR3 STR4 SUB12 SUB14 SUB19] ${CLIENTS} clients over three transports get every match once, in order (seed ${SEED})`, async () => {
  const network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log: SILENT_LOG });
  try {
    await roam(network, randomFrom(SEED));
  } finally {
    await network.stop();
  }
}, 240_000);

async function roam({ url }: Network, random: () => number): Promise<void> {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.trunc(random() * items.length)] as Item;
  const history: History = { g: [], h: [] };
  for (const group of GROUPS) await setGroup(url, history, group, ["a", "b"]);
  const begin = await publish(url, "a");
  const clients = Array.from({ length: CLIENTS }, () => new RoamingClient(url, pick(MIXES), begin));
  await Promise.all(clients.map((client) => client.connect(pick(TRANSPORTS))));
  const published: Published[] = [];
  const over = new AbortController();
  const publisher = (async () => {
    while (!over.signal.aborted) {
      const channel = pick(CHANNELS);
      published.push({ channel, timetoken: await publish(url, channel) });
      if (random() < 0.3) await Bun.sleep(1);
    }
  })();
  for (let step = 0; step < STEPS; step++) {
    const client = pick(clients);
    const chance = random();
    if (chance < 0.15)
      await setGroup(
        url,
        history,
        pick(GROUPS),
        CHANNELS.filter(() => random() < 0.5),
      );
    else if (chance < 0.4) client.change(pick(MIXES));
    else if (chance < 0.6) await client.connect(pick(TRANSPORTS), pick(MIXES));
    else await client.connect(pick(TRANSPORTS));
    if (random() < 0.3) await Bun.sleep(3); // so that some live long enough to be told something
  }
  over.abort();
  await publisher;
  for (const client of clients) await client.connect("poll");
  const end = await publish(url, "end");
  for (const client of clients) await client.connect("poll", { channels: ["end", ...CHANNELS], groups: [] });
  await Promise.all(clients.map((client) => client.reached(end)));
  await Promise.all(clients.map((client) => client.disconnect()));
  published.push({ channel: "end", timetoken: end });
  published.sort((one, other) => (one.timetoken < other.timetoken ? -1 : 1));
  for (const client of clients) verify(client.received, published, history);
}

async function publish(url: string, channel: string): Promise<bigint> {
  const response = await fetch(`${url}/publish/demo/demo/0/${channel}/0/1?store=0`);
  const [, , timetoken] = (await response.json()) as [number, string, string];
  return BigInt(timetoken);
}

async function setGroup(url: string, history: History, group: string, members: readonly string[]): Promise<void> {
  const beginMs = Date.now();
  const path = `${url}/v1/channel-registration/sub-key/demo/channel-group/${group}`;
  const former = CHANNELS.filter((channel) => !members.includes(channel));
  // Removed first, then added, so that in between there are fewer members but none that was in neither.
  await (await fetch(`${path}?remove=${former.join(",")}`)).text();
  await (await fetch(`${path}?add=${members.join(",")}`)).text();
  history[group]?.push({ beginMs, endMs: Date.now(), members });
}

// Answers follow each other without a hole, and each holds exactly what matched between its cursors.
function verify(received: readonly Received[], published: readonly Published[], history: History): void {
  let reached = received[0]?.from ?? 0n;
  let isChanged = false;
  for (const answer of received) {
    expect(answer.from).toBe(reached);
    reached = answer.to;
    const between = published.filter(({ timetoken }) => timetoken > answer.from && timetoken <= answer.to);
    const [first, second] = answer.wanted;
    const fits = answer.wanted.filter((wanted) => isRight(answer, between, wanted, history));
    if (second === undefined) isChanged = false;
    const fitting = isChanged ? fits.filter((wanted) => wanted === second) : fits;
    if (fitting.length === 0) {
      expect({ answer, between, allowed: answer.wanted }).toBe("an answer that holds what was published" as never);
    }
    if (second !== undefined && !fitting.includes(first as Wanted)) isChanged = true;
  }
}

function isRight(answer: Received, between: readonly Published[], wanted: Wanted, history: History): boolean {
  const expected = between.flatMap(({ channel, timetoken }) =>
    [
      ...[channel, ...wildcards(channel)].filter((name) => wanted.channels.includes(name)),
      ...wanted.groups.filter((group) => mayMatch(history[group] ?? [], channel, timetoken, answer.atMs)),
    ].map((name) => ({ item: `${timetoken} ${name}`, channel, timetoken, name })),
  );
  const optional = expected.filter(
    ({ name, channel, timetoken }) =>
      wanted.groups.includes(name) && !mustMatch(history[name] ?? [], channel, timetoken, answer.atMs),
  );
  const optionalItems = new Set(optional.map(({ item }) => item));
  const got = new Set(answer.items);
  const due = expected.map(({ item }) => item).filter((item) => got.has(item) || !optionalItems.has(item));
  return got.size === answer.items.length && Bun.deepEquals(ordered(due), ordered(answer.items));
}

// In timetoken order as they came; for one message the order of its names is of no account here.
function ordered(items: readonly string[]): readonly (readonly string[])[] {
  const byMessage = Map.groupBy(items, (item) => item.slice(0, item.indexOf(" ")));
  return [...byMessage.values()].map((names) => names.toSorted());
}

function wildcards(channel: string): readonly string[] {
  const [first, second, third] = channel.split(".");
  if (second === undefined) return [];
  return third === undefined ? [`${first}.*`] : [`${first}.*`, `${first}.${second}.*`];
}

const SLACK_MS = 50; // between the instant in a timetoken and the clock of this process, and for what is under way

// The memberships that were in force at some moment from a message's instant to its answer.
function inForce(changes: readonly Change[], timetoken: bigint, atMs: number): readonly (readonly string[])[] {
  const sentMs = Number(timetoken / 10_000n) - SLACK_MS;
  const before = changes.findLast(({ endMs }) => endMs < sentMs);
  const during = changes.filter(({ beginMs, endMs }) => endMs >= sentMs && beginMs <= atMs + SLACK_MS);
  return [...(before ? [before.members] : []), ...during.map(({ members }) => members)];
}

const mayMatch = (changes: readonly Change[], channel: string, timetoken: bigint, atMs: number): boolean =>
  inForce(changes, timetoken, atMs).some((members) => members.includes(channel));
const mustMatch = (changes: readonly Change[], channel: string, timetoken: bigint, atMs: number): boolean =>
  inForce(changes, timetoken, atMs).every((members) => members.includes(channel));
