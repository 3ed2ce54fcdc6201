/**
 * The command: from its arguments to the status it exits with.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { type CommandLine, readCommandLine, readRest } from "./arguments.ts";
import { targetOf } from "./connect.ts";
import { diagnose } from "./diagnose.ts";
import { EXIT, exitCodeOf } from "./exit_codes.ts";
import { payloadFlags } from "./flags.ts";
import { findDesigned, type Found } from "./find.ts";
import { helpOfCommand, helpOfMethod, isMixed } from "./help.ts";
import { Interrupted } from "./interrupts.ts";
import { type CliIo, processIo } from "./io.ts";
import { headersOf, limitsOf, timeOf } from "./option_values.ts";
import { payloadOf } from "./payload.ts";
import { runCall, type Task } from "./run_call.ts";
import { runRaw } from "./run_raw.ts";
import { errorText } from "./show_error.ts";
import { readCertificates } from "./tls.ts";
import { UsageError } from "./usage_error.ts";

/** How far the command has come: what its errors are told by. */
interface Progressed {
  line?: CommandLine;
  method?: MethodModel;
}

/**
 * Runs the command: calls a method of a design, or says what there is to call.
 *
 * @param args What follows the command's name
 * @param io Default: the process's own standard input, output and error
 * @returns The status to exit with; `docs/cli.md` has a table of them
 *
 * @example
 * ```ts
 * import { cli } from "@x/goats/cli";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await cli(["--help"]), 0);
 * ```
 */
export async function cli(args: readonly string[], io: CliIo = processIo): Promise<number> {
  const come: Progressed = {};
  try {
    await run(args, io, come);
    return EXIT.ok;
  } catch (error) {
    // Whoever reads the output has had enough.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.brokenPipe;
    const json = come.line?.options["json-errors"] ?? args.includes("--json-errors");
    io.tell(errorText(error, come.method, json));
    return error instanceof Interrupted ? error.code : exitCodeOf(error, come.method);
  }
}

async function run(args: readonly string[], io: CliIo, come: Progressed): Promise<void> {
  const line = come.line = readCommandLine(args);
  const { options } = line;
  if (options.reflect !== undefined) {
    // Loads what reads descriptors, and grpc-js: a design does without.
    const { findReflected } = await import("./find_reflected.ts");
    return await proceed(await findReflected(line), line, io, come);
  }
  if (line.design === undefined) {
    if (options.help) return await print(helpOfCommand(), io);
    throw new UsageError(helpOfCommand());
  }
  await proceed(await findDesigned(line), line, io, come);
}

/** Tells what there is, or calls it. */
async function proceed(found: Found, line: CommandLine, io: CliIo, come: Progressed): Promise<void> {
  const { options } = line;
  if (found.method === undefined) return await list(found.text, line, io);
  const { method } = found;
  come.method = method;
  const flags = payloadFlags(method.payload);
  readRest(line, flags.find, flags.names);
  if (options.help) return await print(helpOfMethod(method, found.place), io);

  const target = targetOf(urlOf(line));
  const streaming = isStreaming(method, options.stream ?? false);
  checkOffered(method, target.kind);
  const messages = found.messages(streaming, options.view);
  const timeout = options.timeout === undefined ? undefined : timeOf(options.timeout);
  const headers = headersOf(options.header);
  const limits = limitsOf(options["message-bytes"]);
  const certificates = await readCertificates(options);
  const payload = await payloadOf(method, messages, flags, options, io);
  const door = await found.open({ target, certificates, limits });
  let head: Headers | undefined;
  const task: Task = {
    onHead: (headers) => head = headers,
    transport: door.transport,
    method,
    messages,
    payload,
    streaming,
    headers,
    verbose: options.verbose ?? false,
    quiet: options.quiet ?? false,
    ...(timeout === undefined ? {} : { timeout }),
  };
  try {
    const isRaw = method.http?.rawRequest || method.http?.rawResponse;
    if (isRaw) await runRaw(task, io, options.body);
    else await runCall(task, io);
  } catch (error) {
    throw diagnose(error, target, head);
  } finally {
    await door.close();
  }
}

function urlOf({ url, design, service }: CommandLine): string {
  if (url !== undefined) return url;
  throw new UsageError(
    `Where to call? There is no URL between ${design} and ${service}, such as http://127.0.0.1:8080`,
  );
}

async function print(text: string, io: CliIo): Promise<void> {
  await io.write(new TextEncoder().encode(text + "\n"));
}

/** What there is: the answer for those who ask, else what is missing. */
async function list(text: string, { options }: CommandLine, io: CliIo): Promise<void> {
  if (!options.help && options.reflect === undefined) throw new UsageError(text);
  await print(text, io);
}

function isStreaming(method: MethodModel, asked: boolean): boolean {
  if (!asked) return method.streamingResult !== undefined && !isMixed(method);
  if (method.streamingResult !== undefined) return true;
  throw new UsageError(`${method.service}.${method.name} streams no results: --stream has no use`);
}

function checkOffered(method: MethodModel, kind: "http" | "grpc"): void {
  if (method[kind] !== undefined) return;
  const [here, there] = kind === "http" ? ["HTTP", "grpc://"] : ["gRPC", "http://"];
  const word = kind === "http" ? "HTTP(...)" : "GRPC(...)";
  throw new UsageError(
    `${method.service}.${method.name} is not offered over ${here}: its design has no ${word}; call it by ${there}`,
  );
}
