/** A design with every kind of type, in every place: what generators are tried with. */
import {
  Any,
  APIKey,
  APIKeySecurity,
  ArrayOf,
  Attribute,
  Boolean,
  Bytes,
  CollectionOf,
  Default,
  Deprecated,
  Elem,
  Enum,
  Error,
  ErrorResult,
  Example,
  ExclusiveMinimum,
  Extend,
  Field,
  Float32,
  Float64,
  Format,
  FormatUUID,
  GET,
  GRPC,
  Header,
  HTTP,
  Idempotent,
  Int,
  Int32,
  Int64,
  JWTSecurity,
  Key,
  MapOf,
  MapParams,
  Maximum,
  Meta,
  Method,
  Minimum,
  MinLength,
  NoSecurity,
  OneOf,
  Param,
  Pattern,
  Payload,
  POST,
  Reference,
  Required,
  Response,
  Result,
  ResultType,
  Security,
  ServerSentEvents,
  Service,
  SkipRequestBodyEncodeDecode,
  SkipResponseBodyEncodeDecode,
  StatusConflict,
  StatusOK,
  StreamingPayload,
  StreamingResult,
  String,
  Token,
  Type,
  UInt,
  UInt32,
  UInt64,
  View,
} from "@x/goats/design";

const Color = Type("Color", String, "What it looks like", Enum("red", "green", "deep blue"));
const Level = Type("Level", Int, Minimum(0), Maximum(9));
const Names = Type("Names", ArrayOf(String, MinLength(1)));

const Place = Type(
  "Place",
  "Somewhere",
  Field(1, "at", ArrayOf(Float64), "Coordinates"),
  Field(2, "open", Boolean, Default(true)),
);

export interface Tree {
  label: string;
  branches?: readonly Tree[] | undefined;
}
export interface TreeOut {
  label: string;
  branches?: TreeOut[] | undefined;
}
export const Tree: Type<Tree, TreeOut> = Type(
  "Tree",
  Field(1, "label"),
  Field(2, "branches", ArrayOf(() => Tree)),
  Required("label"),
);

export interface Link {
  to: string;
  next?: Link | undefined;
}
export const Link: Type<Link> = Type(
  "Link",
  Field(1, "to"),
  Field(2, "next", () => Link),
  Required("to"),
);

const Pet = Type(
  "Pet",
  Field(1, "name"),
  OneOf("sort", Field(2, "cat", Int), Field(3, "dog", Place), "Which animal"),
  OneOf(
    "toy",
    Field(4, "ball", Color, Meta("oneof:type:tag", "a ball")),
    Field(5, "rope", Float32),
    Meta("oneof:type:field", "kind"),
    Meta("oneof:value:field", "it"),
  ),
  Required("name", "toy"),
);

const Bottle = ResultType(
  "application/vnd.kinds.bottle",
  "A bottle; */ even so",
  Field(1, "id", Int, Example("the first", 1)),
  Field(2, "name", String, "Its name\n\n@deprecated is no tag here"),
  Field(3, "year", Int, Default(1999), ExclusiveMinimum(1800)),
  Field(4, "place", Place),
  Required("id", "name"),
  View("default", "id", "name", "year", "place"),
  View("tiny", "id", "name"),
);

const Owner = ResultType(
  "application/vnd.kinds.owner",
  Field(1, "id", Int),
  Field(2, "bottle", Bottle),
  Field(3, "bottles", CollectionOf(Bottle)),
  Field(4, "best", Bottle, View("tiny")),
  Required("id", "best"),
  View("default", "id", "bottle", "bottles"),
  View("short", "id", Attribute("bottle", View("tiny"))),
  View("full", "id", "bottle", "bottles", "best"),
);

const Plain = ResultType(
  "application/vnd.kinds.plain",
  Field(1, "n", Int),
  Field(2, "m", Level),
  Required("n"),
);

const Base = Type(
  "Base",
  Field(1, "id", Int64, "Number"),
  Field(2, "kind", String, Default("x")),
  Required("id"),
);
const More = Type("More", Extend(Base), Field(3, "more", Bytes));
const Some = Type("Some", Reference(Base), Field(1, "id"), Field(2, "kind"), Field(3, "own", UInt64));

const Everything = Type(
  "Everything",
  Field(1, "boolean", Boolean, Enum(true)),
  Field(2, "int", Int, Enum(1, 2, 3)),
  Field(3, "int32", Int32, Default(-1)),
  Field(4, "int64", Int64, Enum(1n, 9_007_199_254_740_993n)),
  Field(5, "uint", UInt),
  Field(6, "uint32", UInt32),
  Field(7, "uint64", UInt64, Default(18_446_744_073_709_551_615n)),
  Field(8, "float32", Float32),
  Field(9, "float64", Float64),
  Field(10, "string", String, Pattern("^[a-z]*/$"), Default("a/")),
  Field(11, "bytes", Bytes),
  Field(12, "any", Any),
  Field(13, "color", Color),
  Field(14, "narrow", Color, Enum("red")),
  Field(15, "level", Level),
  Field(16, "names", Names),
  Field(17, "matrix", ArrayOf(ArrayOf(Int))),
  Field(18, "colors", ArrayOf(Color)),
  Field(19, "words", ArrayOf(String, Enum("a", "b"))),
  Field(20, "prices", MapOf(String, Float32)),
  Field(21, "by_color", MapOf(Color, Place)),
  Field(22, "by_word", MapOf(String, Int, Key(Enum("x", "y z")), Elem(Enum(1, 2)))),
  Field(23, "by_number", MapOf(Int64, ArrayOf(Bytes))),
  Field(24, "pet", Pet),
  Field(25, "tree", Tree),
  Field(26, "link", Link),
  Field(27, "more", More),
  Field(28, "some", Some),
  Field(29, "bottle", Bottle),
  Field(30, "best", Bottle, View("tiny")),
  Field(31, "bottles", CollectionOf(Bottle)),
  Field(32, "inline", Field(1, "a", String), Field(2, "deep", Field(1, "b", Bytes), Required("b"))),
  Field(33, "inlines", ArrayOf(Field(1, "a", Int), Required("a"))),
  Field(34, "problem", ErrorResult),
  Field(35, "with-dash", String, Format(FormatUUID)),
  Field(36, "message", String),
  Field(37, "plain", Plain),
  Required("boolean", "string", "inline", "any", "with-dash"),
);

