import { accessSync, constants } from "node:fs";
import { isSystemError } from "../errors.ts";

/** Whether this process may write there, as far as the system says before anybody tries. */
export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "ELOOP")) return false;
    throw error;
  }
}
