/**
 * Judges an OpenAPI document by the specification's own JSON Schema. What the operations mean is not looked at.
 *
 * @module
 */

import { Validator } from "npm:@seriousme/openapi-schema-validator@2.11.0";

/** What is wrong with a document; `undefined` when nothing is. */
export async function whatIsWrong(document: Record<string, unknown>): Promise<string | undefined> {
  const { valid, errors } = await new Validator().validate(document);
  return valid ? undefined : JSON.stringify(errors);
}
