import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import type { UserModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { array, att, field, method, object, result, user } from "./test_models.ts";
import { checkView, hasViews, pinnedView, runtimeView, viewNames } from "./view.ts";

const bottle = result("Bottle", object(field("id", "int"), field("name", "string")), {
  default: ["id", "name"],
  tiny: ["id"],
});
const single = result("Single", object(field("id", "int")), { default: ["id"] });
const collection: UserModel = { ...user("BottleCollection", att(array(att(bottle)))), views: bottle.views! };
const alias = user("Alias", att(bottle));

Deno.test("result types, collections and other names for them have views", () => {
  for (const type of [bottle, collection, alias]) assertEquals(viewNames(att(type)), ["default", "tiny"]);
  assert(hasViews(att(single)));
  for (const type of [user("Plain", object()), array(att(bottle))]) {
    assertFalse(hasViews(att(type)));
    assertEquals(viewNames(att(type)), []);
  }
});

Deno.test("a handler chooses the view where there is something to choose", () => {
  assert(runtimeView(method({ result: att(bottle) })));
  assert(runtimeView(method({ streamingResult: att(collection) })));
  assertFalse(runtimeView(method({ result: att(single) })));
  assertFalse(runtimeView(method({ result: att(bottle, { view: "tiny" }) })));
  assertFalse(runtimeView(method({ result: att("string") })));
  assertFalse(runtimeView(method({ payload: att(bottle) })));
  assertEquals(pinnedView(method({ streamingResult: att(bottle, { view: "tiny" }) })), "tiny");
  assertEquals(pinnedView(method({ result: att(bottle) })), undefined);
  assertEquals(pinnedView(method({})), undefined);
});

Deno.test("a view that does not exist is an enum's problem", () => {
  checkView(att(bottle), "tiny");
  checkView(att("string"), "whatever");
  for (const name of ["nope", "__proto__", "toString"]) {
    const error = assertThrows(() => checkView(att(bottle), name), ServiceError);
    assertEquals(error.name, "invalid_enum_value");
    assertEquals(error.message, `value of view must be one of "default", "tiny" but got value "${name}"`);
  }
});
