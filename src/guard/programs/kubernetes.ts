import type { Call, Judge, Rules } from "../call.ts";
import { showMarkers } from "../markers.ts";
import { type Flag, type OptionSyntax, parseOptions } from "../options.ts";
import { asksForHelp, each, guarded, onlyAsksAbout, subcommands, uncertain } from "../rules.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";

const kubectlSyntax: OptionSyntax = {
  values:
    "-n -f -o -l -c -s -k --context --namespace --filename --output --selector --container --kubeconfig --server --cluster --user --as --as-group --token --certificate-authority --client-key --client-certificate --image --replicas --port --tail --since --timeout --field-selector --sort-by --cache-dir --tls-server-name --profile --from-literal --from-file --type --patch --overrides --kube-context --kube-apiserver --kube-token --post-renderer --post-renderer-args --set --set-string --set-file --values --version --repo",
};

/** Options that lead elsewhere than the context says. */
const elsewhere =
  /^(-s|--server|--kubeconfig|--cluster|--user|--as|--as-group|--token|--kube-apiserver|--kube-token|--tls-server-name|--certificate-authority)$/;

/** The cluster that a command acts on, where its words say it. */
function judgeCluster(call: Call, option: string): Verdict | null {
  const { flags } = parseOptions(call.args, kubectlSyntax);
  const led = flags.find(({ name }) => elsewhere.test(name));
  if (led) return live(`"${call.name} ${led.name}" decides which cluster it acts on.`, led.name);
  const contexts = flags.filter(({ name }) => name === option).map(({ value = "" }) => value);
  // The last one counts, so all have to be local.
  const context = contexts.find((name) => call.world.facts.kubeContexts?.[name] !== "local") ?? contexts[0];
  if (context === undefined)
    return live(`"${call.name}" acts on the cluster that happens to be current.`, call.name);
  const tier = call.world.facts.kubeContexts?.[context];
  return tier === "local"
    ? null
    : live(`The context "${showMarkers(context)}" is not known to be a cluster of this machine.`, context);
}

const kubectl: Judge = (call) => {
  // `version` alone asks the cluster for its own.
  if (call.args[0] !== "version" && onlyAsksAbout(call.args)) return null;
  const at = call.args.indexOf("--");
  const own = at < 0 ? call.args : call.args.slice(0, at);
  const { operands, flags, uncertain: isUncertain } = parseOptions(own, kubectlSyntax);
  const inside = at < 0 ? null : judgeInside(call, operands[0] ?? "", call.args.slice(at + 1));
  return worst(
    isUncertain ? uncertain(call) : null,
    judgeAction({ ...call, args: own }, operands, flags),
    inside,
  );
};

function judgeAction(call: Call, operands: readonly string[], flags: readonly Flag[]): Verdict | null {
  const [sub = "", second = ""] = operands;
  if (isHelpAsked(sub, operands, flags)) return null;
  if (/^(kustomize|completion|help|options)$/.test(sub) || operands.length === 0) return judgeKustomize(call);
  if (sub === "version" && call.args.some((arg) => /^--client(=true)?$/.test(arg))) return null;
  if (sub === "config") return judgeConfiguration(call, second, operands);
  if (/^(create|run)$/.test(sub) && isDryRun(flags)) return null;
  if (known.test(sub)) return judgeCluster(call, "--context");
  return live(`"${call.name} ${showMarkers(sub)}" may be a plug-in of any kind.`, sub);
}

/**
 * Help, and nothing runs. Alone among the options, since another one may take it for its value; not where words may be
 * a command for a container, or the name of a plug-in.
 */
function isHelpAsked(sub: string, operands: readonly string[], flags: readonly Flag[]): boolean {
  const [flag, ...others] = flags;
  if (flag === undefined || others.length > 0) return false;
  if (!/^(--help|-h)$/.test(flag.name) || flag.value !== undefined) return false;
  return known.test(sub) && (operands.length === 1 || !/^(exec|run|debug|create)$/.test(sub));
}

function isDryRun(flags: readonly Flag[]): boolean {
  const isDry = flags.some(({ name, value }) => name === "--dry-run" && value === "client");
  return isDry && !flags.some(({ name }) => elsewhere.test(name));
}

/** A single word after `exec --` is a shell or a program of the container's own. */
function judgeInside(call: Call, sub: string, words: readonly string[]): Verdict | null {
  if (!/^(exec|run|debug)$/.test(sub) || (sub === "exec" && words.length === 1)) return null;
  return call.world.judgeWords(words, { kind: "unknown" });
}

const known =
  /^(get|describe|logs|apply|create|delete|edit|exec|run|expose|scale|autoscale|rollout|set|label|annotate|patch|replace|port-forward|proxy|cp|attach|debug|top|explain|diff|wait|cordon|uncordon|drain|taint|auth|api-resources|api-versions|cluster-info|events|version|certificate)$/;

function judgeKustomize(call: Call): Verdict | null {
  const stop = call.args.find((arg) =>
    /^--(enable-exec|enable-alpha-plugins|enable-helm|helm-command|network)/.test(arg),
  );
  const far = call.args.find((arg) => /:\/\/|^git@|^github\.com/.test(arg));
  if (stop ?? far)
    return opaque(`"${call.name} ${stop ?? far}" runs or fetches what is not in the project.`, stop ?? far);
  return null;
}

