import type { Call, Judge, Rules } from "../call.ts";
import { hostOfUrl, judgeHost } from "../hosts.ts";
import { showMarkers, UNKNOWN } from "../markers.ts";
import { type Flag, type OptionSyntax, parseOptions } from "../options.ts";
import { secretKind } from "../paths.ts";
import { sendsToKnownHost } from "../places.ts";
import { always, each, guarded, onlyAsksAbout, uncertain } from "../rules.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";

const globalSyntax: OptionSyntax = {
  values:
    "-H --host -c --context --config -l --log-level --tlscacert --tlscert --tlskey --url --connection --identity --root --runroot -f --file -p --project-name --profile --env-file --project-directory --ansi --progress --parallel",
  flags: "-D --debug -v --version --help -h --compatibility --dry-run --all-resources --verbose --no-ansi",
  stopAtOperand: true,
};

/** They act on the daemon of this machine, on images and containers that are there. */
const local =
  "ps ls images logs top stats inspect port diff history info version events rm rmi stop start restart kill pause unpause wait rename update tag save load import export attach commit cp df prune help builder config create up down build watch volumes attest convert alpha list";
const groups =
  /^(container|image|volume|network|system|builder|buildx|compose|context|pod|machine|manifest|plugin|secret|swarm|stack|service|node|trust|scout|checkpoint|generate|play|kube)$/;
const reaches: Readonly<Record<string, string>> = {
  push: "sends an image to a registry",
  pull: "fetches from a registry",
  login: "hands credentials to a registry",
  logout: "changes credentials",
  search: "asks a registry",
  swarm: "changes a cluster",
  stack: "changes a cluster",
  service: "changes a cluster",
  node: "changes a cluster",
  secret: "changes a cluster",
  trust: "signs for a registry",
  plugin: "installs code",
  machine: "changes machines",
  scout: "asks a registry",
  manifest: "asks a registry",
};

function judgeEngineOption(call: Call, { name, value = "" }: Flag): Verdict | null {
  if (/^(-f|--file)$/.test(name) && /:\/\//.test(value))
    return opaque(`"${call.name}" takes "${showMarkers(value)}" from another machine.`, value);
  if (/^(-H|--host|--url|--connection)$/.test(name)) return judgeDaemon(call, name, value);
  if (name === "--context" || name === "-c") return judgeContext(call, value);
  if (/^(--config|--identity|--tls\w*)$/.test(name))
    return opaque(`"${call.name} ${name}" decides which daemon is talked to.`, name);
  return null;
}

function judgeDaemon(call: Call, name: string, value: string): Verdict | null {
  if (value.startsWith("unix://") && !value.includes(UNKNOWN)) return null;
  const host = hostOfUrl(value);
  const kind = host === null ? "other" : judgeHost(host, call.world.facts);
  if (kind === "loopback") return opaque("A port of this machine may lead to another one's daemon.", name);
  return live(`"${call.name} ${name}" talks to the daemon of another machine.`, name);
}

function judgeContext(call: Call, context: string): Verdict | null {
  if (/^(default|desktop-linux)$/.test(context)) return null;
  const tier = call.world.facts.dockerContexts?.[context];
  return tier === "local"
    ? null
    : live(`The context "${showMarkers(context)}" is not known to be this machine's.`, context);
}

const docker: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const isPodman = call.name === "podman";
  const syntax = isPodman
    ? {
        ...globalSyntax,
        flags: `${globalSyntax.flags} -r --remote`,
        values: globalSyntax.values?.replace("-c ", "") ?? "",
      }
    : globalSyntax;
  const { flags, operands, uncertain: isUncertain } = parseOptions(call.args, syntax);
  let verdict: Verdict | null = isUncertain ? uncertain(call) : null;
  for (const flag of flags) {
    if (isPodman && /^(-r|--remote)$/.test(flag.name))
      verdict = worst(verdict, live('"podman --remote" talks to another machine.', flag.name));
    else if (flag.known) verdict = worst(verdict, judgeEngineOption(call, flag));
    else verdict = worst(verdict, opaque(`"${call.name} ${flag.name}" is not known.`, flag.name));
  }
  return worst(verdict, judgeAction(call, operands));
};

