/**
 * The names of statuses as applications of the classic documentation compare them.
 *
 * @module
 */
import { STATUS_CATEGORIES, type StatusCategory } from "./status.ts";

type CategoriesByName = { readonly [Category in StatusCategory]: Category };

/**
 * The same categories by their own names, for code in the classic form.
 *
 * @example
 * ```ts
 * const isConnected = (status: StatusEvent) => status.category === PNStatusCategory.PNConnectedCategory;
 * ```
 */
export const PNStatusCategory: CategoriesByName = Object.freeze(
  Object.fromEntries(Object.values(STATUS_CATEGORIES).map((category) => [category, category])),
) as CategoriesByName;

/** The operations that statuses are about, by their own names. */
export const PNOperationType = Object.freeze({
  PNSubscribeOperation: "PNSubscribeOperation",
  PNUnsubscribeOperation: "PNUnsubscribeOperation",
  PNHeartbeatOperation: "PNHeartbeatOperation",
} as const);
