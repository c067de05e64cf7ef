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

const ours = (names: string): RegExp => new RegExp(`from "@longwave/(?:${names})["/]`);
const rooms = (names: string): RegExp => new RegExp(`from "(?:\\.\\./)+(?:${names})/`);
const SERVER = "packages/server/src";
/** The rooms that are one capability each. */
const CAPABILITIES = "groups|actions|history|presence|objects|files|push";
/** Tests of whole processes and the clients around them, which live in the machine's own time. */
const BAD_DAYS = `${SERVER}/bad-days/`;

const BOUNDARIES: readonly Boundary[] = [
  {
    room: "packages/protocol/src/",
    forbidden: /from "(?!\.\.?\/)/,
    because: "the protocol imports nothing but itself",
  },
  { room: "packages/client/src/", forbidden: ours("server|cli"), because: "the SDK imports the protocol only" },
  {
    room: "packages/client/src/",
    forbidden: /from "(?:node|bun):/,
    because: "the SDK runs on web standards alone",
    except: ["packages/client/src/transport/background.ts"],
  },
  { room: `${SERVER}/`, forbidden: ours("client|cli"), because: "the server knows no client" },
  {
    room: `${SERVER}/`,
    forbidden: /\b(?:Date\.now|new Date\(\)|performance\.now|setTimeout|setInterval|Bun\.sleep|Bun\.nanoseconds)\b/,
    because: "time comes from the clock port",
    except: [`${SERVER}/adapters/embedded/system-clock.ts`, BAD_DAYS],
  },
  {
    room: `${SERVER}/`,
    forbidden: rooms("adapters"),
    because: "only main.ts and rooms.ts build adapters",
    except: [
      `${SERVER}/adapters/`,
      `${SERVER}/conformance/`,
      BAD_DAYS,
      `${SERVER}/main.ts`,
      `${SERVER}/rooms.ts`,
      `${SERVER}/index.ts`,
    ],
  },
  {
    room: `${SERVER}/ports/`,
    forbidden: rooms(`edge|channels|access|adapters|observe|${CAPABILITIES}`),
    because: "ports know no room",
  },
  {
    room: `${SERVER}/adapters/`,
    forbidden: rooms(`edge|channels|access|${CAPABILITIES}`),
    because: "adapters serve ports, not rooms",
  },
  ...CAPABILITIES.split("|").map((room) => ({
    room: `${SERVER}/${room}/`,
    forbidden: rooms(`edge|channels|${CAPABILITIES}`),
    because: "a capability reaches others through its ports and what main.ts hands it",
  })),
  { room: `${SERVER}/access/`, forbidden: rooms("edge|channels"), because: "access decides, and the edge asks it" },
  {
    room: `${SERVER}/channels/`,
    forbidden: rooms(`edge|${CAPABILITIES}`),
    because: "data flows from the edge inwards, and capabilities lean on channels, not the other way round",
  },
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
