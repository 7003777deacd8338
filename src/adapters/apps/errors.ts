import { DeserializationError, NotFoundError } from "../../model/errors.ts";
import { functionNotFound } from "../../model/function-not-found.ts";

/** No App of this name is deployed. */
export function unknownApp(app: string, environment: string): NotFoundError {
  return new NotFoundError(`App "${app}" is not deployed in environment "${environment}" on AWS.`, {
    hint: "Deploy it, or check the name, the environment (TENON_ENVIRONMENT) and the region (AWS_REGION).",
  });
}

/** Refuses to look for lines of a Function that the App does not have. Throws `NotFoundError` with those it has. */
export function checkLogged(app: string, known: readonly string[], fn: string | undefined): void {
  if (fn !== undefined && !known.includes(fn)) throw functionNotFound({ app, name: fn }, { known });
}

/** What is stored of an App is no text of Tenon's. */
export function brokenApp(app: string): DeserializationError {
  return new DeserializationError(`What is stored of App "${app}" can't be read: a piece is missing or was changed.`, {
    hint: "Deploy the App again.",
  });
}
