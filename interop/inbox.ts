/**
 * A subscribed client and everything it was told, in order.
 *
 * For tests only. It listens before it subscribes, so it misses nothing.
 *
 * @module
 */
import {
  type FileEvent,
  type Json,
  type MessageActionEvent,
  type MessageEvent,
  type PresenceEvent,
  type ObjectsEvent,
  type PubNubClient,
  type SignalEvent,
  type Status,
  createClient,
} from "./pubnub-client.ts";

const PATIENCE_MS = 15_000;

/** Everything a client was told. */
export interface Inbox extends Disposable {
  readonly client: PubNubClient;
  readonly messages: readonly MessageEvent[];
  readonly signals: readonly SignalEvent[];
  readonly messageActions: readonly MessageActionEvent[];
  readonly presences: readonly PresenceEvent[];
  readonly objects: readonly ObjectsEvent[];
  readonly files: readonly FileEvent[];
  readonly statuses: readonly Status[];
  /** The payloads of the messages. */
  payloads(): readonly Json[];
  /** Waits until something is the case, which is asked whenever the client is told something. */
  until(what: string, isSo: (inbox: Inbox) => boolean): Promise<void>;
  /** Waits for as many messages, and a little longer for one too many. */
  settled(messages: number): Promise<readonly Json[]>;
}

/** How long a message that must not come is waited for. */
export const GRACE_MS = 120;

/** What a client subscribes to, and from which instant. */
export interface Subscription {
  readonly channels?: readonly string[];
  readonly channelGroups?: readonly string[];
  readonly withPresence?: boolean;
  readonly timetoken?: string;
}

/** A client that listens and has subscribed, connected or not. */
export function listenTo(
  url: string,
  subscription: Subscription,
  keys: Parameters<typeof createClient>[1] = {},
): Inbox {
  const client = createClient(url, keys);
  const told = {
    messages: [] as MessageEvent[],
    signals: [] as SignalEvent[],
    messageActions: [] as MessageActionEvent[],
    presences: [] as PresenceEvent[],
    objects: [] as ObjectsEvent[],
    files: [] as FileEvent[],
    statuses: [] as Status[],
  };
  let grown = Promise.withResolvers<void>();
  const tell =
    <Event>(list: Event[]) =>
    (event: Event): void => {
      list.push(event);
      grown.resolve();
      grown = Promise.withResolvers<void>();
    };
  const inbox: Inbox = {
    client,
    ...told,
    payloads: () => told.messages.map(({ message }) => message),
    async until(what, isSo) {
      const deadline = Bun.sleep(PATIENCE_MS).then(() => "late" as const);
      while (!isSo(inbox)) {
        if ((await Promise.race([grown.promise, deadline])) !== "late") continue;
        const { messages, presences, statuses } = told;
        const heard = `${messages.length} messages; ${JSON.stringify(presences)}; ${JSON.stringify(statuses)}`;
        throw new Error(`not in ${PATIENCE_MS} ms: ${what}; ${heard}`);
      }
    },
    async settled(messages) {
      await inbox.until(`${messages} messages`, () => told.messages.length >= messages);
      await Bun.sleep(GRACE_MS);
      return inbox.payloads();
    },
    [Symbol.dispose]: () => client[Symbol.dispose](),
  };
  client.addListener({
    message: tell(told.messages),
    signal: tell(told.signals),
    messageAction: tell(told.messageActions),
    presence: tell(told.presences),
    objects: tell(told.objects),
    file: tell(told.files),
    status: tell(told.statuses),
  });
  client.subscribe(subscription);
  return inbox;
}

/** A client that listens and is connected. */
export async function subscribe(
  url: string,
  subscription: Subscription,
  keys: Parameters<typeof createClient>[1] = {},
): Promise<Inbox> {
  const inbox = listenTo(url, subscription, keys);
  await inbox.until("connected", hasStatus("PNConnectedCategory"));
  return inbox;
}

/** Whether a client was told of a status. */
export function hasStatus(category: string): (inbox: Inbox) => boolean {
  return ({ statuses }) => statuses.some((status) => status.category === category);
}

/** The presence events that a client was told of, as "action uuid occupancy". */
export function comings({ presences }: Inbox): readonly string[] {
  return presences.map(({ action, uuid, occupancy }) => `${action} ${uuid} ${occupancy}`);
}
