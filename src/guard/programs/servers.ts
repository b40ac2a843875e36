import type { Judge, Rules } from "../call.ts";
import { each, onlyAsksAbout } from "../rules.ts";
import { opaque } from "../verdict.ts";

/** A file of settings, by its name. */
const file = String.raw`[\w.][\w./-]*|/[\w./-]+`;

/** Servers and services: how each is asked whether its configuration holds, and does nothing else. */
const configurationChecks: Readonly<Record<string, string>> = {
  amtool: "check-config( FILE)+",
  dnsmasq: "--test( -C FILE)?",
  doveconf: "-n( -c FILE)?",
  envoy: "--mode validate -c FILE",
  exim: "-bV( -C FILE)?",
  "fluent-bit": "--dry-run -c FILE",
  keepalived: "-t( -f FILE)?",
  lighttpd: "-tt? -f FILE",
  logrotate: "-d( -v)?( FILE)+",
  monit: "-t( -c FILE)?",
  nft: "-c -f FILE",
  otelcol: "validate --config[= ]FILE",
  "php-fpm": "-tt?( -y FILE)?|-y FILE -tt?",
  postconf: "-[nd]",
  proftpd: "-t( -c FILE)?",
  rsyslogd: "-N ?\\d( -f FILE)?",
  slaptest: "-u( -f FILE)?",
  squid: "(-f FILE )?-k parse( -f FILE)?",
  testparm: "-s( FILE)?",
  "unbound-checkconf": "(FILE)?",
  // Without this it tries what the settings name.
  vector: "validate --no-environment( FILE)+",
};

const judgeServer: Judge = ({ name, args }) => {
  const check = configurationChecks[name]?.replaceAll("FILE", `(${file})`);
  const isCheck = check !== undefined && new RegExp(`^(${check})$`).test(args.join(" "));
  return isCheck || onlyAsksAbout(args) ? null : opaque(`"${name}" is a server, or changes one.`, name);
};

export const servers: Rules = each(Object.keys(configurationChecks).join(" "), judgeServer);
