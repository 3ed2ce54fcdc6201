// Type tests: what follows from the words. The assertions are made by the compiler; running them does nothing more.
import {
  Any,
  ArrayOf,
  Attribute,
  Boolean,
  Bytes,
  CollectionOf,
  Default,
  Empty,
  Enum,
  Error,
  type ErrorNamesOf,
  ErrorResult,
  type ErrorsOf,
  Field,
  Float32,
  Format,
  FormatUUID,
  GET,
  HTTP,
  type InOf,
  Int,
  Int64,
  MapOf,
  Method,
  type MethodNamesOf,
  MinLength,
  type OutOf,
  Param,
  Payload,
  type PayloadOf,
  Required,
  Response,
  Result,
  type ResultOf,
  ResultType,
  Service,
  StatusNotFound,
  StreamingPayload,
  type StreamingPayloadOf,
  StreamingResult,
  type StreamOf,
  String,
  Type,
  UInt64,
  View,
  type ViewNamesOf,
} from "./mod.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles only when the types are the same. */
function same<A, B>(_equal: Equal<A, B>): void {}

Deno.test("primitives have the types of the contract", () => {
  const All = Type(
    "All",
    Field(1, "boolean", Boolean),
    Field(2, "int", Int),
    Field(3, "int64", Int64),
    Field(4, "uint64", UInt64),
    Field(5, "float32", Float32),
    Field(6, "string", String, Format(FormatUUID)),
    Field(7, "bytes", Bytes),
    Field(8, "any", Any),
    Field(9, "untyped"),
    Required("boolean", "int", "int64", "uint64", "float32", "string", "bytes", "any", "untyped"),
  );
  same<InOf<typeof All>, {
    boolean: boolean;
    int: number;
    int64: bigint;
    uint64: bigint;
    float32: number;
    string: string;
    bytes: Uint8Array;
    any: unknown;
    untyped: string;
  }>(true);
  same<OutOf<typeof All>["bytes"], Uint8Array<ArrayBuffer>>(true);
});

Deno.test("what is not required is optional, what has a default is there for the receiver", () => {
  const T = Type(
    "T",
    Field(1, "required", Int),
    Field(2, "optional", Int),
    Field(3, "defaulted", Int, Default(1)),
    Field(4, "both", Int, Default(1)),
    Required("required", "both"),
  );
  same<
    InOf<typeof T>,
    {
      required: number;
      optional?: number | undefined;
      defaulted?: number | undefined;
      both?: number | undefined;
    }
  >(true);
  same<OutOf<typeof T>, { required: number; optional?: number | undefined; defaulted: number; both: number }>(
    true,
  );
});

Deno.test("Enum narrows, in elements and under names too", () => {
  const Colour = Type("Colour", String, Enum("red", "white"));
  const T = Type(
    "T",
    Field(1, "colour", Colour),
    Field(2, "size", Int, Enum(1, 2), Default(1)),
    Field(3, "tags", ArrayOf(String, Enum("a", "b"))),
    Field(4, "big", Int64, Enum(1n, 2n)),
    Required("colour", "tags", "big"),
  );
  same<
    OutOf<typeof T>,
    { colour: "red" | "white"; size: 1 | 2; tags: ("a" | "b")[]; big: 1n | 2n }
  >(true);
  same<InOf<typeof T>["tags"], readonly ("a" | "b")[]>(true);
});

Deno.test("arrays and maps", () => {
  const T = Type(
    "T",
    Field(1, "array", ArrayOf(Bytes)),
    Field(2, "record", MapOf(String, Int)),
    Field(3, "map", MapOf(Int64, ArrayOf(String))),
    Field(4, "object", Field(1, "a", Int), Required("a")),
    Required("array", "record", "map", "object"),
  );
  same<
    InOf<typeof T>,
    {
      array: readonly Uint8Array[];
      record: Readonly<Record<string, number>>;
      map: ReadonlyMap<bigint, readonly string[]>;
      object: { a: number };
    }
  >(true);
  same<
    OutOf<typeof T>,
    {
      array: Uint8Array<ArrayBuffer>[];
      record: Record<string, number>;
      map: Map<bigint, string[]>;
      object: { a: number };
    }
  >(true);
});