function judgeConfiguration(call: Call, action: string, operands: readonly string[]): Verdict | null {
  if (/^(view|get-contexts|get-clusters|get-users|current-context)$/.test(action)) {
    return call.args.includes("--raw")
      ? opaque('"kubectl config view --raw" prints credentials.', "--raw")
      : null;
  }
  const tier = action === "use-context" ? call.world.facts.kubeContexts?.[operands[2] ?? ""] : undefined;
  return tier === "local"
    ? null
    : live(`"kubectl config ${showMarkers(action)}" decides whom later commands reach.`, action);
}

const helm: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const { operands, flags, uncertain: isUncertain } = parseOptions(call.args, kubectlSyntax);
  const [sub = "", second = ""] = operands;
  // Any other may be a plug-in.
  if (/^(install|upgrade|uninstall|rollback|get|status|history|test|pull|push|repo)$/.test(sub)) {
    if (asksForHelp(call.args)) return null;
  }
  const renderer = flags.find(({ name }) => name === "--post-renderer")?.value;
  const runs =
    renderer === undefined
      ? null
      : worst(
          opaque('"helm --post-renderer" runs a program.', "--post-renderer"),
          call.world.judgeScript(renderer, { kind: "unknown" }),
        );
  const doubt = worst(isUncertain ? uncertain(call) : null, runs);
  if (/^(lint|package|create|env|version|completion|help|verify)$/.test(sub)) return doubt;
  if (/^(repo|dependency|dep|plugin|search)$/.test(sub) && /^(list|ls)$/.test(second)) return doubt;
  if (/^(template|show|inspect)$/.test(sub)) return worst(doubt, judgeChart(call, operands));
  if (/^(repo|dependency|dep|plugin|search|pull|fetch|registry|push|plugin)$/.test(sub)) {
    return worst(doubt, opaque(`"helm ${sub}" fetches from a registry, or installs code.`, sub));
  }
  return worst(doubt, judgeCluster(call, "--kube-context"));
};

function judgeChart(call: Call, operands: readonly string[]): Verdict | null {
  const far =
    operands.slice(1).find((word) => /:\/\//.test(word)) ??
    call.args.find((arg) => /^--(repo|validate|dry-run=server)/.test(arg));
  return far === undefined
    ? null
    : opaque(`"helm ${operands[0] ?? ""}" with "${showMarkers(far)}" reaches a registry or a cluster.`, far);
}

/** Clusters that live in containers of this machine. */
const kind: Judge = subcommands({
  local: "get create delete version load export completion help",
  otherwise: (name, sub) => opaque(`"${name} ${sub}" is not known.`, sub),
});

const minikube: Judge = subcommands({
  local:
    "status start stop delete ip version profile image addons dashboard pause unpause logs config update-context docker-env service-list node cache help",
  otherwise: (name, sub) =>
    opaque(`"${name} ${sub}" reaches into a machine that is not proven to be local.`, sub),
});

/** Asked for their version, they ask the cluster for the version of its part too. */
const asksCluster = /^(oc|argocd|flux|velero|istioctl|linkerd|cilium|hubble|tkn|calicoctl|talosctl)$/;
const staysClient =
  /^(version --client(-only)?(=true)?|version --remote=false|completion (bash|zsh|fish|powershell))$/;
/** Files alone; another context or cluster that it names would say otherwise. */
const analyzesFiles = /^analyze (--use-kube=false( [\w./-]+)+|([\w./-]+ )+--use-kube=false)$/;

const clusterTool: Judge = ({ name, args }) => {
  const words = args.join(" ");
  const isAsked = words === "version" ? !asksCluster.test(name) : onlyAsksAbout(args);
  const isOffline = staysClient.test(words) || (name === "istioctl" && analyzesFiles.test(words));
  return isAsked || isOffline ? null : live(`"${name}" acts on a cluster.`, name);
};

export const kubernetes: Rules = {
  ...each("kubectl k kubecolor", kubectl),
  helm,
  kustomize: (call) =>
    /^(build|version|help)$/.test(call.args[0] ?? "") ? judgeKustomize(call) : guarded({})(call),
  kind,
  k3d: subcommands({
    local: "version node registry kubeconfig help",
    judged: { cluster: () => null, image: () => null },
    otherwise: (name, sub) => opaque(`"${name} ${sub}" is not known.`, sub),
  }),
  minikube,
  ...each("k9s stern", (call) => (onlyAsksAbout(call.args) ? null : judgeCluster(call, "--context"))),
  ...each(
    "oc kubectx kubens kubetail kubespy argocd argo flux velero istioctl linkerd cilium hubble calicoctl kubeadm kubelet rancher helmfile helmsman kapp ytt-deploy kops k0sctl k3sup talosctl tkn knative kn kubeseal kubent popeye okteto telepresence skaffold tilt garden devspace draft werf crossplane-cli clusterctl nerdctl-remote k0s k3s microk8s odo oc-mirror krew virtctl kubectl-argo-rollouts",
    clusterTool,
  ),
};
