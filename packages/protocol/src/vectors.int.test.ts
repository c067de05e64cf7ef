import { join } from "node:path";
import signatures from "../../../spec/vectors/signatures.json" with { type: "json" };
import tokens from "../../../spec/vectors/tokens.json" with { type: "json" };
import { testInRuntimes } from "../../../tools/runtimes.ts";

const lists = [
  signatures.signatures,
  signatures.canonicalQueries,
  signatures.pathSpellings,
  tokens.tokens,
  tokens.refused,
];
const count = lists.reduce((sum, list) => sum + list.length, 0);
testInRuntimes(
  `[ACC2 ACC6] all ${count} vectors of signatures and tokens hold`,
  join(import.meta.dir, "../../../tools/access-vectors.ts"),
  "runAccessVectors",
  { count, failed: [] },
);
