/** Stand-in until the options table is here. */
export interface ServerOptions {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly memory: boolean;
  readonly logFormat: "auto" | "pretty" | "json";
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly holdSeconds: number;
  readonly drainSeconds: number;
  readonly idleSeconds: number;
  readonly demoKeys: boolean;
  readonly synchronous: "full" | "normal";
}
export const DEFAULT_OPTIONS: ServerOptions = {
  port: 1980,
  host: "127.0.0.1",
  dataDir: "data",
  memory: false,
  logFormat: "auto",
  logLevel: "info",
  tlsCert: undefined,
  tlsKey: undefined,
  holdSeconds: 280,
  drainSeconds: 5,
  idleSeconds: 30,
  demoKeys: true,
  synchronous: "full",
};
