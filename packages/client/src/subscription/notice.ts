/**
 * Notices: what the subscription says of itself, before it is put into one of the two vocabularies of statuses.
 *
 * Pure. Rules: spec/SDK.md SDK11-SDK16, SDK40.
 *
 * @module
 */
import type { PubNubError } from "../errors.ts";
import { present } from "../json.ts";
import { STATUS_CATEGORIES, type StatusCategory, type StatusEvent } from "../status.ts";
import type { Gap } from "./answer.ts";

/** The names of statuses: those of the classic documentation, or those of SDKs with an event engine. */
export type StatusVocabulary = "classic" | "engine";

/** What is subscribed while a notice is given, and how far it is delivered. */
export interface NoticeMix {
  readonly channels: readonly string[];
  readonly groups: readonly string[];
  readonly timetoken: string | undefined;
}

interface Trouble {
  readonly error: PubNubError;
  /** Whether the subscription had been connected before. */
  readonly wasConnected: boolean;
}

/** What a subscription has to say. */
export type Notice = NoticeMix &
  (
    | { readonly kind: "connected" | "changed" | "reconnected" }
    /** Messages can no longer be delivered. */
    | { readonly kind: "missed"; readonly gaps: readonly Gap[] }
    /** The application ended or stopped it. */
    | { readonly kind: "disconnected"; readonly wasConnected: boolean }
    /** The network is lost, and will be tried again, or not. */
    | ({ readonly kind: "lost" } & Trouble)
    /** The network said no. */
    | ({ readonly kind: "refused" } & Trouble)
    /** After so many attempts there is to be none. */
    | ({ readonly kind: "gaveUp"; readonly attempts: number } & Trouble)
  );

/**
 * The status of a notice.
 *
 * @returns nothing where the vocabulary says nothing of it.
 * @see spec/SDK.md SDK40
 */
export function statusOf(notice: Notice, vocabulary: StatusVocabulary): StatusEvent | undefined {
  const category = vocabulary === "classic" ? classicOf(notice) : engineOf(notice);
  if (category === undefined) return undefined;
  const { kind, channels, groups, timetoken } = notice;
  const error = "error" in notice ? notice.error : undefined;
  return present<StatusEvent>({
    category,
    operation: kind === "disconnected" ? "PNUnsubscribeOperation" : "PNSubscribeOperation",
    error: error !== undefined || kind === "missed",
    gaps: kind === "missed" ? notice.gaps : undefined,
    errorData: error,
    statusCode: error?.status,
    affectedChannels: channels,
    affectedChannelGroups: groups,
    currentTimetoken: timetoken,
  });
}

/** The categories of notices without trouble, but for the end. */
const CLASSIC = {
  connected: STATUS_CATEGORIES.connected,
  changed: STATUS_CATEGORIES.connected,
  reconnected: STATUS_CATEGORIES.reconnected,
  disconnected: STATUS_CATEGORIES.disconnected,
  missed: STATUS_CATEGORIES.messagesMissed,
};

function classicOf(notice: Notice): StatusCategory | undefined {
  if (!("error" in notice)) return CLASSIC[notice.kind];
  const { category } = notice.error;
  // Told as lost a moment ago, where the first attempt was the last one.
  if (notice.kind === "gaveUp") return notice.attempts > 1 ? STATUS_CATEGORIES.disconnected : undefined;
  if (category === STATUS_CATEGORIES.networkIssues && notice.wasConnected)
    return STATUS_CATEGORIES.unexpectedDisconnect;
  return category === STATUS_CATEGORIES.serverError ? STATUS_CATEGORIES.unknown : category;
}

const ENGINE = { ...CLASSIC, changed: STATUS_CATEGORIES.subscriptionChanged, reconnected: undefined };

function engineOf(notice: Notice): StatusCategory | undefined {
  if ("error" in notice) {
    if (notice.kind === "lost") return undefined;
    return notice.wasConnected ? STATUS_CATEGORIES.disconnectedUnexpectedly : STATUS_CATEGORIES.connectionError;
  }
  return notice.kind === "disconnected" && !notice.wasConnected ? undefined : ENGINE[notice.kind];
}
