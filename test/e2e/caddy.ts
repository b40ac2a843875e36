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
 * this Caddy and trusts it. `home` is where that user's files lie on this machine. A host with all ports to itself has
 * a Caddyfile as a distribution delivers it, but for the certificates.
 */
export function configureCaddy(
  directory: string,
  home: string,
  userHome: string,
  ports: CaddyPorts,
  allPorts: boolean,
): void {
  const etc = join(directory, "root/etc/caddy");
  mkdirSync(join(etc, "sites"), { recursive: true });
  writeFileSync(
    join(etc, "Caddyfile"),
    `{
	local_certs
	skip_install_trust
${allPorts ? "" : sharedPorts(ports)}}

localhost {
	respond "a test host"
}

import /etc/caddy/sites/*.caddy
`,
  );
  mkdirSync(home, { recursive: true });
  const curlrc = [
    // Where hosts have addresses of their own, names lead to them.
    ...(allPorts
      ? []
      : [`connect-to = ":443:127.0.0.1:${ports.https}"`, `connect-to = ":80:127.0.0.1:${ports.http}"`]),
    `cacert = "${rootCertificate(userHome)}"`,
    "max-time = 20",
    "",
  ];
  writeFileSync(join(home, ".curlrc"), curlrc.join("\n"));
}

function sharedPorts({ http, https }: CaddyPorts): string {
  return `	admin unix//run/caddy-admin.sock
	http_port ${http}
	https_port ${https}
	default_bind 127.0.0.1
`;
}

export interface CaddyPorts {
  http: number;
  https: number;
}

function rootCertificate(home: string): string {
  return join(home, ".local/share/caddy/pki/authorities/local/root.crt");
}

/** Asks this Caddy for a URL of any name, as curl on the host does. Throws while it does not serve that name. */
export function getThroughCaddy(
  url: string,
  home: string,
  where: { host: string; port: number },
): Promise<Answer> {
  const { hostname, pathname, search } = new URL(url);
  const certificate = rootCertificate(home);
  if (!existsSync(certificate)) {
    return Promise.reject(new Error(`Caddy has made no certificate yet in ${dirname(certificate)}`));
  }
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...where,
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
