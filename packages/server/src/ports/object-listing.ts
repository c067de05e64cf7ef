/**
 * A listing of users, channels or memberships as data: which of them, in which order, which part.
 *
 * Made from a request's parameters by the room of objects, translated by each store. Pure data, so that it can be sent to
 * another process. Rules: spec/OBJECTS.md OBJ20-OBJ29.
 *
 * @module
 */
import type { TextName } from "./object-record.ts";

/** Where a field is: in the listed record itself, or in the metadata of the one at the other end of a membership. */
export type FieldOwner = "self" | "other";

/** A field that listings know. */
export type Field =
  /** Of a membership: the id of the one at its other end, which it has whether there is metadata or not. */
  | { readonly kind: "id"; readonly owner: "self" }
  | { readonly kind: "text"; readonly owner: FieldOwner; readonly name: TextName }
  | { readonly kind: "updated"; readonly owner: FieldOwner }
  /** A member of the custom data. */
  | { readonly kind: "custom"; readonly owner: FieldOwner; readonly key: string };

/** How two values are compared. Texts are equal to the letter, and ordered without regard to the case of ASCII letters. */
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/**
 * What a record must satisfy.
 *
 * Three-valued, as in SQL: comparing what a record does not have, or has as another type than the value, is neither true
 * nor false, also when it is negated; a record passes where the whole is true.
 */
export type Condition =
  | { readonly kind: "and" | "or"; readonly conditions: readonly Condition[] }
  | { readonly kind: "not"; readonly condition: Condition }
  /** The value is a text for an id or a text, microseconds since the Unix epoch for `updated`. */
  | {
      readonly kind: "compare";
      readonly field: Field;
      readonly comparison: Comparison;
      readonly value: string | number | boolean;
    }
  /** `*` stands for any run of characters and `\*` for a star; case does not matter. */
  | { readonly kind: "like"; readonly field: Field; readonly pattern: string }
  | { readonly kind: "presence"; readonly field: Field; readonly isPresent: boolean };

/** A field to sort by. Records without it come last, in both directions. */
export interface SortKey {
  readonly field: Field;
  readonly direction: "asc" | "desc";
}

/** Which records, in which order, and which part of them. */
export interface Listing {
  readonly condition: Condition | undefined;
  /** The first one first. What is equal in all of them is ordered by id, in the direction of the last one. */
  readonly sort: readonly SortKey[];
  /** How many records come before the page; from 0. */
  readonly offset: number;
  /** At most this many; 0 is possible. */
  readonly limit: number;
  /** Whether to count all that satisfy the condition. */
  readonly counts: boolean;
}
