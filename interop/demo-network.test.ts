import { expect, test } from "bun:test";
import { watchedLog } from "./demo-network.ts";

const LEAKS: Readonly<Record<string, string>> = {
  "a secret key": "guarded-secret",
  "a token": "p0F2AkF0GmdFRRZDdHRsD0NyZXM",
  "a token with an authorised uuid": "qEF2AkF0GmdFRRZDdHRsD0NyZXM",
  "an auth key": "/v2/subscribe?auth=guest",
  "a signature": "v2.ClE4BeGl4hbhfy1-P-2gtuwCqYAtPvmPdeMLKMAAAAA",
  "a cipher key": "enigma",
};
for (const [what, text] of Object.entries(LEAKS)) {
  test(`[IOP34] ${what} in a line of the log is found, whatever its level`, () => {
    for (const level of ["debug", "info", "warn", "error"] as const) {
      const log = watchedLog();
      log[level]("request", { path: "/time/0" });
      expect(log.requireNoSecret).not.toThrow();
      log[level]("request", { path: text });
      expect(log.requireNoSecret).toThrow("a secret is in the log");
    }
  });
}
