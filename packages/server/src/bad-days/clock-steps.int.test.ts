import { expect, test } from "bun:test";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Audience, CHANNELS, CONTENT } from "./audience.ts";
import { type Acknowledged, type Kind, type Sent, flood } from "./flood.ts";
import { temporaryDirectory } from "./server-process.ts";

const HOUR_MS = 3_600_000;
const SWEEPS_MS = 30_000; // long enough for everything that the server does from time to time
const MESSAGES = 60;
const KINDS: readonly Kind[] = ["stored", "unstored", "signal"];
const STEPS = { "an hour back": -HOUR_MS, "an hour forward": HOUR_MS } as const;

for (const [what, stepMs] of Object.entries(STEPS)) {
  test(`[OPS4] the wall clock steps ${what} during traffic: timetokens rise, nobody loses anything`, async () => {
    using directory = temporaryDirectory();
    const clock = new ManualClock();
    const network = await start(directory.path, clock);
    await using audience = new Audience(network.url);
    const before = await audience.ready();

    const sent = [await send(network, 0)];
    step(clock, stepMs);
    sent.push(await send(network, 1), await send(network, 2));
    step(clock, -stepMs);
    sent.push(await send(network, 3));

    expect(isRising(sent)).toBe(true);
    await audience.end("end");
    expect(audience.complaints(sent.flat())).toEqual(CONTENT);
    await using later = new Audience(network.url, before);
    await later.end("later end");
    expect(later.complaints(sent.flat())).toEqual(CONTENT);
    await network.stop();
  });

  test(`[OPS4] the wall clock steps ${what} between two starts: timetokens rise, nobody loses anything`, async () => {
    using directory = temporaryDirectory();
    const clock = new ManualClock();
    const first = await start(directory.path, clock);
    const before = await cursorOfNow(first);
    const sent = [await send(first, 0)];
    step(clock, stepMs);
    sent.push(await send(first, 1));
    await first.stop();

    step(clock, stepMs);
    const second = await start(directory.path, clock);
    expect(BigInt(await cursorOfNow(second))).toBeGreaterThanOrEqual(newest(sent));
    await using audience = new Audience(second.url, before);
    sent.push(await send(second, 2));
    step(clock, 0);
    await audience.end("end");
    expect(isRising(sent)).toBe(true);
    expect(audience.complaints(sent.flat())).toEqual(CONTENT);
    await second.stop();
  });
}

function start(dataDir: string, clock: ManualClock): Promise<Network> {
  return startNetwork({ dataDir, port: 0, drainSeconds: 0 }, { log: SILENT_LOG, clock });
}

function step(clock: ManualClock, stepMs: number): void {
  clock.advance(1_000);
  clock.setWall(clock.wallMs() + stepMs);
  clock.advance(SWEEPS_MS);
}

function send({ url }: Network, round: number): Promise<readonly Acknowledged[]> {
  const messages = Array.from({ length: MESSAGES }, (_, at): Sent => {
    const channel = CHANNELS[at % CHANNELS.length] ?? "";
    return { id: round * MESSAGES + at, channel, kind: KINDS[at % KINDS.length] ?? "stored" };
  });
  return flood(url, messages, () => {});
}

async function cursorOfNow({ url }: Network): Promise<string> {
  const { t } = (await (await fetch(`${url}/v2/subscribe/demo/any/0?tt=0`)).json()) as { t: { t: string } };
  return t.t;
}

function timetokensOf(acknowledged: readonly Acknowledged[]): readonly bigint[] {
  return acknowledged.map(({ timetoken }) => BigInt(timetoken)).toSorted((one, other) => (one < other ? -1 : 1));
}

function newest(rounds: readonly (readonly Acknowledged[])[]): bigint {
  return timetokensOf(rounds.flat()).at(-1) ?? 0n;
}

/** Whether each round's timetokens are all greater than those of the round before, and none was given twice. */
function isRising(rounds: readonly (readonly Acknowledged[])[]): boolean {
  const timetokens = rounds.flatMap(timetokensOf);
  return timetokens.every((timetoken, at) => at === 0 || timetoken > (timetokens[at - 1] ?? 0n));
}
