/**
 * What a disk may do to a store that is tested.
 *
 * @module
 */

/** Whether a place's disk takes writes, refuses them, or lets them wait until that changes. */
export type Disk = "takes" | "refuses" | "stalls";
