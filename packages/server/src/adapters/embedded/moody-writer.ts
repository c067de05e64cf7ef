/**
 * A writer whose disk is what a test says; for tests.
 *
 * @module
 */
import type { Disk } from "../../conformance/disk.ts";
import type { WriteOutcome, Writer } from "./sqlite-writer.ts";
import type { Write } from "./sqlite-writes.ts";

/** A writer whose disk is what the test says. */
export class MoodyWriter implements Writer {
  readonly #writer: Writer;
  #disk: Disk = "takes";
  readonly #stalled: (() => void)[] = [];

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  setDisk(disk: Disk): void {
    this.#disk = disk;
    if (disk !== "stalls") for (const goOn of this.#stalled.splice(0)) goOn();
  }

  async write(write: Write): Promise<WriteOutcome> {
    if (this.#disk === "stalls") await new Promise<void>((resolve) => this.#stalled.push(resolve));
    return this.#disk === "refuses" ? { kind: "refused", reason: "disk full" } : this.#writer.write(write);
  }

  close = (): Promise<void> => this.#writer.close();
}
