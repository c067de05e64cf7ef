/**
 * `npm run bench:peers`: the same fan-out over WebSockets through Longwave and through other servers, in turn.
 *
 * One publisher, a thousand subscribers, one payload; a message is published when everybody has the one before, and at the
 * end everybody must have every message once. The same connections carry the load for all. Each server runs with its
 * defaults on the first core. They are installed into `bench/peers/`, which git ignores; what cannot be installed is left
 * out and said. `npm run bench:peers -- longwave nats` measures those whose names hold a word.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { quantile } from "./figures.ts";
import { PEERS, type Peer, installPeer } from "./peer-list.ts";
import { RawConnection } from "./raw-connection.ts";
import { type BenchServer, cpuOf, killServers, pinLoad } from "./servers.ts";

const SUBSCRIBERS = 1_000;
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
    const connections = await RawConnection.openMany(url, SUBSCRIBERS);
    for (const [at, connection] of connections.entries()) {
      const subscribed = peer.subscribe(connection, at, (frame) => fanout.#hear(at, marksIn(frame)));
      await within(subscribed, `subscriber ${at} was not greeted`);
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
    if (wrong > 0) throw new Error(`${wrong} of ${SUBSCRIBERS} subscribers have not had every message once`);
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
  try {
    await installPeer(peer);
    const server = await peer.start();
    const fanout = await Fanout.open(peer, server.url);
    await fanout.run(Number(values["slice-ms"]));
    return { peer, server, fanout, perSecond: [], perCpuSecond: [] };
  } catch (failure) {
    console.error(`${peer.name} is left out: ${failure instanceof Error ? failure.message : String(failure)}`);
    return undefined;
  }
}

async function slice({ server, fanout, perSecond, perCpuSecond }: Ready): Promise<void> {
  const before = { ms: performance.now(), cpu: cpuOf(server.pid).all };
  const delivered = await fanout.run(Number(values["slice-ms"]));
  perSecond.push((1_000 * delivered) / (performance.now() - before.ms));
  perCpuSecond.push(delivered / (cpuOf(server.pid).all - before.cpu));
}

function row({ peer, perSecond, perCpuSecond }: Ready): string {
  const figure = (figures: readonly number[]): string => Math.round(quantile(figures, 0.5)).toLocaleString("en");
  return `| ${peer.name} | ${peer.version} | ${figure(perCpuSecond)} | ${figure(perSecond)} |`;
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
console.log(
  `| ${SUBSCRIBERS.toLocaleString("en")} subscribers over WebSocket | version | deliveries/CPU-s | deliveries/s |`,
);
console.log("|---|---|---|---|");
for (const one of running) console.log(row(one));
process.exit();
