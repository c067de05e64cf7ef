import { join } from "node:path";
import vectors from "../../../../spec/vectors/cryptography.json" with { type: "json" };
import { testInRuntimes } from "../../../../tools/runtimes.ts";

const count = vectors.texts.length + vectors.files.length;
testInRuntimes(
  `[SDK47 SDK48] all ${count} vectors of ciphertexts are decrypted`,
  join(import.meta.dir, "../../../../tools/cryptography-vectors.ts"),
  "runCryptographyVectors",
  { count, failed: [] },
);
