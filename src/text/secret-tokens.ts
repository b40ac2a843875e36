interface TokenPattern {
  kind: string;
  pattern: RegExp;
  /** Stands in each, and little else has it: what begins like any word is looked for only where this is. */
  within?: string;
}

/**
 * Tokens that their issuers made recognisable. Each pattern begins with fixed characters and ends with one bounded
 * class, so that it takes time linear in the text. Sources: the issuers' documentation of their token formats.
 */
export const tokenPatterns: readonly TokenPattern[] = [
  {
    kind: "github-token",
    pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255})/g,
  },
  {
    kind: "gitlab-token",
    pattern: /(?<![A-Za-z0-9])gl(?:pat|dt|rt|cbt|ptt|ft|oas|soat|agent|imt|ffct)-[\w-]{16,255}/g,
  },
  {
    kind: "aws-key-id",
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  },
  { kind: "aws-model-key", pattern: /(?<![A-Za-z0-9])ABSK[A-Za-z0-9+/]{100,200}={0,2}/g },
  {
    kind: "cloud-key-id",
    pattern: /(?<![A-Za-z0-9])(?:LTAI[A-Za-z0-9]{16,24}|AKID[A-Za-z0-9]{32})(?![A-Za-z0-9])/g,
  },
  { kind: "npm-token", pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{30,255}/g },
  { kind: "pypi-token", pattern: /(?<![A-Za-z0-9])pypi-[\w-]{30,500}/g },
  { kind: "rubygems-token", pattern: /(?<![A-Za-z0-9])rubygems_[0-9a-f]{40,64}/g },
  { kind: "crates-token", pattern: /(?<![A-Za-z0-9])cio[A-Za-z0-9]{32}(?![A-Za-z0-9])/g },
  { kind: "docker-token", pattern: /(?<![A-Za-z0-9])dckr_(?:pat|oat)_[\w-]{20,255}/g },
  {
    kind: "stripe-key",
    pattern:
      /(?<![A-Za-z0-9])(?:(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/=]{24,255})/g,
  },
  {
    kind: "google-key",
    pattern: /(?<![A-Za-z0-9])(?:AIza[\w-]{35}|GOCSPX-[\w-]{24,64}|1\/\/0[\w-]{40,200}|ya29\.[\w-]{20,500})/g,
  },
  { kind: "google-push-key", pattern: /APA91b[\w-]{120,200}/g },
  {
    kind: "slack-token",
    pattern: /(?<![A-Za-z0-9])(?:xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-\d-[A-Za-z0-9-]{10,255})/g,
  },
  {
    kind: "slack-webhook",
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/]{20,255}/g,
  },
  { kind: "discord-webhook", pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{10,25}\/[\w-]{30,255}/g },
  { kind: "discord-token", pattern: /(?<![\w-])[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,64}(?![\w-])/g },
  { kind: "teams-webhook", pattern: /\.webhook\.office\.com\/webhookb2\/[\w@-]{30,255}\/[\w/-]{30,255}/g },
  { kind: "sendgrid-key", pattern: /(?<![A-Za-z0-9])SG\.[\w-]{16,64}\.[\w-]{16,128}/g },
  { kind: "mailgun-key", pattern: /(?<![A-Za-z0-9])key-[0-9a-f]{32}(?![A-Za-z0-9])/g },
  { kind: "mailchimp-key", pattern: /(?<![A-Za-z0-9])[0-9a-f]{32}-us\d{1,2}(?![A-Za-z0-9])/g, within: "-us" },
  {
    kind: "twilio-key",
    pattern: /(?<![A-Za-z0-9])(?:SK[0-9a-f]{32}|AC[0-9a-f]{32}:[0-9a-f]{32})(?![A-Za-z0-9])/g,
  },
  { kind: "telegram-token", pattern: /(?<![A-Za-z0-9])(?:bot)?\d{8,10}:[\w-]{35}(?![\w-])/g },
  { kind: "age-key", pattern: /AGE-(?:SECRET-KEY|PLUGIN-[A-Z0-9]{1,20})-1[A-Z0-9]{20,128}/gi },
  { kind: "anthropic-key", pattern: /(?<![A-Za-z0-9])sk-ant-[\w-]{20,255}/g },
  {
    kind: "openai-key",
    pattern:
      /(?<![A-Za-z0-9-])sk-(?!ant-)(?:(?:proj|svcacct|admin|None|or-v1)-)?(?=[A-Za-z_-]{0,80}\d)[\w-]{20,255}/g,
  },
  { kind: "huggingface-token", pattern: /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,64}/g },
  { kind: "model-provider-key", pattern: /(?<![A-Za-z0-9])(?:gsk_|xai-|r8_|pplx-)[A-Za-z0-9]{30,128}/g },
  { kind: "digitalocean-token", pattern: /(?<![A-Za-z0-9])do[opr]_v1_[0-9a-f]{40,64}/g },
  {
    kind: "vault-token",
    pattern:
      /(?<![A-Za-z0-9])hv[sbr]\.[\w-]{20,255}|(?<![\w./-])[sb]\.(?=[a-z\d]{0,23}[A-Z])(?=[A-Z\d]{0,23}[a-z])(?=(?:[A-Za-z]{0,23}\d){2})[A-Za-z0-9]{24}(?![\w.(-])/g,
  },
  {
    kind: "terraform-token",
    pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,128}/g,
    within: ".atlasv1.",
  },
  { kind: "tailscale-key", pattern: /(?<![A-Za-z0-9])tskey-[a-z]{2,12}-[A-Za-z0-9-]{16,128}/g },
  { kind: "shopify-token", pattern: /(?<![A-Za-z0-9])shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}/g },
  { kind: "square-token", pattern: /(?<![A-Za-z0-9])sq0(?:atp|csp|idp)-[\w-]{20,64}/g },
  { kind: "databricks-token", pattern: /(?<![A-Za-z0-9])dapi[0-9a-f]{32}/g },
  { kind: "atlassian-token", pattern: /(?<![A-Za-z0-9])ATATT3[\w=-]{40,300}/g },
  { kind: "grafana-token", pattern: /(?<![A-Za-z0-9])gl(?:c|sa)_[A-Za-z0-9_=+/]{30,300}/g },
  { kind: "sentry-token", pattern: /(?<![A-Za-z0-9])sntry[su]_[A-Za-z0-9_=+/]{30,300}/g },
  { kind: "new-relic-key", pattern: /(?<![A-Za-z0-9])NRAK-[A-Z0-9]{20,40}/g },
  { kind: "postman-key", pattern: /(?<![A-Za-z0-9])PMAK-[0-9a-f]{20,30}-[0-9a-f]{30,40}/g },
  {
    kind: "service-token",
    pattern:
      /(?<![A-Za-z0-9])(?:lin_api_|ntn_|figd_|nfp_|sbp_|sb_secret_|pscale_(?:tkn|pw|oauth)_|pul-|dp\.(?:pt|st|ct|sa)\.|bkua_|ops_eyJ|HRKU-|glpat_|lsv2_(?:pt|sk)_|secret_(?=[A-Za-z]{0,60}\d)(?=[a-z\d]{0,60}[A-Z])|dt0c01\.|hca[a-z]{2}_|CCIPAT_|CLOJARS_|CFPAT-|tfp_|rdme_|aio_|EZ[AT]K|sgp_|xkeysib-|FLWSECK(?:_TEST)?-|access_token\$production\$|sk\.eyJ1Ijoi)[\w.$=-]{20,500}/g,
  },
  { kind: "fly-token", pattern: /(?<![A-Za-z0-9])fm[12][ar]?_[A-Za-z0-9+/=_-]{40,1000}/g },
  { kind: "sonar-token", pattern: /(?<![A-Za-z0-9])sq[apu]_[0-9a-f]{40}(?![0-9a-f])/g },
  {
    kind: "cluster-token",
    pattern: /(?<![A-Za-z0-9])(?:K10[0-9a-f]{64}::\w{1,20}:\w{16,128}|sha256~[\w-]{43})(?![\w-])/g,
  },
  { kind: "gitlab-runner-token", pattern: /(?<![A-Za-z0-9])GR1348941[\w-]{20}(?![\w-])/g },
  { kind: "resend-key", pattern: /(?<![A-Za-z0-9])re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,32}(?![A-Za-z0-9])/g },
  { kind: "airtable-token", pattern: /(?<![A-Za-z0-9])pat[A-Za-z0-9]{14}\.[0-9a-f]{64}/g },
  { kind: "bitbucket-token", pattern: /(?<![A-Za-z0-9])ATBB[A-Za-z0-9]{24,40}(?![A-Za-z0-9])/g },
  { kind: "dropbox-token", pattern: /(?<![A-Za-z0-9.])sl\.(?:u\.)?[\w-]{100,1500}/g },
  { kind: "infisical-token", pattern: /(?<![A-Za-z0-9.])st\.[0-9a-f-]{24,36}\.[0-9a-f]{32}\.[0-9a-f]{32}/g },
  {
    kind: "registry-key",
    pattern: /(?<![A-Za-z0-9])(?:AKCp[A-Za-z0-9]{66,80}|oy2[a-z0-9]{43})(?![A-Za-z0-9])/g,
  },
  { kind: "cloudflare-key", pattern: /(?<![A-Za-z0-9])v1\.0-[0-9a-f]{24}-[0-9a-f]{100,200}/g },
  { kind: "facebook-token", pattern: /(?<![A-Za-z0-9])EAA[A-Z][A-Za-z0-9]{50,300}/g },
  { kind: "twitter-token", pattern: /(?<![A-Za-z0-9])A{20,24}[A-Za-z0-9]{10,40}%[A-Za-z0-9%]{30,100}/g },
  { kind: "yandex-key", pattern: /(?<![A-Za-z0-9])(?:AQVN[\w-]{35,38}|y0_[\w-]{50,64})(?![\w-])/g },
  { kind: "okta-token", pattern: /\bSSWS 00[\w-]{38,42}/g },
  { kind: "zapier-webhook", pattern: /hooks\.zapier\.com\/hooks\/catch\/\d{4,12}\/\w{5,40}/g },
  // Makers we do not know: a short prefix before what nobody types, with four digits so that no long name of code counts.
  {
    kind: "issued-token",
    pattern:
      /(?<![\w#%+-])[a-z]{2,12}[_-](?=[a-z\d]{0,60}[A-Z])(?=[A-Z\d]{0,60}[a-z])(?=(?:[A-Za-z]{0,40}\d){4})[A-Za-z0-9]{32,255}(?![\w-])/g,
  },
  { kind: "azure-client-secret", pattern: /(?<![\w~.-])[\w~.-]{3}[78]Q~[\w~.-]{31,34}(?![\w~-])/g },
  { kind: "azure-sas", pattern: /[?&]sig=[A-Za-z0-9%+/=]{40,128}/g },
  { kind: "paseto-token", pattern: /(?<![\w.-])v[1-4]\.(?:local|public)\.[\w-]{40,4000}/g },
  { kind: "jwt", pattern: /(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{8,2000}/g },
];
