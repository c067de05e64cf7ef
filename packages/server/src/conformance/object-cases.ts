/**
 * What the cases of object stores have in common: the place, short forms of requests, what is read back.
 *
 * @module
 */
import type { Listing } from "../ports/object-listing.ts";
import type { ContentPatch } from "../ports/object-record.ts";
import type {
  MetadataListing,
  MetadataPlace,
  MetadataSet,
  ObjectStore,
  RelationsChange,
  RelationsPlace,
} from "../ports/object-store.ts";
import type { Disk } from "./disk.ts";
import { KEYSET } from "./fixtures.ts";

/** How an object store is opened for one case: with its limits, where a case needs small ones. */
export interface ObjectStoreSettings {
  readonly objectBytesMax: number;
  readonly membershipsPerUserMax: number;
  readonly objectChangesPerKeysetMax: number;
}

/** A place that stores are opened on, one after the other; what one kept, the next finds. */
export interface ObjectStorePlace extends AsyncDisposable {
  open(settings?: Partial<ObjectStoreSettings>): Promise<ObjectStore>;
  /** It takes writes at first. */
  setDisk(disk: Disk): void;
  /** Whether it keeps anything between two stores: one in memory does not. */
  readonly isDurable: boolean;
  /** Whether all ranges count as too large to be ordered by ids where no order was asked for. */
  readonly isWalking?: boolean;
}

/** Makes the place of one case. */
export type MakeObjectPlace = () => Promise<ObjectStorePlace>;

/** The instant of every change that is told none. */
export const NOW_US = 1_732_605_123_456_789;
/** A user. */
export const ANN: MetadataPlace = { keyset: KEYSET, kind: "uuid", id: "ann" };
/** A channel. */
export const ROOM: MetadataPlace = { keyset: KEYSET, kind: "channel", id: "room" };
/** Whatever there is, on one page. */
export const ALL: Listing = { condition: undefined, sort: [], offset: 0, limit: 100, counts: false };

/** Metadata to set. */
export const setting = (place: MetadataPlace, patch: ContentPatch, more: Partial<MetadataSet> = {}): MetadataSet => ({
  ...place,
  patch,
  ifMatch: undefined,
  nowUs: NOW_US,
  ...more,
});

/** Content that is a name only. */
export const named = (name: string): ContentPatch => ({ texts: { name } });

/** Relations to change: a text alone is the other end, without content. */
export const relating = (
  place: RelationsPlace,
  set: readonly (string | readonly [string, ContentPatch])[],
  more: Partial<RelationsChange> = {},
): RelationsChange => ({
  ...place,
  set: set.map((entry) =>
    typeof entry === "string" ? { id: entry, patch: { texts: {} } } : { id: entry[0], patch: entry[1] },
  ),
  remove: [],
  requiresMetadata: false,
  nowUs: NOW_US,
  ...more,
});

/** The eTag that stands. */
export async function tagOf(store: ObjectStore, place: MetadataPlace): Promise<string | undefined> {
  return (await store.metadata(place))?.eTag;
}

/** Who has metadata. */
export async function idsOf(store: ObjectStore, place: Omit<MetadataPlace, "id">): Promise<readonly string[]> {
  const page = await store.listMetadata({ ...ALL, ...place } satisfies MetadataListing);
  return page.kind === "page" ? page.items.map(({ id }) => id) : [];
}

/** The other ends of relations. */
export async function othersOf(store: ObjectStore, place: RelationsPlace): Promise<readonly string[]> {
  const page = await store.listRelations({ ...ALL, ...place, includesOther: false });
  if (page.kind !== "page") return [];
  return page.items.map(({ relation }) => (place.kind === "uuid" ? relation.channel : relation.uuid));
}
