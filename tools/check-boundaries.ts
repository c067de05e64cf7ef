/**
 * Checks who may import whom, and that nothing in the server reads the time past the clock port.
 *
 * The table below is the house's plan; a change of plan is a change of this table.
 *
 * @module
 */
import { Glob } from "bun";

interface Boundary {
  /** Whose files it holds for: how their paths begin. */
  readonly room: string;
  /** What must not stand in their source. */
  readonly forbidden: RegExp;
  readonly because: string;
  /** Files, by how their paths begin, that are allowed to. */
  readonly except?: readonly string[];
}

const ours = (names: string): RegExp => new RegExp(`from "@longwave/(?:${names})`);
const rooms = (names: string): RegExp => new RegExp(`from "(?:\\.\\./)+(?:${names})/`);
const SERVER = "packages/server/src";

const BOUNDARIES: readonly Boundary[] = [
  {
    room: "packages/protocol/src/",
    forbidden: /from "(?!\.\.?\/)/,
    because: "the protocol imports nothing but itself",
  },
  { room: "packages/client/src/", forbidden: ours("server|cli"), because: "the SDK imports the protocol only" },
  { room: "packages/client/src/", forbidden: /from "(?:node|bun):/, because: "the SDK runs on web standards alone" },
  { room: `${SERVER}/`, forbidden: ours("client|cli"), because: "the server knows no client" },
  {
    room: `${SERVER}/`,
    forbidden: /\b(?:Date\.now|new Date\(\)|performance\.now|setTimeout|setInterval|Bun\.sleep|Bun\.nanoseconds)\b/,
    because: "time comes from the clock port",
    except: [`${SERVER}/adapters/embedded/system-clock.ts`],
  },
  {
    room: `${SERVER}/`,
    forbidden: rooms("adapters"),
    because: "only main.ts builds adapters",
    except: [`${SERVER}/adapters/`, `${SERVER}/conformance/`, `${SERVER}/main.ts`, `${SERVER}/index.ts`],
  },
  {
    room: `${SERVER}/ports/`,
    forbidden: rooms("edge|channels|access|adapters|observe"),
    because: "ports know no room",
  },
  { room: `${SERVER}/adapters/`, forbidden: rooms("edge|channels|access"), because: "adapters serve ports, not rooms" },
  { room: `${SERVER}/access/`, forbidden: rooms("edge|channels"), because: "access decides, and the edge asks it" },
  { room: `${SERVER}/channels/`, forbidden: rooms("edge"), because: "data flows from the edge inwards" },
];

/** What a file breaks, in sentences. */
export function violationsOf(path: string, source: string): readonly string[] {
  return BOUNDARIES.filter(({ room, forbidden, except = [] }) => {
    return path.startsWith(room) && !except.some((start) => path.startsWith(start)) && forbidden.test(source);
  }).map(({ because, forbidden }) => `${path}: ${because} (${forbidden.exec(source)?.[0] ?? ""})`);
}

if (import.meta.main) {
  const violations: string[] = [];
  for await (const path of new Glob("packages/*/src/**/*.ts").scan(".")) {
    if (!path.endsWith(".test.ts")) violations.push(...violationsOf(path, await Bun.file(path).text()));
  }
  for (const violation of violations) console.log(violation);
  console.log(`${violations.length} crossings of the house's boundaries`);
  process.exit(violations.length === 0 ? 0 : 1);
}
