// Every setting there is, once: flag, environment variable and key of plombe.yaml come from this table.
import { findingStatuses, severityOrder } from '@plombe/model';

/** How the text or YAML value of a setting is read. `read` answers undefined for a value that is not valid. */
export interface Kind<Value> {
  /** Shown in messages: `must be …`. */
  readonly expects: string;
  /** All that a value, or an entry of a list, may be; absent: more than a list. */
  readonly words?: readonly string[];
  read(value: unknown): Value | undefined;
}

const text: Kind<string> = {
  expects: 'text',
  read: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
};

const flag: Kind<boolean> = {
  expects: 'true or false',
  read(value) {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === '1' || value === 'yes') return true;
    return value === 'false' || value === '0' || value === 'no' ? false : undefined;
  },
};

function number(expects: string, min: number, max: number): Kind<number> {
  return {
    expects,
    read(value) {
      const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof parsed === 'number' && parsed >= min && parsed <= max ? parsed : undefined;
    },
  };
}

const list: Kind<readonly string[]> = {
  expects: 'a list, or text separated by commas',
  read(value) {
    if (typeof value === 'string')
      return value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    if (!Array.isArray(value)) return undefined;
    const texts = (value as readonly unknown[]).filter((part) => typeof part === 'string');
    return texts.length === value.length ? texts : undefined;
  },
};

/** A list of which no entry is empty; a comma in a flag is a part of a path. */
const paths: Kind<readonly string[]> = {
  expects: 'a list of globs, none of them empty or leading outside',
  read: (value) => {
    const globs = list.read(value);
    return globs?.every((glob) => /[^./]/.test(glob) && !glob.split('/').includes('..')) === true ? globs : undefined;
  },
};

/** Entries `host` or `host:port`: a URL or a path would never be compared with anything. */
const hosts: Kind<readonly string[]> = {
  expects: 'a list of hosts, host[:port]',
  read: (value) => {
    const names = list.read(value);
    return names?.every((name) => /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/@]+)(?::\d{1,5})?$/.test(name)) === true
      ? names
      : undefined;
  },
};

/** Entries `registry=host`, each with one equals sign and something on both sides. */
const realms: Kind<readonly string[]> = {
  expects: 'a list of REGISTRY=HOST',
  read: (value) => {
    const pairs = list.read(value);
    return pairs?.every((pair) => /^[^\s=/]+=[^\s=/]+$/.test(pair)) === true ? pairs : undefined;
  },
};

function oneOf<const Word extends string>(words: readonly Word[]): Kind<Word> {
  return {
    expects: `one of ${words.join(', ')}`,
    words,
    read: (value) => words.find((word) => word === value),
  };
}

function someOf<const Word extends string>(words: readonly Word[]): Kind<readonly Word[]> {
  return {
    expects: `a list out of ${words.join(', ')}`,
    words,
    read(value) {
      const parts = list.read(value)?.flatMap((part) => part.split(',').map((word) => word.trim()));
      if (parts === undefined) return undefined;
      const known = parts.flatMap((part) => words.find((word) => word === part) ?? []);
      return known.length === parts.length ? known : undefined;
    },
  };
}

export interface Setting<Value = unknown> {
  readonly kind: Kind<Value>;
  /** The flag as help shows it, `--db DIR`; absent: only in plombe.yaml and the environment. */
  readonly flag?: string;
  /** The flag may be given several times. */
  readonly repeat?: boolean;
  readonly about: string;
  /** What holds where nothing is set, as `config explain` shows it. */
  readonly fallback: string;
}

function setting<Value>(
  kind: Kind<Value>,
  about: string,
  fallback: string,
  options: { flag?: string; repeat?: boolean } = {},
): Setting<Value> {
  return { kind, about, fallback, ...options };
}

