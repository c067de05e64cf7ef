/**
 * `npm run bench:peers`: the same fan-out over WebSockets through Longwave and through other servers, in turn.
 *
 * One publisher, a thousand subscribers, one payload; a message is published when everybody has the one before, and at the
 * end everybody must have every message once. The same connections carry the load for all. Each server runs on the first core,
 * with its defaults and what its documentation advises for speed. They are installed into `bench/peers/`, which git ignores;
 * what cannot be installed is left out and said. `npm run bench:peers -- longwave nats` measures those whose names hold a word.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { spreadOf } from "./figures.ts";
import { install } from "./peers/installation.ts";
import { PEERS } from "./peers/list.ts";
import type { Peer } from "./peers/peer.ts";
import { RawConnection } from "./raw-connection.ts";
import { type BenchServer, cpuOf, killServers, pinLoad } from "./servers.ts";

const SUBSCRIBERS = 1_000;
/** Some servers end connections that are silent before they are greeted. */
const SUBSCRIBED_AT_ONCE = 100;
const SETTLE_MS = 500;
const WAIT_MS_MAX = 5_000;
/** What every payload holds once. */
const MARK = "hello world";
const PAYLOAD = `{"text":"${MARK}"}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" }, "slice-ms": { type: "string", default: "1000" } },
});

/** A peer that runs and has its subscribers. */
interface Ready {
  readonly peer: Peer;
  readonly server: BenchServer;
  readonly fanout: Fanout;
  readonly perSecond: number[];
  readonly perCpuSecond: number[];
  /** Of its core, what this process used: near 1 where the load itself was the limit. */
  readonly loaderShare: number[];
}

/** A publisher and its subscribers. */
class Fanout {
  readonly #peer: Peer;
  readonly #url: string;
  readonly #heard: number[];
  #inRound = 0;
  #rounds = 0;
  #ends: (() => void) | undefined;

  private constructor(peer: Peer, url: string, heard: number[]) {
    this.#peer = peer;
    this.#url = url;
    this.#heard = heard;
  }

  static async open(peer: Peer, url: string): Promise<Fanout> {
    const heard = Array.from({ length: SUBSCRIBERS }, () => 0);
    const fanout = new Fanout(peer, url, heard);
    for (let from = 0; from < SUBSCRIBERS; from += SUBSCRIBED_AT_ONCE) {
      const connections = await RawConnection.openMany(url, SUBSCRIBED_AT_ONCE);
      const subscribed = connections.map((connection, at) => fanout.#subscribe(connection, from + at));
      await within(Promise.all(subscribed), `one of the subscribers from ${from} on was not greeted`);
    }
    await Bun.sleep(SETTLE_MS);
    return fanout;
  }

  /** Publishes over a connection of its own, since one that is silent for long is closed. @returns messages delivered. */
  async run(sliceMs: number): Promise<number> {
    const publisher = await RawConnection.open(this.#url);
    const publish = await this.#peer.publisher(publisher, PAYLOAD);
    const endMs = performance.now() + sliceMs;
    let delivered = 0;
    while (performance.now() < endMs) {
      this.#rounds += 1;
      const ended = new Promise<void>((resolve) => {
        this.#ends = resolve;
      });
      publish();
      await within(ended, `a message did not reach everybody of ${this.#peer.name}`);
      delivered += SUBSCRIBERS;
    }
    publisher.close();
    return delivered;
  }

  /** @throws an error unless everybody has every message once. */
  requireComplete(): void {
    const wrong = this.#heard.filter((heard) => heard !== this.#rounds).length;
    if (wrong === 0) return;
    throw new Error(`${wrong} of ${SUBSCRIBERS} subscribers of ${this.#peer.name} have not had every message once`);
  }

  #subscribe(connection: RawConnection, at: number): Promise<void> {
    return this.#peer.subscribe(connection, at, (frame) => this.#hear(at, marksIn(frame)));
  }

  #hear(at: number, messages: number): void {
    this.#heard[at] = (this.#heard[at] ?? 0) + messages;
    this.#inRound += messages;
    if (this.#inRound < SUBSCRIBERS) return;
    this.#inRound -= SUBSCRIBERS;
    this.#ends?.();
  }
}

async function within<Result>(promise: Promise<Result>, otherwise: string): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(otherwise)), WAIT_MS_MAX);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function marksIn(frame: Buffer): number {
  let count = 0;
  for (let at = frame.indexOf(MARK); at >= 0; at = frame.indexOf(MARK, at + MARK.length)) count += 1;
  return count;
}

async function start(peer: Peer): Promise<Ready | undefined> {
  let server: BenchServer | undefined;
  try {
    if (peer.install) await install(peer.name, peer.install);
    server = await peer.start();
    const fanout = await Fanout.open(peer, server.url);
    await fanout.run(Number(values["slice-ms"]));
    return { peer, server, fanout, perSecond: [], perCpuSecond: [], loaderShare: [] };
  } catch (failure) {
    await server?.stop(); // the others shall have the core for themselves
    console.error(`${peer.name} is left out: ${failure instanceof Error ? failure.message : String(failure)}`);
    return undefined;
  }
}

async function slice({ server, fanout, ...found }: Ready): Promise<void> {
  const before = { ms: performance.now(), cpu: cpuOf(server.pid).all, loader: process.cpuUsage() };
  const delivered = await fanout.run(Number(values["slice-ms"]));
  const seconds = (performance.now() - before.ms) / 1_000;
  const loader = process.cpuUsage(before.loader);
  found.perSecond.push(delivered / seconds);
  found.perCpuSecond.push(delivered / (cpuOf(server.pid).all - before.cpu));
  found.loaderShare.push((loader.user + loader.system) / 1e6 / seconds);
}

function row({ peer, perSecond, perCpuSecond, loaderShare }: Ready): string {
  const [cpu, time] = [perCpuSecond, perSecond].map((figures) => {
    const { median, min, max } = spreadOf(figures);
    return `${rounded(median)} (${rounded(min)} to ${rounded(max)})`;
  });
  return `| ${peer.name} | ${peer.version()} | ${cpu} | ${time} | ${spreadOf(loaderShare).median.toFixed(2)} |`;
}

function rounded(figure: number): string {
  return Math.round(figure).toLocaleString("en");
}

process.on("exit", killServers);
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));
pinLoad();
const running: Ready[] = [];
const isWanted = ({ name }: Peer): boolean =>
  positionals.length === 0 || positionals.some((word) => name.toLowerCase().includes(word.toLowerCase()));
for (const peer of PEERS.filter(isWanted)) {
  const ready = await start(peer);
  if (ready) running.push(ready);
}
for (let round = 0; round < Number(values.rounds); round++) for (const one of running) await slice(one);
for (const { fanout } of running) fanout.requireComplete();
const title = `${SUBSCRIBERS.toLocaleString("en")} subscribers over WebSocket`;
console.log(`| ${title} | version | deliveries/CPU-s | deliveries/s | load, share of its core |`);
console.log("|---|---|---|---|---|");
for (const one of running) console.log(row(one));
process.exit();
