import { showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";

/** Pattern of the names that environments may have on AWS. */
export const ENVIRONMENT_NAME = "[a-z][a-z0-9]{0,15}";

const ENVIRONMENT = new RegExp(`^${ENVIRONMENT_NAME}$`);

/** The name of an environment on AWS, where it is part of every other name: 1 to 16 lower-case letters and digits, a letter first. Throws `InvalidError`. */
export function checkAwsEnvironment(name: unknown): string {
  if (typeof name === "string" && ENVIRONMENT.test(name)) return name;
  throw new InvalidError(
    `Invalid environment name on AWS: ${showValue(name)}. It may contain only lower-case letters and digits, must begin with a letter, and be 1 to 16 characters long.`,
    { hint: 'Take a short one, such as "dev" or "prod".' },
  );
}
