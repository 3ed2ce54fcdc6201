/** What the other designs have not: patterns, recursion, interceptors, views, ways of calling, names of all sorts. */
import * as d from "@x/goats/design";

interface Node {
  readonly name: string;
  readonly next?: Node;
  readonly children?: readonly Node[];
}
const Node: d.Type<Node> = d.Type(
  "Node",
  d.Field(1, "name", d.String, d.Pattern("^[A-Z]{2}-\\d{4}$")),
  d.Field(2, "next", () => Node),
  d.Field(3, "children", d.ArrayOf(() => Node)),
  d.Required("name"),
);

const Shape = d.Type(
  "Shape",
  d.OneOf(
    "kind",
    d.Field(1, "circle", d.Float64, d.Minimum(10)),
    d.Field(2, "label", d.String, d.Enum("big", "small")),
  ),
  d.Field(3, "by_id", d.MapOf(d.UInt32, d.String), d.MinLength(2)),
  d.Field(4, "tags", d.ArrayOf(d.String, d.MinLength(3), d.MaxLength(4)), d.MinLength(2)),
  d.Field(5, "__proto__", d.String),
  d.Required("kind", "by_id"),
);

const Wine = d.ResultType(
  "application/vnd.scaffold.wine",
  d.Field(1, "id", d.UInt64, d.Example(18446744073709551615n)),
  d.Field(2, "colour", d.String, d.Enum("red", "white")),
  d.Field(3, "at", d.String, d.Format(d.FormatRFC1123)),
  d.Required("id", "colour"),
  d.View("default", "id", "colour", "at"),
  d.View("tiny", "id"),
);

const Cache = d.Interceptor("Cache", d.ReadPayload(d.Attribute("id")));
const Trace = d.Interceptor("Trace");
const basic = d.BasicAuthSecurity<{ readonly name: string }>("basic");
const key = d.APIKeySecurity("api-key");

/** Named as something that the files have themselves, and with a description that could end a comment. */
export const run = d.Service(
  "odd names",
  d.Description("Tells */ of\nmany things"),
  d.Method("get-it", d.Payload(Node), d.Result(Shape), d.HTTP(d.POST("/get-it")), d.GRPC()),
  d.Method("constructor", d.Result(d.String, d.Enum("a", "b")), d.HTTP(d.GET("/constructor"))),
  d.Method("wines", d.StreamingResult(Wine), d.HTTP(d.GET("/wines")), d.GRPC()),
  d.Method("tiny", d.Result(Wine, d.View("tiny")), d.HTTP(d.GET("/tiny"))),
  d.Method("all", d.Result(d.CollectionOf(Wine)), d.HTTP(d.GET("/all"))),
  d.Method("only_grpc", d.Payload(d.Int64), d.Result(d.Bytes), d.GRPC()),
  d.Method("nowhere", d.Payload(d.Any), d.Result(d.Boolean)),
  d.Method(
    "either",
    d.Result(d.Field(1, "colour", d.String, d.Enum("red")), d.Required("colour")),
    d.StreamingResult(d.Field(1, "colour", d.String, d.Enum("red")), d.Required("colour")),
    d.HTTP(d.GET("/either"), d.ServerSentEvents()),
  ),
  d.Method(
    "watched",
    d.Payload(d.Field(1, "id", d.Int, d.ExclusiveMinimum(5), d.ExclusiveMaximum(7))),
    d.StreamingPayload(Node),
    d.ServerInterceptor(Cache),
    d.ClientInterceptor(Trace),
    d.HTTP(d.GET("/watched"), d.Param("id")),
  ),
  d.Method("moved", d.HTTP(d.GET("/moved"), d.Redirect("/all", d.StatusFound))),
  d.Files("/page", "page.html"),
);

export default d.Service(
  "vault",
  d.Method(
    "look",
    d.Security(basic, key),
    d.Security(key),
    d.Payload(
      d.UsernameField(1, "user"),
      d.PasswordField(2, "pass"),
      d.APIKeyField(3, key, "key"),
      d.Field(4, "what", d.String, d.Default("gold")),
      d.Required("user", "pass", "key"),
    ),
    d.Result(d.String),
    d.HTTP(d.GET("/vault"), d.Param("what"), d.Header("key:X-Key")),
    d.GRPC(),
  ),
  d.Method(
    "listen",
    d.Security(key),
    d.Payload(d.APIKeyField(1, key, "key"), d.Required("key")),
    d.StreamingPayload(d.Int),
    d.StreamingResult(d.Int),
    d.HTTP(d.GET("/vault/listen"), d.Header("key:X-Key")),
  ),
);
