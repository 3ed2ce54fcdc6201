/**
 * Reads a command line: what comes before the method's name is the command's own, what comes after it is the method's
 * first.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { OPTION_SPECS, type OptionName, type OptionSpec, type OptionValues } from "./options.ts";
import { suggestion, UsageError } from "./usage_error.ts";

/** A command line up to the method's name. */
export interface CommandLine {
  /** The options so far; those that follow the method's name are added by {@linkcode readRest}. */
  readonly options: OptionValues;
  /** Path or URL of the design; absent with `--reflect`. */
  readonly design?: string;
  /** Where to call. */
  readonly url?: string;
  /** Name of the service. */
  readonly service?: string;
  /** Name of the method. */
  readonly method?: string;
  /** What follows it. */
  readonly rest: readonly string[];
}

/** A part of a command line, as `parseArgs` tells it. */
interface Token {
  readonly kind: "option" | "positional" | "option-terminator";
  readonly index: number;
  readonly name?: string;
  readonly rawName?: string;
  readonly value?: string;
}

/** A flag that is none of the command's options. */
export interface Flag {
  /** Whether it may stand without a value. */
  readonly boolean: boolean;
  /**
   * Takes it down.
   *
   * @param value `undefined` when it stands without
   */
  take(value: string | undefined): void;
}

function tokensOf(args: readonly string[], options: Readonly<Record<string, OptionSpec>>): Token[] {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { type, short }]) => [
        name,
        { type, multiple: true, ...(short === undefined ? {} : { short }) },
      ]),
    ),
    // Unknown options are told by us, with a suggestion; values may start with a dash.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens as Token[];
}

/** Whether a word is where to call. */
export const isUrl = (word: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(word);

/** Reads a command line. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const options: OptionValues = {};
  const words: string[] = [];
  let end = args.length;
  for (const token of tokensOf(args, OPTION_SPECS)) {
    if (token.kind === "option") {
      if (!takeOption(token, options)) throw unknownOption(token, Object.keys(OPTION_SPECS), words);
    } else if (token.kind === "positional") {
      words.push(token.value!);
      if (words.length === wanted(words, options)) {
        end = token.index + 1;
        break;
      }
    }
  }
  const rest = args.slice(end);
  if (options.reflect !== undefined) {
    const [service, method] = words;
    return { options, url: options.reflect, service, method, rest };
  }
  const [design, ...more] = words;
  // Help needs no server: its URL may be left out.
  const url = more[0] !== undefined && isUrl(more[0]) ? more.shift() : undefined;
  const [service, method] = more;
  return { options, design, url, service, method, rest };
}

function wanted(words: readonly string[], options: OptionValues): number {
  if (options.reflect !== undefined) return 2;
  return words[1] === undefined || isUrl(words[1]) ? 4 : 3;
}

function unknownOption(
  { rawName, name = "" }: Token,
  known: readonly string[],
  words?: readonly string[],
): UsageError {
  const early = words === undefined ? "" : "; a method's own flags come after its name";
  const said = suggestion(name, known);
  const meant = said.includes("did you mean") ? said.replace('"', '"--') : early;
  return new UsageError(`There is no option ${rawName}${meant}`);
}

/** Takes down an option of the command; tells whether it is one. */
function takeOption({ name = "", rawName, value }: Token, options: OptionValues): boolean {
  if (!Object.hasOwn(OPTION_SPECS, name)) return false;
  const spec = OPTION_SPECS[name]!;
  const all = options as Record<OptionName, unknown>;
  const at = name as OptionName;
  if (spec.type === "boolean") {
    if (value !== undefined && value !== "true" && value !== "false") {
      throw new UsageError(`${rawName} takes no value but got ${JSON.stringify(value)}`);
    }
    all[at] = value !== "false";
  } else if (value === undefined) {
    throw new UsageError(`${rawName} needs a value: ${rawName} ${spec.value}`);
  } else if (spec.multiple) ((all[at] ??= []) as string[]).push(value);
  else if (all[at] !== undefined) throw new UsageError(`${rawName} is given twice`);
  else all[at] = value;
  return true;
}

/**
 * The options of a command line before it is known which attributes the method has: those that follow its name may turn
 * out to be attributes, so that they count only where they make sense.
 */
export function peekOptions({ options, rest }: CommandLine): OptionValues {
  const all: OptionValues = { ...options, header: [...options.header ?? []] };
  for (const token of tokensOf(rest, OPTION_SPECS)) {
    try {
      if (token.kind === "option") takeOption(token, all);
    } catch {
      // It is told when the attributes are known.
    }
  }
  return all;
}

/** The name in `--name`, `--name=value`. */
const LONG = /^--([^=]+)/;

/**
 * Reads what follows the method's name: flags of its attributes, and the command's options where no attribute has their
 * name.
 *
 * @param find The flag of a name
 * @param known Names that a mistaken one may be meant for
 */
export function readRest(
  line: CommandLine,
  find: (name: string) => Flag | undefined,
  known: readonly string[],
): void {
  const specs: Record<string, OptionSpec> = { ...OPTION_SPECS };
  const flags = new Map<string, Flag>();
  // parseArgs wants to know before it starts which options have values; maps may have any.
  for (const arg of line.rest) {
    const name = LONG.exec(arg)?.[1];
    const flag = name === undefined ? undefined : find(name);
    if (name === undefined || flag === undefined) continue;
    flags.set(name, flag);
    specs[name] = { type: flag.boolean ? "boolean" : "string", help: "" };
  }
  let last: Token | undefined;
  for (const token of tokensOf(line.rest, specs)) {
    if (token.kind === "option") {
      const flag = flags.get(token.name!);
      if (flag !== undefined) {
        if (token.value === undefined && !flag.boolean) {
          throw new UsageError(`${token.rawName} needs a value`);
        }
        flag.take(token.value);
      } else if (!takeOption(token, line.options)) {
        throw unknownOption(token, [...known, ...Object.keys(OPTION_SPECS)]);
      }
    } else if (token.kind === "positional") {
      const boolean = last?.kind === "option" && last.value === undefined && last.index === token.index - 1;
      throw new UsageError(
        `Cannot make sense of ${JSON.stringify(token.value)}` +
          (boolean
            ? `: ${last!.rawName} is a switch, ${last!.rawName}=false turns it off`
            : ": values follow a flag, as in --name value"),
      );
    }
    last = token;
  }
}
