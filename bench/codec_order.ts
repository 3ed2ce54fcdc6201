/**
 * The larger message of the codec benchmark: what a shop says of an order, with a bit of everything. For goats by its
 * design, for zod and ajv by schemas that say the same.
 *
 * @module
 */
import {
  ArrayOf,
  Boolean,
  Bytes,
  Enum,
  Field,
  Float64,
  Format,
  FormatDateTime,
  FormatEmail,
  FormatUUID,
  Int,
  Int32,
  MapOf,
  Maximum,
  MaxLength,
  Minimum,
  MinLength,
  OneOf,
  Pattern,
  Required,
  String,
  Type,
  UInt64,
} from "@x/goats/design";
import { z } from "zod";

const Address = Type(
  "Address",
  Field(1, "street", String, MaxLength(100)),
  Field(2, "city", String, MaxLength(60)),
  Field(3, "zip", String, Pattern("^[0-9]{5}$")),
  Required("street", "city", "zip"),
);

const Customer = Type(
  "Customer",
  Field(1, "name", String, MinLength(1), MaxLength(80)),
  Field(2, "email", String, Format(FormatEmail)),
  Field(3, "address", Address),
  Field(4, "vip", Boolean),
  Required("name", "email", "address"),
);

const Line = Type(
  "Line",
  Field(1, "sku", String, Pattern("^[A-Z]{3}-[0-9]{4}$")),
  Field(2, "quantity", Int, Minimum(1), Maximum(1000)),
  Field(3, "price", Float64, Minimum(0)),
  Field(4, "tags", ArrayOf(String)),
  Required("sku", "quantity", "price"),
);

const Card = Type(
  "Card",
  Field(1, "network", String),
  Field(2, "last4", String),
  Required("network", "last4"),
);

/** The message. */
export const Order = Type(
  "Order",
  Field(1, "id", String, Format(FormatUUID)),
  Field(2, "number", UInt64),
  Field(3, "placed_at", String, Format(FormatDateTime)),
  Field(4, "status", String, Enum("new", "paid", "shipped", "returned")),
  Field(5, "customer", Customer),
  Field(6, "lines", ArrayOf(Line), MinLength(1)),
  Field(7, "totals", MapOf(String, Float64)),
  Field(8, "signature", Bytes, MaxLength(64)),
  OneOf("payment", Field(9, "card", Card), Field(10, "iban", String)),
  Field(11, "note", String, MaxLength(500)),
  Field(12, "ratings", ArrayOf(Int32)),
  Required("id", "number", "placed_at", "status", "customer", "lines", "totals", "signature"),
);

/** An order as goats has it. */
export function order(n: number): Record<string, unknown> {
  return {
    id: "96054a62-a9e4-41e5-bc88-b8e8563a3a3d",
    number: 1_871_234_567_890_123_456n + BigInt(n),
    placed_at: "2026-03-14T09:26:53.589Z",
    status: n % 3 === 0 ? "new" : "shipped",
    customer: {
      name: "Zoë Müller",
      email: "zoe.mueller@example.com",
      address: { street: "Lange Straße 17b", city: "Ebersbach", zip: "73061" },
      vip: n % 2 === 0,
    },
    lines: Array.from({ length: 5 }, (_, i) => ({
      sku: `ABC-${1000 + i}`,
      quantity: 1 + (n + i) % 9,
      price: 19.99 + i,
      ...(i % 2 === 0 ? { tags: ["fragile", "gift"] } : {}),
    })),
    totals: { net: 123.45, vat: 23.46, gross: 146.91 },
    signature: new Uint8Array(32).fill(n & 255),
    payment: n % 4 === 0
      ? { type: "iban", value: "DE02120300000000202051" }
      : { type: "card", value: { network: "visa", last4: "4242" } },
    ...(n % 5 === 0 ? { note: "Please leave it with the neighbours, should nobody be at home." } : {}),
    ratings: [5, 4, 300, -1],
  };
}

const text = { type: "string" } as const;
const strict = (required: string[], properties: object) => ({ type: "object", required, properties });

/** The order for ajv. Numbers beyond 53 bits are rounded before ajv sees them. */
export const orderSchema: object = strict(
  ["id", "number", "placed_at", "status", "customer", "lines", "totals", "signature"],
  {
    id: { ...text, format: "uuid" },
    number: { type: "integer", minimum: 0 },
    placed_at: { ...text, format: "date-time" },
    status: { ...text, enum: ["new", "paid", "shipped", "returned"] },
    customer: strict(["name", "email", "address"], {
      name: { ...text, minLength: 1, maxLength: 80 },
      email: { ...text, format: "email" },
      address: strict(["street", "city", "zip"], {
        street: { ...text, maxLength: 100 },
        city: { ...text, maxLength: 60 },
        zip: { ...text, pattern: "^[0-9]{5}$" },
      }),
      vip: { type: "boolean" },
    }),
    lines: {
      type: "array",
      minItems: 1,
      items: strict(["sku", "quantity", "price"], {
        sku: { ...text, pattern: "^[A-Z]{3}-[0-9]{4}$" },
        quantity: { type: "integer", minimum: 1, maximum: 1000 },
        price: { type: "number", minimum: 0 },
        tags: { type: "array", items: text },
      }),
    },
    totals: { type: "object", additionalProperties: { type: "number" } },
    signature: { ...text, format: "byte", maxLength: 88 },
    payment: {
      type: "object",
      required: ["type", "value"],
      discriminator: { propertyName: "type" },
      oneOf: [
        {
          properties: {
            type: { const: "card" },
            value: strict(["network", "last4"], { network: text, last4: text }),
          },
        },
        { properties: { type: { const: "iban" }, value: text } },
      ],
    },
    note: { ...text, maxLength: 500 },
    ratings: { type: "array", items: { type: "integer", minimum: -2147483648, maximum: 2147483647 } },
  },
);

/** The order for zod. */
export const orderZod: z.ZodType = z.object({
  id: z.uuid(),
  number: z.number().min(0),
  placed_at: z.iso.datetime({ offset: true }),
  status: z.enum(["new", "paid", "shipped", "returned"]),
  customer: z.object({
    name: z.string().min(1).max(80),
    email: z.email(),
    address: z.object({
      street: z.string().max(100),
      city: z.string().max(60),
      zip: z.string().regex(/^[0-9]{5}$/),
    }),
    vip: z.boolean().optional(),
  }),
  lines: z.array(z.object({
    sku: z.string().regex(/^[A-Z]{3}-[0-9]{4}$/),
    quantity: z.int().min(1).max(1000),
    price: z.number().min(0),
    tags: z.array(z.string()).optional(),
  })).min(1),
  totals: z.record(z.string(), z.number()),
  signature: z.base64().max(88),
  payment: z.discriminatedUnion("type", [
    z.object({ type: z.literal("card"), value: z.object({ network: z.string(), last4: z.string() }) }),
    z.object({ type: z.literal("iban"), value: z.string() }),
  ]).optional(),
  note: z.string().max(500).optional(),
  ratings: z.array(z.int32()).optional(),
});
