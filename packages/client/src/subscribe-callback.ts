/**
 * Listeners in the classic form: subclasses whose methods are given the client first.
 *
 * Rules: spec/SDK.md SDK43.
 *
 * @module
 */
import type {
  FileEvent,
  MessageActionEvent,
  MessageEvent,
  ObjectsEvent,
  PresenceEvent,
  SignalEvent,
} from "./events.ts";
import type { Listener } from "./listeners.ts";
import type { PubNub } from "./pubnub.ts";
import type { StatusEvent } from "./status.ts";

/** A status in the classic form. */
export interface ClassicStatus extends StatusEvent {
  /** The channel groups that this is about, by their classic name. */
  readonly affectedGroups: readonly string[];
  /** Whether something went wrong. */
  isError(): boolean;
}

/** A file in the classic form. */
export interface ClassicFile extends FileEvent {
  readonly fileId: string | undefined;
  readonly fileName: string | undefined;
  readonly fileUrl: string | undefined;
}

/**
 * Extend it with the methods that are needed; the others do nothing.
 *
 * @example
 * ```ts
 * class MySubscribeCallback extends SubscribeCallback {
 *   override message(pubnub: PubNub, message: MessageEvent) {
 *     console.log(message.channel, message.message);
 *   }
 *   override status(pubnub: PubNub, status: ClassicStatus) {
 *     if (status.category === PNStatusCategory.PNUnexpectedDisconnectCategory) pubnub.reconnect();
 *   }
 * }
 * pubnub.addListener(new MySubscribeCallback());
 * ```
 * @see spec/SDK.md SDK43
 */
export class SubscribeCallback {
  /** A message came. */
  message(_pubnub: PubNub, _message: MessageEvent): void {}

  /** A signal came. */
  signal(_pubnub: PubNub, _signal: SignalEvent): void {}

  /** Somebody came or went. */
  presence(_pubnub: PubNub, _presence: PresenceEvent): void {}

  /** Somebody attached an action to a message, or took it away. */
  messageAction(_pubnub: PubNub, _action: MessageActionEvent): void {}

  /** A file was sent. */
  file(_pubnub: PubNub, _file: ClassicFile): void {}

  /** A user was changed or removed. */
  uuid(_pubnub: PubNub, _uuid: ObjectsEvent["message"]): void {}

  /** A channel was changed or removed. */
  channel(_pubnub: PubNub, _channel: ObjectsEvent["message"]): void {}

  /** A user became a member of a channel, is none any more, or its membership was changed. */
  membership(_pubnub: PubNub, _membership: ObjectsEvent["message"]): void {}

  /** The connection changed. */
  status(_pubnub: PubNub, _status: ClassicStatus): void {}
}

/** A callback as a listener of a client. */
export function listenerOf(callback: SubscribeCallback, pubnub: PubNub): Listener {
  return {
    message: (event) => callback.message(pubnub, event),
    signal: (event) => callback.signal(pubnub, event),
    presence: (event) => callback.presence(pubnub, event),
    messageAction: (event) => callback.messageAction(pubnub, event),
    file: (event) => {
      const { id: fileId, name: fileName, url: fileUrl } = event.file ?? {};
      return callback.file(pubnub, { ...event, fileId, fileName, fileUrl });
    },
    objects: ({ message }) => callback[message.type](pubnub, message),
    status: (event) => {
      const { affectedChannelGroups: affectedGroups, error } = event;
      return callback.status(pubnub, { ...event, affectedGroups, isError: () => error });
    },
  };
}
