import { assertEquals, assertThrows } from "@std/assert";
import { ServiceError } from "../errors/service_error.ts";
import type { AttributeModel, UserModel } from "../design/model.ts";
import { anyView } from "./any_view.ts";
import { jsonCodec } from "./json.ts";
import { array, att, field, object, result, user } from "./test_models.ts";

const options = { root: "result", context: "svc.m" };
const decoder = (attribute: AttributeModel) => {
  const codec = jsonCodec(anyView(attribute), options);
  return (json: unknown) => codec.fromJson(json);
};

const Owner = result("Owner", object(field("id!", "int"), field("mail!", "string")), {
  default: ["id", "mail"],
  tiny: ["id"],
});

Deno.test("required and filled in by default only where every view shows it", () => {
  const Bottle = result(
    "Bottle",
    object(
      field("id!", "int"),
      field("name!", "string"),
      field("kind", "string", { default: "red" }),
      field("year", "int", { default: 1990 }),
      field("secret!", "string"),
    ),
    { default: ["id", "name", "kind", "year"], tiny: ["id", "year"] },
  );
  const decode = decoder(att(Bottle));
  assertEquals(decode({ id: 1 }), { id: 1, year: 1990 });
  assertEquals(decode({ id: 1, name: "x", kind: "white", year: 3, secret: "s" }), {
    id: 1,
    name: "x",
    kind: "white",
    year: 3,
  });
  assertThrows(() => decode({ name: "x" }), ServiceError, "id");
  assertThrows(() => decode({ id: 1, name: 2 }), ServiceError, "name");
});

Deno.test("a nested result type is taken in the views that it is shown in", () => {
  const same = result("Same", object(field("owner!", Owner)), {
    default: ["owner:tiny"],
    tiny: ["owner:tiny"],
  });
  assertEquals(decoder(att(same))({ owner: { id: 1, mail: "m" } }), { owner: { id: 1 } });
  const differ = result("Differ", object(field("owner!", Owner)), {
    default: ["owner"],
    tiny: ["owner:tiny"],
  });
  assertEquals(decoder(att(differ))({ owner: { id: 1, mail: "m" } }), { owner: { id: 1, mail: "m" } });
  assertEquals(decoder(att(differ))({ owner: { id: 1 } }), { owner: { id: 1 } });
  const plain = result("Plain", object(field("owner!", Owner)), { default: ["owner"], tiny: [] });
  assertThrows(() => decoder(att(plain))({ owner: { id: 1 } }), ServiceError, "mail");
});

Deno.test("collections, names for types, and types that contain themselves", () => {
  const collection: UserModel = { ...user("Owners", att(array(att(Owner)))), views: Owner.views };
  assertEquals(decoder(att(collection))([{ id: 1 }, { id: 2, mail: "m" }]), [{ id: 1 }, {
    id: 2,
    mail: "m",
  }]);
  assertEquals(decoder(att(user("Alias", att(Owner))))({ id: 1 }), { id: 1 });

  const members: ReturnType<typeof field>[] = [];
  const Node = result("Node", att({ kind: "object", attributes: members }), {
    default: ["id", "next"],
    tiny: ["id", "next:tiny"],
  });
  members.push(field("id!", "int"), field("next", Node));
  assertEquals(decoder(att(Node))({ id: 1, next: { id: 2, next: { id: 3 } } }), {
    id: 1,
    next: { id: 2, next: { id: 3 } },
  });
});

Deno.test("a pinned view stays", () => {
  assertEquals(decoder(att(Owner, { view: "tiny" }))({ id: 1, mail: "m" }), { id: 1 });
});