const jwt = JWTSecurity<{ readonly user: string }>("jwt", "Who it is");
const key = APIKeySecurity("key");

export const kinds = Service(
  "kinds",
  "Every kind of type,\nin every place",
  Error("busy", "Come back later"),
  Error("broken", Everything, "With a lot to tell"),
  Method(
    "everything",
    "Takes and gives all",
    Payload(Everything),
    Result(Everything),
    HTTP(POST("/1")),
    GRPC(),
  ),
  Method("nothing", Deprecated(), HTTP(GET("/2")), GRPC()),
  Method("primitive", Idempotent(), Payload(Int64), Result(Bytes), HTTP(POST("/3")), GRPC()),
  Method("list_ids", Payload(ArrayOf(String)), Result(ArrayOf(Place)), HTTP(POST("/4")), GRPC()),
  Method("maps", Payload(MapOf(String, Int)), Result(MapOf(UInt32, Place)), HTTP(POST("/5")), GRPC()),
  Method("alias", Payload(Color), Result(Names), HTTP(POST("/6")), GRPC()),
  Method(
    "owner",
    Payload(Place),
    Result(Owner),
    Error("taken", Field(1, "by", String), Field(2, "since", Int64, Default(0n)), Required("by")),
    HTTP(POST("/7"), Response("taken", StatusConflict)),
    GRPC(),
  ),
  Method("short_owner", Result(Owner, View("short")), HTTP(GET("/8")), GRPC()),
  Method("bottles", Result(CollectionOf(Bottle)), HTTP(GET("/9")), GRPC()),
  Method("tiny_bottles", Result(CollectionOf(Bottle), View("tiny")), HTTP(GET("/10")), GRPC()),
  Method(
    "stricter",
    Payload(Place, Required("at", "open")),
    Result(Plain, Required("m")),
    HTTP(POST("/11")),
    GRPC(),
  ),
  Method("any", Payload(Any), Result(Any), HTTP(POST("/12")), GRPC()),
  Method("problem", Result(ErrorResult), HTTP(GET("/13")), GRPC()),
  Method(
    "watch",
    Payload(Field(1, "a", String), Field(2, "b", Int, Default(1)), Required("a", "b")),
    StreamingResult(Bottle),
    HTTP(GET("/14"), Param("a"), Param("b")),
    GRPC(),
  ),
  Method("send", StreamingPayload(Pet), Result(Owner), HTTP(GET("/15")), GRPC()),
  Method("push", StreamingPayload(Tree), HTTP(GET("/16")), GRPC()),
  Method(
    "talk",
    Payload(String),
    StreamingPayload(Field(1, "x", Bytes), Required("x")),
    StreamingResult(ArrayOf(Bytes)),
    HTTP(GET("/17"), Param("p")),
    GRPC(),
  ),
  Method("close", Payload(Field(1, "now", Boolean)), HTTP(POST("/18")), GRPC()),
);

export const mixed = Service(
  "mixed things",
  Security(jwt),
  Error("jammed", Field(1, "why", String, "The reason"), Required("why")),
  Method(
    "report",
    Payload(Token("token", String), Field(2, "from", Int), Required("token")),
    Result(Field(1, "n", Int), Required("n")),
    StreamingResult(Field(1, "line", String), Field(2, "tag", String, Default("-")), Required("line")),
    HTTP(GET("/report"), Param("from"), ServerSentEvents()),
  ),
  Method(
    "both",
    Security(jwt, key),
    Payload(Token("token", String), APIKey(key, "k", String), Required("token", "k")),
    Result(Int),
    HTTP(POST("/both"), Header("k:X-Key")),
  ),
  Method(
    "either",
    Security(jwt),
    Security(key),
    Payload(Token("token", String), APIKey(key, "k", String)),
    HTTP(POST("/either"), Header("k:X-Key")),
  ),
  Method("open", NoSecurity(), Payload(MapOf(String, String)), HTTP(GET("/open"), MapParams())),
  Method(
    "upload",
    NoSecurity(),
    Payload(Field(1, "name", String), Required("name")),
    Result(Int),
    HTTP(POST("/upload/{name}"), SkipRequestBodyEncodeDecode()),
  ),
  Method(
    "download",
    NoSecurity(),
    Payload(Field(1, "name", String)),
    Result(Field(1, "size", Int), Required("size")),
    HTTP(
      GET("/download"),
      Param("name"),
      Response(StatusOK, Header("size:X-Size")),
      SkipResponseBodyEncodeDecode(),
    ),
  ),
);