interface Node {
  name: string;
  next?: Node;
}
const Node: Type<Node> = Type(
  "Node",
  Field(1, "name", String),
  Field(2, "next", () => Node),
  Required("name"),
);

interface TreeIn {
  size?: number;
  children?: readonly TreeIn[];
}
interface TreeOut {
  size: number;
  children?: TreeOut[];
}
const Tree: Type<TreeIn, TreeOut> = Type(
  "Tree",
  Field(1, "size", Int, Default(0)),
  Field(2, "children", ArrayOf(() => Tree)),
);

Deno.test("recursive types are annotated, and the annotation is checked", () => {
  same<InOf<typeof Node>, Node>(true);
  same<OutOf<typeof Tree>, TreeOut>(true);
  const T = Type("T", Field(1, "node", Node), Required("node"));
  same<OutOf<typeof T>, { node: Node }>(true);
  // An annotation that promises the receiver more than the words do.
  interface Bad {
    name: string;
    next: Bad;
  }
  // @ts-expect-error next may be missing
  const Bad: Type<Bad> = Type("Bad", Field(1, "name", String), Field(2, "next", () => Bad), Required("name"));
});

const Owner = ResultType(
  "application/vnd.owner",
  Field(1, "id", Int),
  Field(2, "email", String),
  Required("id"),
  View("tiny", "id"),
);
const Bottle = ResultType(
  "application/vnd.bottle",
  Field(1, "id", Int),
  Field(2, "name", String),
  Field(3, "owner", Owner),
  Field(4, "rating", Int, Default(3)),
  Required("id", "name", "owner"),
  View("default", "id", "name", "owner"),
  View("tiny", "id", "rating", Attribute("owner", View("tiny"))),
);
type OwnerOut = { id: number; email?: string | undefined };

const cellar = Service(
  "cellar",
  Error("gone"),
  Error("busy", Field(1, "retry", Int, Default(1)), Required("retry")),
  Method("open", Result(Bottle)),
  Method("tiny", Result(Bottle, View("tiny"))),
  Method("list", StreamingResult(CollectionOf(Bottle))),
  Method("tinies", Result(CollectionOf(Bottle), View("tiny"))),
  Method("owner", Result(ResultType("application/vnd.one", Field(1, "a"), Required("a")))),
  Method("plain", Payload(Int), Result(ArrayOf(Bottle))),
  Method("nothing", Payload(Empty), Error("gone", String), Error("own", ErrorResult)),
  Method(
    "echo",
    Payload(Node, Required("next")),
    StreamingPayload(Bytes),
    StreamingResult(MapOf(String, Any), "a description", MinLength(1)),
    Error("not_found"),
  ),
);
type Cellar = typeof cellar;

Deno.test("a view that is not picked leaves optional what some view leaves out", () => {
  same<
    ResultOf<Cellar, "open">,
    {
      id: number;
      owner: OwnerOut | { id: number };
      name?: string | undefined;
      rating?: number | undefined;
    }
  >(true);
  same<ResultOf<Cellar, "open", "in">["rating"], number | undefined>(true);
  same<ResultOf<Cellar, "open", "in">["owner"], { id: number; email?: string | undefined }>(true);
  same<ViewNamesOf<Cellar, "open">, "default" | "tiny">(true);
  same<StreamOf<Cellar, "list">[number]["name"], string | undefined>(true);
  same<StreamOf<Cellar, "list">[number]["id"], number>(true);
  same<ViewNamesOf<Cellar, "list">, "default" | "tiny">(true);
});

