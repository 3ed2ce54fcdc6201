/** What the designs of the table are built of: kinds of data with values, and what a receiver shall get for each. */
import {
  Any,
  ArrayOf,
  Boolean,
  Bytes,
  CollectionOf,
  Default,
  Field,
  Float32,
  Float64,
  Int,
  Int64,
  MapOf,
  OneOf,
  Param,
  Required,
  ResultType,
  String,
  Type,
  UInt64,
  View,
} from "../../src/design/mod.ts";

/** A value to send. */
export interface Sample {
  /** As it is sent. */
  readonly in: unknown;
  /** As it arrives. */
  readonly out: unknown;
  /** As it arrives as a result, by name of view. */
  readonly views?: Readonly<Record<string, unknown>>;
}

/** A kind of data. */
export interface Block {
  /** For the names of designs. */
  readonly name: string;
  /** What stands in Payload, Result and their streaming forms; empty for none. */
  readonly parts: readonly unknown[];
  /** What stands there in results, when it is more: a view that is picked. */
  readonly resultParts?: readonly unknown[];
  /** Views to choose at run time. */
  readonly views?: readonly string[];
  /** The values. */
  readonly samples: readonly Sample[];
  /** A payload that may open a stream: what stands in it and in HTTP, and values. */
  readonly opening?: {
    readonly parts: readonly unknown[];
    readonly http: readonly unknown[];
    readonly sample: Sample;
  };
}

const same = (...values: unknown[]): Sample[] => values.map((value) => ({ in: value, out: value }));

function scalar(name: string, type: unknown, ...values: unknown[]): Block {
  const [sample] = same(...values);
  return {
    name,
    parts: [type],
    samples: same(...values),
    opening: { parts: [type], http: [Param("value")], sample: sample! },
  };
}

const attributes = {
  parts: [
    Field(1, "name", String),
    Field(2, "size", Int, Default(3)),
    Field(3, "tags", ArrayOf(String)),
    Required("name"),
  ],
  http: [Param("name"), Param("size:s"), Param("tags")],
};

const Place = Type("Place", Field(1, "at", ArrayOf(Float64)), Field(2, "open", Boolean, Default(true)));

const Trip = Type(
  "Trip",
  Field(1, "id", Int64),
  Field(2, "title", String, Default("untitled")),
  Field(3, "start", Place),
  Field(4, "stops", ArrayOf(Place)),
  Field(5, "prices", MapOf(String, Float32)),
  Field(6, "photo", Bytes),
  Required("id", "start"),
);

interface Tree {
  readonly label: string;
  readonly branches?: readonly Tree[];
}
const Tree: Type<Tree> = Type(
  "Tree",
  Field(1, "label"),
  Field(2, "branches", ArrayOf(() => Tree)),
  Required("label"),
);

const Pet = Type(
  "Pet",
  Field(1, "name"),
  OneOf("sort", Field(2, "cat", Int), Field(3, "dog", Place)),
  Required("name"),
);

const Bottle = ResultType(
  "application/vnd.designs.bottle",
  Field(1, "id", Int),
  Field(2, "name", String),
  Field(3, "year", Int, Default(1999)),
  Field(4, "place", Place),
  Required("id", "name"),
  View("default", "id", "name", "year", "place"),
  View("tiny", "id", "name"),
);

const Owner = ResultType(
  "application/vnd.designs.owner",
  Field(1, "id", Int),
  Field(2, "bottle", Bottle),
  Field(3, "bottles", CollectionOf(Bottle)),
  Required("id"),
  View("default", "id", "bottle", "bottles"),
  View("short", "id", "bottle"),
);

const bottle = { id: 1, name: "Pinot", place: { at: [1.5, -2] } };
const whole = { id: 1, name: "Pinot", year: 1999, place: { at: [1.5, -2], open: true } };
const tiny = { id: 1, name: "Pinot" };
const plain = { id: 2, name: "Merlot", year: 2020 };
const bottles: readonly Sample[] = [
  { in: bottle, out: whole, views: { default: whole, tiny } },
  { in: plain, out: plain, views: { default: plain, tiny: { id: 2, name: "Merlot" } } },
];
const collections: readonly Sample[] = [
  {
    in: [bottle, plain],
    out: [whole, plain],
    views: { default: [whole, plain], tiny: [tiny, { id: 2, name: "Merlot" }] },
  },
  { in: [], out: [], views: { default: [], tiny: [] } },
];

function pinned(samples: readonly Sample[], view: string): readonly Sample[] {
  return samples.map((sample) => ({ ...sample, views: { default: sample.views![view] } }));
}

const object = {
  ...attributes,
  sample: { in: { name: "n", tags: ["a", "b"] }, out: { name: "n", size: 3, tags: ["a", "b"] } },
};

