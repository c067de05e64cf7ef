/**
 * The object-store port: keeps what is known about users and channels, and which user is a member of which channel.
 *
 * Order: the changes of one keyset happen one after another, in the order of the calls, and their outcomes become known
 * in that order. Atomicity: a change, the conditions under which it may be made, and everything that goes with it are one
 * step, on disk before the outcome is known; what a request changes happens as a whole or not at all. A read shows every
 * change whose outcome is known. Where nothing would be different afterwards, nothing is written and the record keeps its
 * instant and its eTag. Rules: spec/OBJECTS.md OBJ40-OBJ49; suite: conformance/object-store.ts.
 *
 * @module
 */
import type { Listing } from "./object-listing.ts";
import type { ContentPatch, Metadata, ObjectKind, Relation, RelationId } from "./object-record.ts";

/** The metadata of one user or one channel. */
export interface MetadataPlace {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  readonly kind: ObjectKind;
  readonly id: string;
}

/** Why a store did not do what it could have done. */
export type ObjectStoreRefusal =
  /** The disk refused it. Nothing happened. */
  | { readonly kind: "unavailable" }
  /** Too many changes of the keyset wait already. Nothing happened. */
  | { readonly kind: "overloaded" };

/** A request to change metadata, or to make it where there is none. */
export interface MetadataSet extends MetadataPlace {
  readonly patch: ContentPatch;
  /** The eTag that the metadata must have; it must exist then. */
  readonly ifMatch: string | undefined;
  /** The wall clock, in microseconds since the Unix epoch: the instant of the change, unless the record is younger. */
  readonly nowUs: number;
}

/** What came of it. */
export type MetadataSetOutcome =
  | {
      readonly kind: "set";
      readonly metadata: Metadata;
      /** What is different now; nothing of it where an empty record was made. */
      readonly changed: ContentPatch;
      /** For a user, the channels that it is a member of; for a channel none. */
      readonly channels: readonly string[];
    }
  /** It was like this already. */
  | { readonly kind: "unchanged"; readonly metadata: Metadata }
  /** There is none with that eTag. Nothing happened. */
  | { readonly kind: "modified" }
  /** It would have more bytes than metadata may have. Nothing happened. */
  | { readonly kind: "tooLarge" }
  | ObjectStoreRefusal;

/** A request to delete metadata. */
export interface MetadataRemoval extends MetadataPlace {
  /** Whether its memberships go too. */
  readonly cascades: boolean;
}

/** What came of it. */
export type MetadataRemoveOutcome =
  /** Gone. `channels` as for a change, from before it. */
  | { readonly kind: "removed"; readonly channels: readonly string[] }
  /** There was none. Nothing happened. */
  | { readonly kind: "none" }
  | ObjectStoreRefusal;

/** The memberships of a user (`kind` uuid) or the members of a channel: `id` names the one that all of them share. */
export type RelationsPlace = MetadataPlace;

/** A request to change memberships or members. */
export interface RelationsChange extends RelationsPlace {
  /** What to make or change, by the other one's id, in this order; a repeated id is changed again. */
  readonly set: readonly { readonly id: string; readonly patch: ContentPatch }[];
  /** What to take away then. */
  readonly remove: readonly string[];
  /** Whether a user or channel must have metadata to become part of a relation. */
  readonly requiresMetadata: boolean;
  /** As for metadata. */
  readonly nowUs: number;
}

/** What came of it. */
export type RelationsChangeOutcome =
  /** Kept. `set` and `removed` are what is different now; often nothing. */
  | { readonly kind: "kept"; readonly set: readonly Relation[]; readonly removed: readonly RelationId[] }
  /** One of them has no metadata, and must have. Nothing happened. */
  | { readonly kind: "metadataMissing" }
  /** A user would have more memberships than it may have. Nothing happened. */
  | { readonly kind: "tooMany" }
  /** A relation would have more bytes than it may have. Nothing happened. */
  | { readonly kind: "tooLarge" }
  | ObjectStoreRefusal;

/** A page of a listing. */
export type PageOutcome<Item> =
  | {
      readonly kind: "page";
      readonly items: readonly Item[];
      /** How many there are in all, where that was asked for. */
      readonly total: number | undefined;
    }
  /** More rows would have to be looked at than a listing may look at. */
  | { readonly kind: "tooManyRows" };

/** A request for a page of all users or all channels. */
export interface MetadataListing extends Listing {
  readonly keyset: string;
  readonly kind: ObjectKind;
}

/** A request for a page of a user's memberships or a channel's members. */
export interface RelationsListing extends Listing, RelationsPlace {
  /** Whether the metadata at the other ends is wanted. */
  readonly includesOther: boolean;
}

/** A membership. */
export interface RelationItem {
  readonly relation: Relation;
  /** The metadata of the one at its other end, where it is wanted and there is any. */
  readonly other: Metadata | undefined;
}

/** Keeps objects. */
export interface ObjectStore {
  /** Changes metadata, or makes it. */
  setMetadata(request: MetadataSet): Promise<MetadataSetOutcome>;
  removeMetadata(request: MetadataRemoval): Promise<MetadataRemoveOutcome>;
  metadata(place: MetadataPlace): Promise<Metadata | undefined>;
  listMetadata(request: MetadataListing): Promise<PageOutcome<Metadata>>;
  /** Changes memberships. A relation is the same one from both its ends. */
  changeRelations(request: RelationsChange): Promise<RelationsChangeOutcome>;
  listRelations(request: RelationsListing): Promise<PageOutcome<RelationItem>>;
  /** Waits for the changes in flight and refuses later ones as unavailable. May be called twice. */
  stop(): Promise<void>;
}
