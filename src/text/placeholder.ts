const reference =
  /^(?:<|\$\$?[{(A-Za-z_]|\{\{|%[A-Za-z_]\w*%|\[[^\]]*\]?$|__\w+__$|`|ENC\[|!vault|!secret|vault:|op:\/\/|ref\+|env[:.(]|file:|process\.env|os\.(?:environ|getenv)|secrets?\.|config\.|arn:|sops:)/i;
const filler =
  /example|placeholder|change[-_. ]?(?:me|it|this)|your[-_ ]|redacted|dummy|sample|replace[-_ ]?(?:me|this|with)|insert[-_ ]|todo|fixme|xxxx|\*\*\*|\.\.\.|…|not[-_]?(?:a[-_]?)?real|fake/i;
const word =
  /^(?:password|passwd|pass|secret|token|key|value|string|text|str|boolean|bool|number|bytes|none|null|nil|undefined|true|false|yes|no|on|off|required|optional|unset|empty|missing|unknown|hidden|masked|encrypted|generated|rotated|unchanged|same|prompt|ask|stdin|env|vault|tbd|n\/a|na|random|here|inherit|foo|bar|baz|foobar|passwort|kennwort|contraseña|senha|wachtwoord|mot de passe|пароль|密码|密碼|パスワード|비밀번호)$/i;

/** Whether a value stands for a secret without being one: `changeme`, `<token>`, `${TOKEN}`, `xxxx`, a path, nothing. */
export function isPlaceholder(value: string): boolean {
  const plain = value.trim();
  return (
    plain.length < 3 ||
    reference.test(plain) ||
    word.test(plain) ||
    filler.test(plain) ||
    isPath(plain) ||
    isCode(plain) ||
    isLabel(plain) ||
    new Set(plain).size < 3
  );
}

/** Words about a secret: `Forgot the password?`, `VENDOR_API_KEY`, `my-token`. */
function isLabel(value: string): boolean {
  if (/^(?:[A-Z]{1,30}_){1,6}(?:KEY|TOKEN|SECRET|PASSWORD|PASS)$/.test(value)) return true;
  if (/^(?:my|our|some|the)[-_](?:api[-_])?(?:key|token|secret|password)$/i.test(value)) return true;
  return (
    /\s/.test(value) && /\b(?:passwords?|passphrase|tokens?|secrets?|api keys?|credentials?)\b/i.test(value)
  );
}

function isPath(value: string): boolean {
  return (
    /^(?:~|\.{1,2})?\/[\w.-]+(?:\/[\w.-]+)*\/?$/.test(value) && /[a-z]/i.test(value) && !/[+=]/.test(value)
  );
}

/** A call, a type, or a member of something: the value is elsewhere. */
function isCode(value: string): boolean {
  return (
    /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*\(/.test(value) ||
    /^(?:typing\.)?(?:Optional|Option|Union|Annotated|Literal|Mapped|List|Vec|Array|Box|Arc|Promise|Maybe)[[<]/.test(
      value,
    ) ||
    // A member that bears a secret's name: `credentials.secretAccessKey`.
    /^[A-Za-z_$][\w$]{0,60}(?:\.[A-Za-z_$][\w$]{0,60}){0,6}\.\w{0,40}(?:secret|token|password|passphrase|credentials?|key)$/i.test(
      value,
    ) ||
    /^(?:this|self|req|res|ctx|args|opts|options|settings|params|props|state|data|input|user)\.[\w$.]+$/.test(
      value,
    )
  );
}
