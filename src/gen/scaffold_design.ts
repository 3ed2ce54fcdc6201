/**
 * What `scaffold` writes for a design: for each service an implementation, a client and tests, and what serves them all.
 *
 * @module
 */
import { basename, dirname, relative, resolve } from "node:path";
import type { GeneratedFile } from "./files.ts";
import { type LoadedService, loadServices } from "./load.ts";
import type { Matching } from "./sample.ts";
import { clientText, wayOf } from "./scaffold_client.ts";
import type { Place } from "./scaffold_place.ts";
import { samplesOf } from "./scaffold_samples.ts";
import { serviceText } from "./scaffold_service.ts";
import { appText, authText, mainText, schemesOf, served } from "./scaffold_shared.ts";
import { testText } from "./scaffold_test_text.ts";

/** Names that the files use themselves. */
const TAKEN =
  /^(?:auth|body|call|client|accepted|declared|deepEqual|demo|given|grpc|grpcClient|http|httpClient|httpHandler|implement|memoryClient|message|rejects|result|run|same|serve|server|stream|default)$/;

/**
 * The files for the services of a design.
 *
 * @param path The design's module
 * @param folder Where the files shall be
 * @throws {LoadError} When the module is no design, or something in it has no value
 */
export async function designFiles(path: string, folder: string): Promise<readonly GeneratedFile[]> {
  const exported = await loadServices([path]);
  const goats = await goatsOf(path);
  const many = exported.length > 1;
  const place = (matching: Matching) => ({ exported: name, design: { model } }: LoadedService): Place => {
    const own = many ? `./${model.name.toLowerCase().replace(/[^\w-]+/g, "_")}` : ".";
    const identifier = name === "default" ? camel(model.name) : name;
    return {
      samples: samplesOf(model, { matching }),
      folder: own,
      up: many ? ".." : ".",
      design: specifier(resolve(folder, own), resolve(path)),
      exported: name,
      local: TAKEN.test(identifier) ? `${identifier}Design` : identifier,
      implementation: `${identifier}Service`,
      goats,
    };
  };
  const places = await withPatterns((matching) => exported.map(place(matching)));
  return filesOf(places);
}

function filesOf(places: readonly Place[]): GeneratedFile[] {
  const schemes = schemesOf(places);
  const { http, grpc } = served(places);
  const files = places.flatMap((place) => {
    const at = (name: string) => `${place.folder.slice(2)}${place.folder === "." ? "" : "/"}${name}`;
    const called = place.samples.methods.some((samples) => wayOf(samples) !== undefined);
    return [
      { path: at("service.ts"), text: serviceText(place) },
      ...called ? [{ path: at("client.ts"), text: clientText(place) }] : [],
      { path: at("service_test.ts"), text: testText(place) },
    ];
  });
  return [
    ...files,
    ...schemes.size > 0 ? [{ path: "auth.ts", text: authText(places[0]!, schemes) }] : [],
    ...http || grpc ? [{ path: "main.ts", text: mainText(places, schemes) }] : [],
    ...http ? [{ path: "app.ts", text: appText(places, schemes) }] : [],
  ];
}

/** This package as the design imports it, so that what is written finds the same one. */
async function goatsOf(path: string): Promise<string> {
  const text = await Deno.readTextFile(path);
  return /from\s*["']((?:jsr:\/?)?@x\/goats(?:@[^"'/]*)?)\/design["']/.exec(text)?.[1] ?? "@x/goats";
}

/** Patterns are asked for seldom, and what makes texts for them is large: it is loaded then. */
async function withPatterns<T>(make: (matching: Matching) => T): Promise<T> {
  let asked = false;
  const none: Matching = () => {
    asked = true;
    return [];
  };
  let made: T | undefined;
  let failure: unknown;
  try {
    made = make(none);
  } catch (error) {
    failure = error;
  }
  if (!asked) {
    if (failure !== undefined) throw failure;
    return made!;
  }
  const { default: fc } = await import("fast-check");
  return make(function* (pattern) {
    try {
      yield* fc.sample(fc.stringMatching(pattern), { seed: 1, numRuns: 100 });
    } catch {
      // It has no form for everything that patterns can say.
    }
  });
}

function specifier(from: string, to: string): string {
  const path = relative(from, dirname(to)).replaceAll("\\", "/");
  const folder = path === "" ? "." : path.startsWith(".") ? path : `./${path}`;
  return `${folder}/${basename(to)}`;
}

function camel(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const text = words.map((word, at) => at === 0 ? word : word[0]!.toUpperCase() + word.slice(1)).join("");
  return /^[A-Za-z]/.test(text) ? text : `service${text}`;
}
