/**
 * Checks what is said of an attribute against its type and against itself.
 *
 * @module
 */
import type { AttributeModel } from "../model.ts";
import type { Scope } from "./scope.ts";

/** Checks validations, default, enum and examples of an attribute. */
export function checkAttribute(_scope: Scope, _attribute: AttributeModel): void {
}
