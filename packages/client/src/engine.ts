/**
 * What a client is made of, by whichever entry it was made: its configuration, its listeners, its subscription, its presence.
 *
 * The whole client and its core differ in what they read from a configuration, in the calls that they have, and in the few
 * things that are given here. Not part of the interface.
 *
 * @module
 */
import type { Envelope } from "@longwave/protocol";
import type { Configuration } from "./configuration.ts";
import type { OpenedEnvelope } from "./crypto/payload.ts";
import type { Caller } from "./endpoints/call.ts";
import type { SetStateParameters } from "./endpoints/presence.ts";
import { Members } from "./entities/members.ts";
import { type Readers, toldOf } from "./events.ts";
import { Listeners, type Report, reportToConsole } from "./listeners.ts";
import { PresenceLoop } from "./presence/loop.ts";
import { PresenceMemory } from "./presence/memory.ts";
import { Repeats } from "./retry/repeats.ts";
import type { StatusEvent } from "./status.ts";
import { SubscriptionLoop } from "./subscription/loop.ts";
import { type Names, difference, isEmpty, plainOf } from "./subscription/names.ts";
import { type Notice, statusOf } from "./subscription/notice.ts";
import { requireSubscribable } from "./subscription/request.ts";
import { type Timers, runtimeTimers } from "./timers.ts";
import { fetchTransport } from "./transport/fetch.ts";
import type { Background } from "./transport/no-background.ts";
import { type OpenStream, runtimeStreams } from "./transport/stream.ts";
import type { Transport } from "./transport/transport.ts";

/** What a client is made of besides its configuration; for tests. */
export interface PubNubParts {
  /** Sends requests. @defaultValue the runtime's `fetch` */
  readonly transport?: Transport | undefined;
  /** Opens WebSockets. @defaultValue the runtime's, where it has them */
  readonly openStream?: OpenStream | undefined;
  /** What the subscription of a `daemon` runs on. @defaultValue sockets and timers that let a process end, in Node and Bun */
  readonly background?: Background | undefined;
  /** Milliseconds since 1970, for signatures. @defaultValue `Date.now` */
  readonly now?: (() => number) | undefined;
  /** Waits. @defaultValue the runtime's timers */
  readonly timers?: Timers | undefined;
  /** Numbers from 0 to below 1, by chance. @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
  /** Takes what listeners throw. @defaultValue writes it to the console */
  readonly report?: Report | undefined;
  /** Takes what may be wrong with the configuration. @defaultValue writes it to the console */
  readonly warn?: ((sentence: string) => void) | undefined;
}

/** What the entries give. */
export interface EngineOptions {
  /** How what is delivered is read; a kind without a reader is told to nobody. */
  readonly readers: Readers;
  /** Decrypts what is delivered; nothing where it comes as it is. */
  readonly open?: ((envelopes: readonly Envelope[]) => Promise<readonly OpenedEnvelope[]>) | undefined;
}

const PLAIN_WARNING =
  "Longwave client: origin is another machine without TLS, where what is sent can be read and changed on the way; set ssl to true.";

/** One client's. */
export class Engine {
  readonly configuration: Configuration;
  readonly caller: Caller;
  readonly timers: Timers;
  readonly report: Report;
  readonly listeners: Listeners;
  readonly subscription: SubscriptionLoop;
  readonly presence: PresenceLoop;
  readonly memory = new PresenceMemory();
  /** Who wants which names. */
  readonly members = new Members();

  constructor(configuration: Configuration, parts: PubNubParts, { readers, open }: EngineOptions) {
    const transport = parts.transport ?? fetchTransport;
    const [timers, random] = [parts.timers ?? runtimeTimers, parts.random ?? Math.random];
    const background = configuration.daemon ? parts.background : undefined;
    const loopTimers = background?.timers ?? timers;
    const repeats = new Repeats({ configuration, transport, timers, random });
    const caller = { configuration, transport, repeats: repeats.send };
    if (!configuration.allowPlainCredentials) (parts.warn ?? console.warn)(PLAIN_WARNING);
    this.configuration = configuration;
    this.caller = caller;
    this.timers = timers;
    this.report = parts.report ?? reportToConsole;
    this.listeners = new Listeners(this.report);
    const tell = (status: StatusEvent): void => this.listeners.status(status);
    this.presence = new PresenceLoop({
      caller,
      timers: loopTimers,
      memory: this.memory,
      tell,
      before: () => this.subscription.closing,
    });
    this.subscription = new SubscriptionLoop({
      ...caller,
      transport: background?.transport ?? transport,
      openStream: background ? undefined : (parts.openStream ?? runtimeStreams()), // no socket of those can be let go of
      open,
      timers: loopTimers,
      random,
      learn: (knowsIds) => repeats.learn(knowsIds),
      statesOf: (names) => this.memory.statesOf(names),
      deliver: (envelope) => this.#deliver(envelope, readers),
      announce: (notice) => this.#announce(notice),
    });
  }

  /** Changes the subscription to names that hold those there are. */
  join(names: Names, timetoken: string | undefined): void {
    const joined = plainOf(difference(names, this.subscription.names));
    requireSubscribable(this.configuration, names);
    this.subscription.handle({ kind: "changed", ...names, timetoken });
    if (!isEmpty(joined)) this.presence.handle({ kind: "joined", ...joined });
  }

  /** Takes names out of the subscription, and leaves them. */
  leave(gone: Names): void {
    this.subscription.handle({ kind: "changed", ...difference(this.subscription.names, gone) });
    this.memory.forget(gone);
    this.presence.handle({ kind: "left", ...plainOf(gone) });
  }

  /** Keeps a state that this client set for itself: it goes along with its heartbeats and handshakes. */
  keepState({ uuid, channels = [], channelGroups = [], state }: SetStateParameters): void {
    const { maintainPresenceState, uuid: own } = this.configuration;
    if (maintainPresenceState && (uuid ?? own) === own) this.memory.keep({ channels, groups: channelGroups }, state);
  }

  #deliver(envelope: OpenedEnvelope, readers: Readers): void {
    const told = toldOf(envelope, readers);
    if (told === undefined) return;
    this.listeners.tell(told);
    this.members.offer(envelope.b ?? envelope.c, told);
  }

  // Heartbeats rest while the network is lost, and go on with it.
  #announce(notice: Notice): void {
    const isOffline = "error" in notice;
    if (notice.kind !== "disconnected") this.presence.handle({ kind: isOffline ? "offline" : "online" });
    const status = statusOf(notice, this.configuration.statusVocabulary);
    if (status !== undefined) this.listeners.status(status);
  }
}
