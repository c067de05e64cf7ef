/**
 * The filter language of subscribe requests.
 *
 * @module
 */
export { type Filterable, type Predicate, compileFilter } from "./evaluate.ts";
export { type Expression, printFilter } from "./expression.ts";
export { type FilterOutcome, parseFilter } from "./parser.ts";
