/**
 * .proto files that every server of ours tells of and that no design has: what errors carry, and the health protocol,
 * whose enum the words of a design cannot say.
 *
 * @module
 */
import protobuf from "protobufjs/minimal.js";
import type { ProtoFile } from "../codec/proto_descriptor.ts";

/** Fields of a message of google/protobuf/descriptor.proto, by number. */
type Fields = readonly (readonly [field: number, value: string | number | Fields])[];

/** Numbers of fields in messages of descriptor.proto: names are field 1 in all of them. */
const FILE = { name: 1, package: 2, message: 4, service: 6, syntax: 12 } as const;
const MESSAGE = { name: 1, field: 2, nested: 3, enum: 4, options: 7 } as const;
const METHOD = { name: 1, input: 2, output: 3, serverStreaming: 6 } as const;
const MAP_ENTRY = 7;
/** Labels and types of fields. */
const ONE = 1;
const REPEATED = 3;
const BOOL = 8;
const STRING = 9;
const MESSAGE_TYPE = 11;
const ENUM = 14;

function write(writer: protobuf.Writer, fields: Fields): protobuf.Writer {
  for (const [field, value] of fields) {
    if (typeof value === "number") writer.uint32(field << 3).int32(value);
    else if (typeof value === "string") writer.uint32(field << 3 | 2).string(value);
    else write(writer.uint32(field << 3 | 2).fork(), value).ldelim();
  }
  return writer;
}

function file(name: string, home: string, symbols: readonly string[], content: Fields): ProtoFile {
  const fields: Fields = [[FILE.name, name], [FILE.package, home], ...content, [FILE.syntax, "proto3"]];
  const bytes = write(protobuf.Writer.create(), fields).finish();
  return { name, dependencies: [], symbols: symbols.map((symbol) => `${home}.${symbol}`), bytes };
}

function field(number: number, name: string, type: number, typeName?: string, label = ONE): Fields {
  const base: Fields = [[1, name], [3, number], [4, label], [5, type]];
  return typeName === undefined ? base : [...base, [6, typeName]];
}

function message(name: string, fields: readonly Fields[], rest: Fields = []): Fields {
  return [[MESSAGE.name, name], ...fields.map((field) => [MESSAGE.field, field] as const), ...rest];
}

/** Goa's error message (goa.design/goa/v3/grpc/pb), which clients find in `google.rpc.Status` by its name. */
export const ERROR_FILE: ProtoFile = file("goadesign_goa_error.proto", "goapb", ["ErrorResponse"], [
  [
    FILE.message,
    message("ErrorResponse", [
      field(1, "name", STRING),
      field(2, "id", STRING),
      field(3, "message", STRING),
      field(4, "temporary", BOOL),
      field(5, "timeout", BOOL),
      field(6, "fault", BOOL),
    ]),
  ],
]);

const HEALTH = ".grpc.health.v1";
const rpc = (name: string, input: string, output: string, rest: Fields = []): Fields => [
  [METHOD.name, name],
  [METHOD.input, `${HEALTH}.${input}`],
  [METHOD.output, `${HEALTH}.${output}`],
  ...rest,
];
const STATUSES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

/** grpc/health/v1/health.proto. */
export const HEALTH_FILE: ProtoFile = file(
  "grpc/health/v1/health.proto",
  "grpc.health.v1",
  [
    "HealthCheckRequest",
    "HealthCheckResponse",
    "HealthCheckResponse.ServingStatus",
    "HealthListRequest",
    "HealthListResponse",
    "HealthListResponse.StatusesEntry",
    "Health",
    "Health.Check",
    "Health.List",
    "Health.Watch",
  ],
  [
    [FILE.message, message("HealthCheckRequest", [field(1, "service", STRING)])],
    [
      FILE.message,
      message(
        "HealthCheckResponse",
        [field(1, "status", ENUM, `${HEALTH}.HealthCheckResponse.ServingStatus`)],
        [[
          MESSAGE.enum,
          [[1, "ServingStatus"], ...STATUSES.map((name, n) => [2, [[1, name], [2, n]]] as const)],
        ]],
      ),
    ],
    [FILE.message, message("HealthListRequest", [])],
    [
      FILE.message,
      message(
        "HealthListResponse",
        [field(1, "statuses", MESSAGE_TYPE, `${HEALTH}.HealthListResponse.StatusesEntry`, REPEATED)],
        [[
          MESSAGE.nested,
          message("StatusesEntry", [
            field(1, "key", STRING),
            field(2, "value", MESSAGE_TYPE, `${HEALTH}.HealthCheckResponse`),
          ], [[MESSAGE.options, [[MAP_ENTRY, 1]]]]),
        ]],
      ),
    ],
    [FILE.service, [
      [1, "Health"],
      [2, rpc("Check", "HealthCheckRequest", "HealthCheckResponse")],
      [2, rpc("List", "HealthListRequest", "HealthListResponse")],
      [2, rpc("Watch", "HealthCheckRequest", "HealthCheckResponse", [[METHOD.serverStreaming, 1]])],
    ]],
  ],
);
