import { userInfo } from "node:os";

/** The name of the user who runs this process; `null` where the system has none for it. */
export function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
