import type { Call, Rules } from "../call.ts";
import { showMarkers } from "../markers.ts";
import { parseOptions } from "../options.ts";
import { always, asksForHelp, each, guarded, onlyAsksAbout, subcommands } from "../rules.ts";
import { live, opaque, type Verdict } from "../verdict.ts";

/** Their commands act on accounts, and which account is not in sight. */
const providers = `
  aws aws-vault awslocal saml2aws eksctl ecs-cli copilot sam cdk chalice eb gcloud gsutil bq az azd func doctl linode-cli hcloud vultr-cli scw ovh
  oci ibmcloud aliyun tccli exo upctl civo fly flyctl vercel netlify wrangler heroku railway render cf koyeb surge firebase supabase amplify
  serverless sls pulumi sst zappa up terragrunt terraform-docs-remote crossplane spacectl tfc env0 infracost
  vault consul nomad boundary op bw lpass chamber doppler infisical sops-remote teller akeyless
  stripe twilio sentry-cli datadog-ci newrelic honeycomb pd opsgenie slack slackcat ntfy cloudctl platform shopify pscale neonctl planetscale turso mongocli atlas-cli confluent snow snowsql dbt databricks gam m365 mc s3cmd s5cmd b2 rsync-net rclone-cloud keybase`;

const localHashicorp = (name: string, sub: string) =>
  /^(init|get|providers|login|logout|test|graph|metadata|modules)$/.test(sub)
    ? opaque(`"${name} ${showMarkers(sub)}" fetches code or reads remote state.`, sub)
    : live(`"${name} ${showMarkers(sub)}" reads or changes what is running.`, sub);

/** The state may be remote; a plan that is named is a file. */
function showPlan(call: Call): Verdict | null {
  const isFile = call.args.some((arg) => !arg.startsWith("-"));
  return isFile ? null : localHashicorp(call.name, "show");
}

const sops = (call: Call): Verdict | null =>
  onlyAsksAbout(call.args) ? null : opaque('"sops" opens secrets.', "sops");

function configured(call: Call): Verdict | null {
  if (onlyAsksAbout(call.args) || asksForHelp(call.args, 3)) return null;
  if (call.name === "aws" && /^([a-z][a-z0-9-]* ){1,2}help$/.test(call.args.join(" "))) return null;
  const { operands } = parseOptions(call.args, { values: "--profile --region --project --output" });
  const text = operands.join(" ");
  if (/^(help|version|configure list|config list|config get|auth list|account show --help)/.test(text))
    return null;
  return live(`"${call.name}" acts on a cloud account.`, call.name);
}

export const cloud: Rules = {
  ...each(providers, configured),
  ...each(
    "terraform tofu",
    subcommands({
      local: "validate version",
      global: { singleDash: true, values: "" },
      judged: { show: showPlan, fmt: guarded({ singleDash: true, operands: "all" }) },
      helps: true,
      otherwise: localHashicorp,
    }),
  ),
  packer: subcommands({ local: "fmt validate version inspect", otherwise: localHashicorp }),
  "terraform-docs": () => null,
  checkov: () => null,
  sops,
  ...each("cloud-init virt-install juju maas openstack nova ovirt govc", always("live", "manages machines")),
};
