/**
 * The group-store port: keeps which channels belong to which channel groups.
 *
 * Order: changes of one keyset take effect one after the other, in the order of the calls. Atomicity: a change with all
 * its limits is one step, which happens as a whole or not at all. A read shows every change whose outcome is known.
 * Rules: spec/GROUPS.md GRP20-GRP27; suite: conformance/group-store.ts.
 *
 * @module
 */

/** A change of a keyset's groups; names have been checked. */
export type GroupChange =
  /** Adds channels and then removes some. A group begins with its first member and ends with its last. */
  | {
      readonly kind: "edit";
      /** Its full name, `group` or `namespace:group`. */
      readonly group: string;
      readonly add: readonly string[];
      readonly remove: readonly string[];
    }
  | { readonly kind: "deleteGroup"; readonly group: string }
  /** Deletes every group of a namespace. */
  | { readonly kind: "deleteNamespace"; readonly namespace: string };

/** What came of a change. */
export type GroupChangeOutcome =
  /** Kept. `changed` holds the full names of the groups whose members are others than before; often none. */
  | { readonly kind: "kept"; readonly changed: readonly string[] }
  /** A limit would have been passed: nothing happened. */
  | { readonly kind: "tooMany" }
  /** The store refused it; it is not kept. */
  | { readonly kind: "unavailable" }
  /** Too many changes of the keyset are waiting already: nothing happened. */
  | { readonly kind: "overloaded" };

/** Keeps channel groups. */
export interface GroupStore {
  /** Changes a keyset's groups. The outcome is there when the change is on disk. */
  change(keyset: string, change: GroupChange): Promise<GroupChangeOutcome>;
  /** The channels of a group, in no order; none where there is no such group. */
  members(keyset: string, group: string): Promise<readonly string[]>;
  /** The names, without the namespace and in no order, of a namespace's groups; `""` has those without one. */
  groups(keyset: string, namespace: string): Promise<readonly string[]>;
  /** The namespaces that have a group, in no order. */
  namespaces(keyset: string): Promise<readonly string[]>;
  /** Ends changes that are under way and refuses later ones. May be called twice. */
  stop(): Promise<void>;
}
