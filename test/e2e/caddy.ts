import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { dirname, join } from "node:path";

export const CADDY_MOUNTS = ["/etc/caddy"];

export interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

/**
 * Writes a Caddyfile for loopback ports, and a `.curlrc` so that `curl https://any.name/` on the host reaches
 * this Caddy and trusts it. `home` is where that user's files lie on this machine.
 */
export function configureCaddy(directory: string, home: string, userHome: string, ports: CaddyPorts): void {
  const etc = join(directory, "root/etc/caddy");
  mkdirSync(join(etc, "sites"), { recursive: true });
  writeFileSync(
    join(etc, "Caddyfile"),
    `{
	admin unix//run/caddy-admin.sock
	local_certs
	skip_install_trust
	http_port ${ports.http}
	https_port ${ports.https}
	default_bind 127.0.0.1
}

localhost {
	respond "a test host"
}

import /etc/caddy/sites/*.caddy
`,
  );
  mkdirSync(home, { recursive: true });
  const curlrc = [
    `connect-to = ":443:127.0.0.1:${ports.https}"`,
    `connect-to = ":80:127.0.0.1:${ports.http}"`,
    `cacert = "${rootCertificate(userHome)}"`,
    "max-time = 20",
    "",
  ];
  writeFileSync(join(home, ".curlrc"), curlrc.join("\n"));
}

export interface CaddyPorts {
  http: number;
  https: number;
}

function rootCertificate(home: string): string {
  return join(home, ".local/share/caddy/pki/authorities/local/root.crt");
}

/** Asks this Caddy for a URL of any name, as curl on the host does. Throws while it does not serve that name. */
export function getThroughCaddy(url: string, home: string, httpsPort: number): Promise<Answer> {
  const { hostname, pathname, search } = new URL(url);
  const certificate = rootCertificate(home);
  if (!existsSync(certificate)) {
    return Promise.reject(new Error(`Caddy has made no certificate yet in ${dirname(certificate)}`));
  }
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: "127.0.0.1",
        port: httpsPort,
        servername: hostname,
        headers: { host: hostname },
        path: pathname + search,
        ca: readFileSync(certificate),
        agent: false,
        timeout: 20_000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    asked.on("timeout", () => asked.destroy(new Error(`no answer from ${url} within 20 s`)));
    asked.on("error", reject);
    asked.end();
  });
}