/** Key in plombe.yaml → setting. The environment variable is `PLOMBE_` and the key in upper snake case. */
export const settings = {
  db: setting(text, 'folder of the advisory database', "the user's own, else the starter", { flag: '--db DIR' }),
  cache: setting(text, 'folder of the layer cache', '$XDG_CACHE_HOME/plombe', { flag: '--cache DIR' }),
  cacheMaxMiB: setting(number('a number of MiB from 16', 16, 1e7), 'size the layer cache is kept under', '2048'),
  platform: setting(
    text,
    'platform to choose from an index, os/architecture[/variant]',
    "linux and this machine's architecture",
    { flag: '--platform P' },
  ),
  allPlatforms: setting(flag, 'scan every platform of an index', 'false', { flag: '--all-platforms' }),
  failOn: setting(oneOf(severityOrder), 'exit 1 on findings of this severity or worse', 'never', {
    flag: '--fail-on SEVERITY',
  }),
  failOnEol: setting(flag, 'exit 1 where the distribution has no more security support', 'false', {
    flag: '--fail-on-eol',
  }),
  allow: setting(
    someOf(['partial', 'stale', 'unassessable', 'excluded']),
    'states that do not give exit code 3; excluded: partial by --exclude alone',
    'none',
    {
      flag: '--allow STATES',
      repeat: true,
    },
  ),
  offline: setting(flag, 'use no network at all', 'false', { flag: '--offline' }),
  output: setting(list, 'report format, or FORMAT=FILE; may be given several times', 'table', {
    flag: '-o, --output FORMAT[=FILE]',
    repeat: true,
  }),
  evidence: setting(flag, 'show package, path, layer and advisory under each row', 'false', { flag: '--evidence' }),
  maxAgeDays: setting(
    number('a number of days up to 36500', 0, 36_500),
    'advisory data older than this is stale',
    '5',
    {
      flag: '--max-age-days N',
    },
  ),
  declared: setting(
    oneOf(['auto', 'always', 'never']),
    'read lock files and manifests: in source trees, always, never',
    'auto',
    { flag: '--declared WHEN' },
  ),
  packages: setting(oneOf(['all', 'system']), "all, or those of the distribution's package manager only", 'all', {
    flag: '--packages WHICH',
  }),
  exclude: setting(paths, 'files and folders that are not looked at; the state is partial then', 'none', {
    flag: '--exclude GLOB',
    repeat: true,
  }),
  excludeDev: setting(flag, 'findings of packages for development only do not count', 'false', {
    flag: '--exclude-dev',
  }),
  severity: setting(someOf(severityOrder), 'findings of other severities do not count', 'all', {
    flag: '--severity LIST',
    repeat: true,
  }),
  ignoreUnfixed: setting(flag, 'findings without a fixed version do not count', 'false', { flag: '--ignore-unfixed' }),
  ignoreStatus: setting(someOf(findingStatuses), 'findings of these statuses do not count', 'none', {
    flag: '--ignore-status LIST',
    repeat: true,
  }),
  ignoreFile: setting(text, 'list of vulnerabilities that do not count: ID, package, end and reason', 'none', {
    flag: '--ignore-file FILE',
  }),
  vex: setting(list, 'VEX documents: what they say is not affected or fixed does not count', 'none', {
    flag: '--vex FILE',
    repeat: true,
  }),
  dependencyTree: setting(flag, 'show where packages with findings come from, as lock files say', 'false', {
    flag: '--dependency-tree',
  }),
  showSuppressed: setting(flag, 'list what does not count, and why', 'false', { flag: '--show-suppressed' }),
  verify: setting(
    oneOf(['auto', 'full']),
    'auto: layers of a registry may be read by their table of contents; full: every byte',
    'auto',
    { flag: '--verify WHAT' },
  ),
  timeoutSeconds: setting(number('a number of seconds from 1', 1, 86_400), 'give up after this time', 'no limit', {
    flag: '--timeout SECONDS',
  }),
  concurrency: setting(number('a number from 1 to 16', 1, 16), 'layers read at the same time', '2'),
  plainHttp: setting(hosts, "registries to speak plain http with, host[:port]; bare: the subject's", 'none', {
    flag: '--plain-http [HOST]',
    repeat: true,
  }),
  nvdApiKeyFile: setting(
    text,
    "file with your key of NVD's API, which db update asks where NVD's files cannot be had",
    'none',
  ),
  caFile: setting(list, "certificate authorities to trust besides the system's, PEM", 'none', {
    flag: '--ca-file FILE',
    repeat: true,
  }),
  authFile: setting(text, "credentials in the form of docker's config.json", "docker's and podman's", {
    flag: '--auth-file FILE',
  }),
  realmAllow: setting(realms, "token services on another host that may get a registry's login, REGISTRY=HOST", 'none', {
    flag: '--realm-allow REGISTRY=HOST',
    repeat: true,
  }),
  quiet: setting(flag, 'no progress on stderr', 'false', { flag: '-q, --quiet' }),
} as const satisfies Record<string, Setting>;

export type SettingKey = keyof typeof settings;

type ValueOf<S> = S extends Setting<infer Value> ? Value : never;

/** The settings in force. Absent: not set anywhere. */
export type Settings = { readonly [Key in SettingKey]?: ValueOf<(typeof settings)[Key]> };

/** `cacheMaxMiB` → `PLOMBE_CACHE_MAX_MIB`. */
export function environmentName(key: string): string {
  return `PLOMBE_${key
    .replace('MiB', 'Mib')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toUpperCase()}`;
}

/** `--fail-on SEVERITY` → `failOn`: the key under which the parser of flags gives it. */
export function flagKey(flagText: string): string {
  const long = /--([a-z-]+)/.exec(flagText)?.[1] ?? '';
  return long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