function judgeAction(call: Call, [first, ...args]: readonly string[]): Verdict | null {
  if (first === undefined) return null;
  // Right behind the verb: behind an image or a container it would be for the program in there.
  if (args.length === 1 && args[0] === "--help") return null;
  if (first === "context") return judgeContextAction(call, args);
  if (reaches[first] !== undefined && Object.hasOwn(reaches, first)) {
    return { ...opaque(`"${call.name} ${first}" ${reaches[first]}.`, first), sends: true };
  }
  if (first === "compose") return docker({ ...call, name: "docker-compose", args });
  if (groups.test(first)) return judgeAction(call, args);
  if (/^(run|create|exec)$/.test(first)) return judgeContainer(call, first, args);
  if (first === "build" || first === "bake") return judgeBuild(call, args);
  if (local.split(" ").includes(first)) return judgeFiles(call, first, args);
  return opaque(`"${call.name} ${showMarkers(first)}" is not known.`, first);
}

const savesImage = guarded({ values: "--platform --format", writes: "-o --output" });

/** Copies between this machine and a container: what is written here, and what is read. */
function judgeFiles(call: Call, first: string, args: readonly string[]): Verdict | null {
  if (first === "cp") {
    const last = args.at(-1) ?? "";
    const secret = args.find((arg) => secretKind(arg) === "private");
    if (secret !== undefined) return opaque(`"${call.name} cp" copies credentials.`, secret);
    return last.includes(":") ? null : call.world.judgeWrite(last);
  }
  if (/^(save|export)$/.test(first)) return savesImage({ ...call, args });
  const remote = args.find((arg) => /^(--context|--push|--host)(=|$)|^https?:\/\//.test(arg));
  return remote === undefined ? null : opaque(`"${call.name} ${first} ${remote}" reaches out.`, remote);
}

function judgeContextAction(call: Call, [first = "", name = ""]: readonly string[]): Verdict | null {
  if (/^(ls|list|show|inspect|)$/.test(first)) return null;
  if (first === "use") return judgeContext(call, name);
  return opaque(`"${call.name} context ${first}" changes which daemons there are.`, first);
}

function judgeBuild(call: Call, args: readonly string[]): Verdict | null {
  const { flags, operands } = parseOptions(args, {
    values:
      "-t -f -o --tag --file --target --build-arg --platform --label --output --cache-from --cache-to --progress --network --secret --ssh --builder --add-host --iidfile --metadata-file",
  });
  const reaching = flags.find(({ name }) =>
    /^(--push|--ssh|--builder|--output|-o|--allow|--cache-to|--network|--secret)$/.test(name),
  );
  if (reaching)
    return opaque(`"${call.name} build ${reaching.name}" reaches out of the build.`, reaching.name);
  const context = operands.find((word) => /:\/\/|^git@|^github\.com/.test(word));
  if (context !== undefined)
    return opaque(`The build context "${context}" lies on another machine.`, context);
  const isPiped =
    operands.includes("-") || flags.some(({ name, value }) => isFile.test(name) && value === "-");
  return isPiped && call.stdin.kind === "text" ? judgeSteps(call, call.stdin.text) : null;
}

const isFile = /^(-f|--file)$/;

/** The steps of a build run in its box, where installing is nothing; only what leaves it for a host of ours counts. */
function judgeSteps(call: Call, dockerfile: string): Verdict | null {
  const steps = dockerfile.replaceAll("\\\n", " ").matchAll(/^[ \t]*RUN[ \t]+(.*)$/gim);
  const verdicts = [...steps].map(([, step = ""]) => call.world.judgeScript(step, { kind: "none" }));
  return worst(...verdicts.filter((verdict) => verdict?.answer !== "opaque"));
}

const containerSyntax: OptionSyntax = {
  values:
    "-e -v -p -u -w -h -m -c -l -a --env --env-file --volume --publish --user --workdir --hostname --name --network --net --mount --entrypoint --memory --cpus --label --restart --platform --add-host --link --device --cap-add --cap-drop --security-opt --ulimit --tmpfs --log-driver --log-opt --pull --pid --ipc --uts --userns --dns --ip --mac-address --shm-size --stop-signal --stop-timeout --health-cmd --health-interval --gpus --runtime --volumes-from --cidfile --expose --network-alias --detach-keys --index --group-add --sysctl --init-path --volume-driver --annotation --cgroup-parent --cgroupns --cpu-shares --cpuset-cpus",
  flags:
    "-i -t -d -T -P --rm --init --detach --interactive --tty --privileged --read-only --publish-all --no-healthcheck --no-deps --no-TTY --quiet -q --build --oom-kill-disable --sig-proxy --service-ports --use-aliases --remove-orphans --quiet-pull",
  stopAtOperand: true,
};

/** Options by which a container gets out of its box. */
const opensBox =
  /^(--privileged|--pid|--ipc|--uts|--userns|--device|--cap-add|--security-opt|--volumes-from|--env-file|--add-host|--dns|--runtime|--health-cmd)$/;
const harmlessMount = /^((\.{1,2}\/|\.(?=:)|\$PWD|\uE002)?[\w.@/-]*|\uE002)(:|$)/;

function judgeContainer(call: Call, action: string, args: readonly string[]): Verdict | null {
  const { flags, operands, uncertain: isUncertain } = parseOptions(args, containerSyntax);
  let verdict: Verdict | null = isUncertain ? uncertain(call) : null;
  for (const flag of flags) verdict = worst(verdict, judgeContainerOption(call, flag));
  const entrypoint = flags.find(({ name }) => name === "--entrypoint")?.value;
  const [image = "", ...rest] = operands;
  const words = entrypoint === undefined || entrypoint === "" ? rest : [entrypoint, ...rest];
  verdict = worst(verdict, judgeImage(call, action, image, words.length > 0));
  if (words.length === 0) return verdict;
  // At a terminal a person types; an agent has none there.
  const isShell = words.length === 1 && /^((\/bin\/)?(ba|z|a|da)?sh|node|python3?|irb)$/.test(words[0] ?? "");
  if (isShell && call.stdin.kind === "none" && hasTerminal(call, flags)) return verdict;
  return worst(verdict, judgeInside(call, words));
}

/** Compose gives a terminal unless told not to; the others when asked. */
function hasTerminal(call: Call, flags: readonly Flag[]): boolean {
  if (/compose$/.test(call.name)) return !flags.some(({ name }) => name === "-T" || name === "--no-TTY");
  return flags.some(({ name }) => name === "-t" || name === "--tty");
}

/** Programs of the container's own cannot be known here; those that reach out can. Its files are its own. */
function judgeInside(call: Call, words: readonly string[]): Verdict | null {
  return call.world.judgeWords(
    words.map((word, at) => (at === 0 ? word : word.replace(/^\/(?!\/)(?=[\w.]+)/, "/"))),
    call.stdin,
  );
}

function judgeContainerOption(call: Call, { name, value = "", known }: Flag): Verdict | null {
  if (!known) return opaque(`"${call.name} ${name}" is not known.`, name);
  if (/^(-e|--env)$/.test(name)) return judgeVariable(call, value);
  if (opensBox.test(name)) return opaque(`The option ${name} lets the container out of its box.`, name);
  if (name === "--network" || name === "--net") {
    return /^(host|container:)/.test(value)
      ? opaque(`The option ${name} gives the container this machine's network.`, name)
      : null;
  }
  if (/^(-v|--volume|--mount)$/.test(name)) return judgeMount(call, value);
  return null;
}

/** What the container is told to talk to. */
function judgeVariable(call: Call, assignment: string): Verdict | null {
  const [, name = "", value = ""] = /^([^=]*)=(.*)$/s.exec(assignment) ?? [];
  return sendsToKnownHost(name, value, call.world.facts)
    ? live(`${name} sends the container to "${showMarkers(value)}", a host of the inventory.`, `${name}=`)
    : null;
}

function judgeMount(call: Call, value: string): Verdict | null {
  const source =
    /^(?:type=\w+,)?(?:.*\b(?:source|src)=([^,]*))/.exec(value)?.[1] ?? value.split(":")[0] ?? "";
  const root = call.world.facts.projectRoot;
  const isOwn =
    root !== undefined && (source === root || source.startsWith(`${root}/`)) && !source.includes("..");
  if (isOwn || /^type=(volume|tmpfs)/.test(value)) return null;
  const isHarmless = harmlessMount.test(source) && !source.startsWith("/") && !source.includes("..");
  const isTemporary = /^\/tmp\/[\w./-]+$/.test(source) && !source.includes("..");
  return isHarmless || isTemporary
    ? null
    : opaque(`The container sees "${showMarkers(source)}", which lies outside the project.`, "-v");
}

/** An image of one's own or of the library; what another registry's does by itself is not known. */
function judgeImage(call: Call, action: string, image: string, hasCommand: boolean): Verdict | null {
  if (image.includes(UNKNOWN) || image === "")
    return opaque(`Which image or container "${call.name} ${action}" takes is not known.`, action);
  if (action === "exec" || hasCommand || !image.includes("/") || image.startsWith("localhost/")) return null;
  return opaque(`What the image "${image}" runs by itself is not known.`, image);
}

export const containers: Rules = {
  ...each("docker podman nerdctl docker-compose podman-compose", docker),
  ...each(
    "docker-machine crictl ctr buildah",
    always("opaque", "manages containers in ways that the guard does not know"),
  ),
  skopeo: always("live", "copies images between registries"),
  ...each("crane oras cosign", always("live", "talks to registries")),
  ...each("lxc lxc-attach incus multipass vagrant virsh qm pct", always("opaque", "reaches into machines")),
  dive: always("opaque", "may fetch images"),
};
