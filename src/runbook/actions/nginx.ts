import { quoteCommand } from "../../platform/quote.ts";

/** `nginx -t` reads the configuration as nginx would, certificates too. */
export function testNginx(config: string): string {
  return quoteCommand(["nginx", "-t", "-q", "-c", config]);
}

/** The running nginx goes on with the old configuration where the new one cannot be used. */
export function reloadNginx(config: string): string {
  return quoteCommand(["nginx", "-s", "reload", "-c", config]);
}
