// The rules of ServerSentEvents, and what of it gets into the model.
import { assertEquals, assertThrows } from "@std/assert";
import * as d from "./mod.ts";

/** Problems of a design as `method: message`. */
function problems(build: () => unknown): string[] {
  const error = assertThrows(build, d.DesignError);
  return error.problems.map(({ method, message }) => `${method}: ${message}`);
}

// Parts that the compiler would refuse, to see what the builder says.
// deno-lint-ignore no-explicit-any
const any = (part: unknown): any => part;

/** A service with one method. */
function one(...parts: unknown[]): () => d.ServiceDesign {
  return () => d.Service("s", any(d.Method("m", ...any(parts))));
}

const Item = d.StreamingResult(
  d.Field(1, "id", d.String),
  d.Field(2, "text", d.String),
  d.Field(3, "wait", d.Int),
  d.Field(4, "count", d.UInt64),
  d.Required("id", "text"),
);

/** A stream of items whose events are so. */
function events(...parts: unknown[]): () => d.ServiceDesign {
  return one(Item, d.HTTP(d.GET("/"), d.ServerSentEvents(...any(parts))));
}

const Kind = d.Type("Kind", d.String, d.Enum("news", "end"));

const RULES: Record<string, readonly [() => unknown, ...string[]]> = {
  "data exists": [
    events(d.SSEEventData("txt")),
    'm: SSEEventData "txt": the streaming result has no attribute of this name',
    'm: ServerSentEvents: attribute "id" is required, but no field of the event carries it',
    'm: ServerSentEvents: attribute "text" is required, but no field of the event carries it',
  ],
  "id exists": [
    events(d.SSEEventID("key")),
    'm: SSEEventID "key": the streaming result has no attribute of this name',
  ],
  "id is a String": [events(d.SSEEventID("wait")), 'm: SSEEventID "wait": the attribute must be a String'],
  "type exists": [
    events(d.SSEEventType("kind")),
    'm: SSEEventType "kind": the streaming result has no attribute of this name',
  ],
  "type is a String": [
    events(d.SSEEventType("wait")),
    'm: SSEEventType "wait": the attribute must be a String',
  ],
  "type is not that of an end": [
    one(
      d.StreamingResult(d.Field(1, "kind", d.String, d.Enum("error", "other"))),
      d.HTTP(d.GET("/"), d.ServerSentEvents(d.SSEEventType("kind"))),
    ),
    'm: SSEEventType "kind": "error" is the type of an event that ends a stream',
  ],
  "type is not that of an end, in a type of its own": [
    one(
      d.StreamingResult(d.Field(1, "kind", Kind)),
      d.HTTP(d.GET("/"), d.ServerSentEvents(d.SSEEventType("kind"))),
    ),
    'm: SSEEventType "kind": "end" is the type of an event that ends a stream',
  ],
  "retry exists": [
    events(d.SSEEventRetry("retry")),
    'm: SSEEventRetry "retry": the streaming result has no attribute of this name',
  ],
  "retry is an integer": [
    events(d.SSEEventRetry("text")),
    'm: SSEEventRetry "text": the attribute must be an integer',
  ],
  "the result is an object": [
    one(d.StreamingResult(d.Int), d.HTTP(d.GET("/"), d.ServerSentEvents("text", d.SSEEventID("id")))),
    'm: SSEEventData "text": the streaming result is no object',
    'm: SSEEventID "id": the streaming result is no object',
  ],
  "what is required travels": [
    events("text"),
    'm: ServerSentEvents: attribute "id" is required, but no field of the event carries it',
  ],
  "the payload has what Last-Event-ID goes to": [
    one(
      d.Payload(d.Field(1, "since", d.String)),
      Item,
      d.HTTP(d.GET("/"), d.Param("since"), d.ServerSentEvents(d.SSERequestID("from"))),
    ),
    'm: SSERequestID "from": the payload has no attribute of this name',
  ],
  "Last-Event-ID goes to a String": [
    one(
      d.Payload(d.Field(1, "since", d.Int)),
      Item,
      d.HTTP(d.GET("/"), d.ServerSentEvents(d.SSERequestID("since"))),
    ),
    'm: SSERequestID "since": the attribute must be a String',
  ],
  "Last-Event-ID goes to a payload": [
    events(d.SSERequestID("since")),
    'm: SSERequestID "since": the payload is empty',
  ],
  "Last-Event-ID goes to an object": [
    one(
      d.Payload(d.String),
      Item,
      d.HTTP(d.GET("/{id}"), d.ServerSentEvents(d.SSERequestID("since"))),
    ),
    'm: SSERequestID "since": the payload is no object',
  ],
  "a field is there once": [
    events("id", d.SSEEventData("text"), d.SSEEventID("id"), d.SSEEventID("id")),
    "m: SSEEventData is there twice",
    "m: SSEEventID is there twice",
  ],
  "a field has a name": [events(d.SSEEventID("")), "m: SSEEventID has no name"],
  "only fields have a place in it": [
    events(d.Param("id")),
    "m: Param has no place in ServerSentEvents",
  ],
  "it is there once": [
    one(Item, d.HTTP(d.GET("/"), d.ServerSentEvents(), d.ServerSentEvents())),
    "m: ServerSentEvents is there twice",
  ],
  "it needs a stream": [
    one(d.Result(d.Int), d.HTTP(d.GET("/"), d.ServerSentEvents())),
    "m: ServerSentEvents: the method has no StreamingResult",
  ],
  "it has nothing for streams to the server": [
    one(d.StreamingPayload(d.Int), d.Result(d.Int), d.HTTP(d.GET("/"), d.ServerSentEvents())),
    "m: ServerSentEvents: a stream to the server needs a WebSocket",
  ],
  "it has nothing for streams both ways": [
    one(d.StreamingPayload(d.Int), d.StreamingResult(d.Int), d.HTTP(d.GET("/"), d.ServerSentEvents())),
    "m: ServerSentEvents: a stream both ways needs a WebSocket",
  ],
  "GET has no body for it": [
    one(d.Payload(d.Field(1, "a")), Item, d.HTTP(d.GET("/"), d.ServerSentEvents())),
    'm: GET has no request body for "a": use Param or Header',
  ],
  "HEAD has no events": [
    one(Item, d.HTTP(d.HEAD("/"), d.ServerSentEvents())),
    "m: HEAD has no response body for the result: use Header in a Response",
  ],
  "Result with StreamingResult needs it": [
    one(d.Result(d.Int), d.StreamingResult(d.Int), d.HTTP(d.GET("/"))),
    "m: Result and StreamingResult stand together only with Server-Sent Events, which this method has not",
  ],
  "Result with StreamingResult has no StreamingPayload": [
    one(
      d.StreamingPayload(d.Int),
      d.Result(d.Int),
      d.StreamingResult(d.Int),
      d.HTTP(d.GET("/"), d.ServerSentEvents()),
    ),
    "m: Result and StreamingResult do not stand together with a StreamingPayload",
  ],
  "Result with StreamingResult is not for gRPC": [
    one(d.Result(d.Int), d.StreamingResult(d.Int), d.HTTP(d.GET("/"), d.ServerSentEvents()), d.GRPC()),
    "m: Result and StreamingResult do not stand together on gRPC",
  ],
};

