/**
 * A directory of keysets as tests want them, without a store behind it.
 *
 * @module
 */
import { makeSecrets } from "../access/keyset-office.ts";
import { type Keyset, KeysetDirectory } from "../access/keysets.ts";

/** A directory that holds keysets, each with secrets that nobody knows. */
export function directoryOf(...keysets: readonly Keyset[]): KeysetDirectory {
  const directory = new KeysetDirectory();
  for (const keyset of keysets) directory.put(keyset, makeSecrets());
  return directory;
}
