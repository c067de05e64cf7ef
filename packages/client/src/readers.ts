/**
 * Reads what the whole client tells of besides what its core does: message actions, files, changes of App Context.
 *
 * Pure. Rules: spec/SDK.md SDK23.
 *
 * @module
 */
import type { Envelope } from "@longwave/protocol";
import type { OpenedEnvelope } from "./crypto/payload.ts";
import type { MessageAction } from "./endpoints/message-actions.ts";
import { CORE_READERS, type Readers, type Told, deliveryOf, messageOf } from "./events.ts";
import { type FileAnnouncement, readAnnouncement } from "./files/event.ts";
import { isRecord, isTexts, recordIn } from "./json.ts";
import { readObjectsMessage } from "./objects/event.ts";

/** Gives the address of a file. */
export type LinkTo = (file: FileAnnouncement["file"] & { readonly channel: string }) => string;

/**
 * Reads whatever is delivered.
 *
 * @param linkTo gives the address of a file.
 */
export function readersOf(linkTo: LinkTo): Readers {
  return {
    ...CORE_READERS,
    messageAction: messageActionOf,
    object: (envelope) => {
      const message = readObjectsMessage(envelope.d);
      return message && { kind: "objects", event: { ...deliveryOf(envelope), message } };
    },
    file: (envelope) => fileOf(envelope, linkTo),
  };
}

// One that could not be decrypted is told as a message of its kind is.
function fileOf(envelope: OpenedEnvelope, linkTo: LinkTo): Told | undefined {
  const { message: _, ...rest } = messageOf(envelope);
  if (envelope.error !== undefined) return { kind: "file", event: { ...rest, message: envelope.d } };
  const announced = readAnnouncement(envelope.d);
  if (announced === undefined) return undefined;
  const { file, ...said } = announced;
  const url = linkTo({ ...file, channel: envelope.c });
  return { kind: "file", event: { ...rest, ...said, file: { ...file, url } } };
}

// Who did it is not in the payload, but the envelope's publisher.
function messageActionOf(envelope: Envelope): Told | undefined {
  const { i: uuid, d } = envelope;
  const data = recordIn(d, "data");
  if (!isRecord(d) || data === undefined || uuid === undefined || typeof d["event"] !== "string") return undefined;
  const { type, value, messageTimetoken, actionTimetoken } = data;
  const members = [type, value, messageTimetoken, actionTimetoken];
  if (!isTexts(members)) return undefined;
  const action = { type, value, uuid, messageTimetoken, actionTimetoken } as MessageAction;
  const event = { ...deliveryOf(envelope), publisher: uuid, event: d["event"], data: action, ...action };
  return { kind: "messageAction", event };
}