Deno.test("a view that is picked has exactly its attributes", () => {
  same<ResultOf<Cellar, "tiny">, { id: number; rating: number; owner: { id: number } }>(true);
  same<ViewNamesOf<Cellar, "tiny">, never>(true);
  same<ResultOf<Cellar, "tinies">, { id: number; rating: number; owner: { id: number } }[]>(true);
  same<ResultOf<Cellar, "owner">, { a: string }>(true);
  same<ViewNamesOf<Cellar, "owner">, never>(true);
  // In another type a result type shows its default view.
  same<ResultOf<Cellar, "plain">, { id: number; name: string; owner: OwnerOut }[]>(true);
  const T = Type("T", Field(1, "b", Bottle, View("tiny")), Required("b"));
  same<OutOf<typeof T>["b"]["rating"], number>(true);
});

Deno.test("methods: absent is undefined, Required on a type counts, errors of the service are in", () => {
  same<MethodNamesOf<Cellar>, "open" | "tiny" | "list" | "tinies" | "owner" | "plain" | "nothing" | "echo">(
    true,
  );
  same<PayloadOf<Cellar, "nothing">, undefined>(true);
  same<ResultOf<Cellar, "nothing">, undefined>(true);
  same<PayloadOf<Cellar, "plain">, number>(true);
  same<PayloadOf<Cellar, "echo">, { name: string; next: Node }>(true);
  same<StreamingPayloadOf<Cellar, "echo">, Uint8Array>(true);
  same<StreamingPayloadOf<Cellar, "echo", "out">, Uint8Array<ArrayBuffer>>(true);
  same<StreamOf<Cellar, "echo">, Record<string, unknown>>(true);
  same<ErrorNamesOf<Cellar, "echo">, "not_found" | "gone" | "busy">(true);
  same<ErrorsOf<Cellar, "echo">["not_found"]["in"], undefined>(true);
  same<ErrorsOf<Cellar, "echo">["busy"]["in"], { retry?: number | undefined }>(true);
  same<ErrorsOf<Cellar, "echo">["busy"]["out"], { retry: number }>(true);
  same<ErrorsOf<Cellar, "nothing">["gone"]["out"], string>(true);
  same<ErrorsOf<Cellar, "nothing">["own"]["out"], undefined>(true);
});

Deno.test("mistakes do not compile", () => {
  // @ts-expect-error no attribute is named cpuu
  Payload(Field(1, "cpu", Float32), Required("cpuu"));
  // @ts-expect-error nor in the type
  Payload(Node, Required("nextt"));
  // @ts-expect-error not a number
  Field(1, "a", Int, Default("x"));
  // @ts-expect-error Int64 is bigint
  Field(1, "a", Int64, Default(1));
  // @ts-expect-error not a string
  Field(1, "a", Enum(1));
  // @ts-expect-error not in the Enum
  Field(1, "a", Enum("x", "y"), Default("z"));
  // @ts-expect-error no attribute is named idd
  ResultType("application/vnd.a", Field(1, "id"), View("tiny", "idd"));
  // @ts-expect-error no view is named small
  Result(Bottle, View("small"));
  // @ts-expect-error no view is named small
  Field(1, "b", CollectionOf(Bottle), View("small"));
  // @ts-expect-error no views
  Result(Node, View("tiny"));
  // @ts-expect-error not a part
  Payload(Int, 5);
  const undeclared = Method("m", HTTP(GET("/"), Response("b", StatusNotFound)));
  // @ts-expect-error no error is named b
  (() => Service("s", undeclared));
  // And with the error, it does compile.
  (() => Service("s", Error("b"), undeclared));
  const twice = Method("m", Payload(Int));
  // @ts-expect-error two methods of one name
  (() => Service("s", twice, Method("m", Payload(String), HTTP(GET("/"), Param("a")))));
});

Deno.test("a collection keeps what only the richer one of its views shows", () => {
  const Book = ResultType(
    "application/vnd.book",
    Field(1, "id", Int),
    Field(2, "pages", Int),
    Required("id", "pages"),
    View("default", "id", "pages"),
    View("tiny", "id"),
  );
  const library = Service("library", Method("list", Result(CollectionOf(Book))));
  same<ResultOf<typeof library, "list">, { id: number; pages?: number | undefined }[]>(true);
});