/** All kinds. */
export const blocks: readonly Block[] = [
  { name: "none", parts: [], samples: [{ in: undefined, out: undefined }] },
  scalar("Boolean", Boolean, true, false),
  scalar("Int", Int, -7, 0, 2_147_483_647),
  scalar("Int64", Int64, -9_223_372_036_854_775_808n, 0n, 9_007_199_254_740_993n),
  scalar("UInt64", UInt64, 18_446_744_073_709_551_615n, 0n),
  scalar("Float64", Float64, -1.5e-300, 0, 0.1),
  scalar("String", String, "Grüße, 日本 🍷", " ", 'a "quoted"\nline'),
  scalar("Bytes", Bytes, new Uint8Array([0, 127, 255]), new Uint8Array([1])),
  { name: "Any", parts: [Any], samples: same({ a: [1, "x", null, { b: true }] }, "text", 1.5, [false]) },
  {
    name: "array of primitives",
    parts: [ArrayOf(Int64)],
    samples: same([1n, -9_007_199_254_740_993n], [], [0n]),
    opening: { parts: [ArrayOf(Int64)], http: [Param("value")], sample: same([5n, -6n])[0]! },
  },
  {
    name: "array of objects",
    parts: [ArrayOf(Place)],
    samples: [
      { in: [{ at: [1], open: false }, {}], out: [{ at: [1], open: false }, { open: true }] },
      { in: [], out: [] },
    ],
  },
  { name: "array of arrays", parts: [ArrayOf(ArrayOf(String))], samples: same([["a", ""], [], ["b"]], []) },
  { name: "map of strings", parts: [MapOf(String, Int)], samples: same({ a: 1, "": -2, b: 0 }, {}) },
  {
    name: "map of Int64",
    parts: [MapOf(Int64, Place)],
    samples: [
      {
        in: new Map([[9_007_199_254_740_993n, { at: [0.5] }], [-1n, { open: false }]]),
        out: new Map<bigint, object>([[9_007_199_254_740_993n, { at: [0.5], open: true }], [-1n, {
          open: false,
        }]]),
      },
      { in: new Map(), out: new Map() },
    ],
  },
  {
    name: "inline object",
    parts: attributes.parts,
    samples: [
      { in: { name: "n" }, out: { name: "n", size: 3 } },
      { in: { name: "", size: 0, tags: ["x"] }, out: { name: "", size: 0, tags: ["x"] } },
    ],
    opening: object,
  },
  {
    name: "user type",
    parts: [Trip],
    samples: [
      { in: { id: 1n, start: {} }, out: { id: 1n, title: "untitled", start: { open: true } } },
      {
        in: {
          id: -1n,
          title: "",
          start: { at: [1, 2.5], open: false },
          stops: [{}, { at: [3] }],
          prices: { full: 12.5, half: 6.25 },
          photo: new Uint8Array([9]),
        },
        out: {
          id: -1n,
          title: "",
          start: { at: [1, 2.5], open: false },
          stops: [{ open: true }, { at: [3], open: true }],
          prices: { full: 12.5, half: 6.25 },
          photo: new Uint8Array([9]),
        },
      },
    ],
    opening: object,
  },
  {
    name: "recursive type",
    parts: [Tree],
    samples: same({ label: "a", branches: [{ label: "b" }, { label: "c", branches: [{ label: "d" }] }] }, {
      label: "",
    }),
  },
  {
    name: "union",
    parts: [Pet],
    samples: [
      {
        in: { name: "Mia", sort: { type: "cat", value: 0 } },
        out: { name: "Mia", sort: { type: "cat", value: 0 } },
      },
      {
        in: { name: "Rex", sort: { type: "dog", value: {} } },
        out: { name: "Rex", sort: { type: "dog", value: { open: true } } },
      },
      { in: { name: "?" }, out: { name: "?" } },
    ],
  },
  {
    name: "result type, view at run time",
    parts: [Bottle],
    views: ["default", "tiny"],
    samples: bottles,
    opening: object,
  },
  {
    name: "result type, pinned view",
    parts: [Bottle],
    resultParts: [Bottle, View("tiny")],
    samples: pinned(bottles, "tiny"),
  },
  {
    name: "collection, view at run time",
    parts: [CollectionOf(Bottle)],
    views: ["default", "tiny"],
    samples: collections,
  },
  {
    name: "collection, pinned view",
    parts: [CollectionOf(Bottle)],
    resultParts: [CollectionOf(Bottle), View("tiny")],
    samples: pinned(collections, "tiny"),
  },
  {
    name: "result types inside",
    parts: [Owner],
    views: ["default", "short"],
    samples: [
      {
        in: { id: 1, bottle, bottles: [plain] },
        out: { id: 1, bottle: whole, bottles: [plain] },
        views: { default: { id: 1, bottle: whole, bottles: [plain] }, short: { id: 1, bottle: whole } },
      },
    ],
  },
];
