/** The service of the security tests: each kind of scheme, on calls and on streams. */
import {
  AccessTokenField,
  APIKeyField,
  APIKeySecurity,
  Attribute,
  AuthorizationCodeFlow,
  BasicAuthSecurity,
  BearerSecurity,
  BearerTokenField,
  Body,
  Cookie,
  Error,
  Field,
  GET,
  GRPC,
  Header,
  HTTP,
  Int,
  JWTSecurity,
  Message,
  Metadata,
  Method,
  MinLength,
  NoSecurity,
  OAuth2Security,
  Param,
  PasswordField,
  Pattern,
  Payload,
  POST,
  Required,
  Result,
  Scope,
  Security,
  Service,
  StreamingPayload,
  StreamingResult,
  String,
  TokenField,
  UsernameField,
} from "../src/design/mod.ts";

/** What the verifying function of JWTs returns. */
export interface User {
  readonly name: string;
  readonly scopes: readonly string[];
}

export const jwt = JWTSecurity<User, "jwt">("jwt", Scope("read", "Read"), Scope("write", "Write"));
export const basic = BasicAuthSecurity<string, "basic">("basic");
export const key = APIKeySecurity<number, "key">("key");
export const oauth2 = OAuth2Security("oauth2", AuthorizationCodeFlow("/authorize", "/token"), Scope("read"));
export const bearer = BearerSecurity("bearer");

const token = Required("token");

// deno-lint-ignore explicit-function-return-type
function design(required: typeof token) {
  return Service(
    "vault",
    Security(jwt, Scope("read")),
    Error("unauthorized"),
    Method("who", Payload(TokenField(1, "token"), required), Result(String), HTTP(GET("/who")), GRPC()),
    Method(
      "watch",
      Payload(TokenField(1, "token"), Field(2, "to", Int), required),
      StreamingResult(String),
      HTTP(GET("/watch"), Param("to")),
      GRPC(),
    ),
    Method(
      "talk",
      Payload(TokenField(1, "token"), required),
      StreamingPayload(String),
      StreamingResult(String),
      HTTP(GET("/talk")),
      GRPC(),
    ),
    Method(
      "write",
      Security(jwt, Scope("read"), Scope("write")),
      Payload(TokenField(1, "token"), Field(2, "text"), required),
      Result(String),
      HTTP(POST("/write")),
      GRPC(),
    ),
    Method(
      "login",
      Security(basic),
      Payload(UsernameField(1, "user"), PasswordField(2, "password", MinLength(1))),
      Result(String),
      HTTP(POST("/login")),
      GRPC(),
    ),
    Method(
      "loginStream",
      Security(basic),
      Payload(UsernameField(1, "user"), PasswordField(2, "password")),
      StreamingResult(String),
      HTTP(GET("/login")),
      GRPC(),
    ),
    Method(
      "header",
      Security(key),
      Payload(APIKeyField(1, key, "key", Pattern("^k"))),
      Result(Int),
      HTTP(GET("/header"), Header("key:X-Key")),
      GRPC(),
    ),
    Method(
      "query",
      Security(key),
      Payload(APIKeyField(1, key, "key")),
      Result(Int),
      HTTP(GET("/query"), Param("key:k")),
      GRPC(),
    ),
    Method(
      "cookie",
      Security(key),
      Payload(APIKeyField(1, key, "key")),
      StreamingResult(Int),
      HTTP(GET("/cookie"), Cookie("key:SID")),
      GRPC(),
    ),
    Method(
      "keyed",
      Security(key),
      Payload(APIKeyField(1, key, "key")),
      StreamingResult(Int),
      HTTP(GET("/keyed"), Header("key:X-Key")),
      GRPC(),
    ),
    Method(
      "body",
      Security(key),
      Payload(APIKeyField(1, key, "key"), Field(2, "text")),
      Result(Int),
      HTTP(POST("/body"), Body(Attribute("key"), Attribute("text"))),
      GRPC(Message("key", "text")),
    ),
    Method(
      "oauth",
      Security(oauth2, Scope("read")),
      Payload(AccessTokenField(1, "access")),
      Result(String),
      HTTP(GET("/oauth")),
      GRPC(),
    ),
    Method(
      "bearer",
      Security(bearer),
      Payload(BearerTokenField(1, "bearer")),
      Result(String),
      HTTP(GET("/bearer")),
      GRPC(),
    ),
    Method(
      "either",
      Security(jwt),
      Security(basic),
      Security(key),
      Payload(
        TokenField(1, "token"),
        UsernameField(2, "user"),
        PasswordField(3, "password"),
        APIKeyField(4, key, "key"),
      ),
      Result(String),
      HTTP(GET("/either"), Param("key")),
      GRPC(Metadata("key:x-key")),
    ),
    Method(
      "together",
      Security(jwt, key, Scope("write")),
      Payload(TokenField(1, "token"), APIKeyField(2, key, "key")),
      Result(String),
      HTTP(GET("/together"), Header("key:X-Key")),
      GRPC(Metadata("key:x-key")),
    ),
    Method("open", NoSecurity(), Result(String), HTTP(GET("/open")), GRPC()),
  );
}

/** Whose callers must send the token. */
export const vault = design(token);
/** The same where nothing but their types makes callers send it. */
export const careless = design(Required() as typeof token);