for (const [name, [build, ...expected]] of Object.entries(RULES)) {
  Deno.test(`sse rule: ${name}`, () => assertEquals(problems(build), expected));
}

function http(build: () => d.ServiceDesign): d.HttpModel {
  return build().model.methods["m"]!.http!;
}

Deno.test("the model says which attributes make the fields", () => {
  assertEquals(http(events()).sse, {});
  assertEquals(http(events("text", d.SSEEventID("id"), d.SSEEventRetry("count"))).sse, {
    data: "text",
    id: "id",
    retry: "count",
  });
});

Deno.test("events leave by any verb, and a POST has a body", () => {
  const { body, routes } = http(
    one(d.Payload(d.Field(1, "a")), Item, d.HTTP(d.POST("/"), d.ServerSentEvents())),
  );
  assertEquals(routes[0]?.verb, "POST");
  assertEquals(body?.type.kind, "object");
});

Deno.test("Last-Event-ID is a header of the request, unless its attribute travels elsewhere", () => {
  const payload = d.Payload(d.Field(1, "since"));
  const sse = d.ServerSentEvents(d.SSERequestID("since"));
  const alone = http(one(payload, Item, d.HTTP(d.GET("/"), sse)));
  assertEquals(alone.headers, [{ attribute: "since", name: "last-event-id" }]);
  assertEquals(alone.body, undefined);
  const both = http(one(payload, Item, d.HTTP(d.GET("/"), d.Param("since"), sse)));
  assertEquals(both.headers, []);
  assertEquals(both.sse?.requestId, "since");
});

Deno.test("ServerSentEvents of a service or an API is for its server streams; a method's own wins", () => {
  const methods = [
    d.Method("plain", d.Result(d.Int), d.HTTP(d.GET("/plain"))),
    d.Method("down", Item, d.HTTP(d.GET("/down"))),
    d.Method("own", Item, d.HTTP(d.GET("/own"), d.ServerSentEvents(d.SSEEventID("text")))),
    d.Method("both", d.StreamingPayload(d.Int), Item, d.HTTP(d.GET("/both"))),
  ] as const;
  const shared = d.HTTP(d.ServerSentEvents(d.SSEEventID("id")));
  for (
    const design of [
      d.Service("s", shared, ...methods),
      d.Service("s", d.API("a", shared), ...methods),
    ]
  ) {
    const found = Object.values(design.model.methods).map(({ http }) => http?.sse);
    assertEquals(found, [undefined, { id: "id" }, { id: "text" }, undefined]);
  }
});
