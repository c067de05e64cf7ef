/**
 * App Context: what is known about users and channels, and who is a member of what; subscribers learn of changes.
 *
 * Called by the edge. A change is first kept, then announced on every channel that it belongs to; what changed nothing is
 * not announced. Between the two the process may die or the broker refuse: then the change stands without its event.
 * Rules: spec/OBJECTS.md.
 *
 * @module
 */
import { EVENT_TYPES } from "@longwave/protocol";
import type { Keyset } from "../access/keysets.ts";
import type { Clock } from "../ports/clock.ts";
import type { MessageDraft } from "../ports/message.ts";
import type { ContentPatch, Metadata, ObjectKind } from "../ports/object-record.ts";
import type {
  MetadataListing,
  MetadataPlace,
  MetadataRemoveOutcome,
  MetadataSet,
  MetadataSetOutcome,
  ObjectStore,
  PageOutcome,
  RelationItem,
  RelationsChange,
  RelationsChangeOutcome,
  RelationsListing,
} from "../ports/object-store.ts";
import { Announcements, type Emit } from "./announcements.ts";
import { printMetadataDelete, printMetadataSet, printRelationDelete, printRelationSet } from "./object-json.ts";

/** What the room of objects needs from outside. */
export interface ObjectPorts {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** A keyset's objects of one kind. */
export interface Place {
  readonly keyset: Keyset;
  readonly kind: ObjectKind;
  readonly id: string;
}

/** A change of metadata whose every part has been checked. */
export interface SetCommand extends Place {
  readonly patch: ContentPatch;
  readonly ifMatch: string | undefined;
}

/** A change of memberships or members whose every part has been checked. */
export interface RelateCommand extends Place {
  readonly set: RelationsChange["set"];
  readonly remove: RelationsChange["remove"];
}

/** The objects of one process. */
export class Objects {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #announcements: Announcements;

  constructor({ store, clock, emit }: ObjectPorts) {
    this.#store = store;
    this.#clock = clock;
    this.#announcements = new Announcements(emit);
  }

  /** Changes or makes metadata, and announces it. The outcome is there when the change is on disk and announced. */
  async set({ patch, ifMatch, ...place }: SetCommand): Promise<MetadataSetOutcome> {
    const request: MetadataSet = { ...metadataPlace(place), patch, ifMatch, nowUs: this.#nowUs() };
    const changing = this.#store.setMetadata(request);
    await this.#announcements.after(request.keyset, changing, (outcome) => setEvents(place, outcome));
    return changing;
  }

  /** Deletes metadata, with its memberships where the keyset says so, and announces it. */
  async remove(place: Place): Promise<MetadataRemoveOutcome> {
    const cascades = place.keyset.enforcesIntegrity;
    const changing = this.#store.removeMetadata({ ...metadataPlace(place), cascades });
    await this.#announcements.after(place.keyset.subscribeKey, changing, (outcome) => removeEvents(place, outcome));
    return changing;
  }

  /** Changes memberships or members, and announces each that is different. */
  async relate({ set, remove, ...place }: RelateCommand): Promise<RelationsChangeOutcome> {
    const requiresMetadata = place.keyset.enforcesIntegrity;
    const request = { ...metadataPlace(place), set, remove, requiresMetadata, nowUs: this.#nowUs() };
    const changing = this.#store.changeRelations(request);
    await this.#announcements.after(request.keyset, changing, (outcome) => relationEvents(place, outcome));
    return changing;
  }

  /** What is known about a user or channel. */
  metadata(place: Place): Promise<Metadata | undefined> {
    return this.#store.metadata(metadataPlace(place));
  }

  /** A page of all users or all channels. */
  listMetadata(request: MetadataListing): Promise<PageOutcome<Metadata>> {
    return this.#store.listMetadata(request);
  }

  /** A page of a user's memberships or a channel's members. */
  listRelations(request: RelationsListing): Promise<PageOutcome<RelationItem>> {
    return this.#store.listRelations(request);
  }

  #nowUs(): number {
    return Math.trunc(this.#clock.wallMs() * 1_000);
  }
}

function metadataPlace({ keyset, kind, id }: Place): MetadataPlace {
  return { keyset: keyset.subscribeKey, kind, id };
}

function* setEvents(place: Place, outcome: MetadataSetOutcome): Generator<MessageDraft> {
  if (outcome.kind !== "set" || !announcesMetadata(place)) return;
  const payload = printMetadataSet(place.kind, outcome.metadata, outcome.changed);
  for (const channel of channelsOf(place, outcome.channels)) yield eventDraft(channel, payload);
}

function* removeEvents(place: Place, outcome: MetadataRemoveOutcome): Generator<MessageDraft> {
  if (outcome.kind !== "removed" || !announcesMetadata(place)) return;
  const payload = printMetadataDelete(place.kind, place.id);
  for (const channel of channelsOf(place, outcome.channels)) yield eventDraft(channel, payload);
}

function* relationEvents({ keyset }: Place, outcome: RelationsChangeOutcome): Generator<MessageDraft> {
  if (outcome.kind !== "kept" || !keyset.announcesMemberships) return;
  for (const relation of outcome.set) {
    const payload = printRelationSet(relation);
    for (const channel of new Set([relation.channel, relation.uuid])) yield eventDraft(channel, payload);
  }
  for (const relation of outcome.removed) {
    const payload = printRelationDelete(relation);
    for (const channel of new Set([relation.channel, relation.uuid])) yield eventDraft(channel, payload);
  }
}

function announcesMetadata({ keyset, kind }: Place): boolean {
  const { announcesUsers, announcesChannels } = keyset;
  return kind === "uuid" ? announcesUsers : announcesChannels;
}

// A user is told of on the channel of its own name and on those that it is a member of; each once.
function channelsOf({ id }: Place, channels: readonly string[]): ReadonlySet<string> {
  return new Set([id, ...channels]);
}

function eventDraft(channel: string, payload: string): MessageDraft {
  return { channel, payload, eventType: EVENT_TYPES.object, stored: false, ttlHours: undefined };
}
