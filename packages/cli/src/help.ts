// What help says besides the flags: examples first, then what a subject is and what the exit codes mean.
import type { Command } from 'commander';

const examples: Readonly<Record<string, string>> = {
  plombe: `Tells what is in a container image, what is known about it, and how to fix it.

Examples:
  plombe scan alpine:3.20                          an image in a registry
  plombe scan dir:/                                this machine
  plombe scan image.tar -o table -o sarif=out.sarif --fail-on high
  plombe sbom docker-archive:image.tar -o cyclonedx=sbom.json
  plombe explain CVE-2024-3094 dir:/               why it matched, or did not
  plombe verify alpine:3.20 --key release.pub      signed by whom it must be
  plombe db update                                 current advisory data`,
  scan: `  plombe scan registry.example.com/team/app:1.2 --fail-on high
  plombe scan oci:./layout --all-platforms -o json=report.json
  plombe scan dir:/ --evidence                     with package, path and advisory under each row
  plombe scan dir:. --exclude '**/fixtures' --allow excluded   what is left out is told
  plombe scan purls:packages.txt --offline         a list of package URLs, one in a line
  plombe scan alpine:3.20 --vex app.openvex.json --show-suppressed
  syft app:1.2 -o cyclonedx-json | plombe scan sbom:-
  plombe scan alpine:3.20 --fail-on high --allow stale,partial
  plombe scan registry.example.com/app:1.2 --attest --key release.key --record --ledger ./ledger`,
  sbom: `  plombe sbom alpine:3.20 -o cyclonedx=sbom.json
  plombe sbom dir:/ -o spdx | jq '.packages | length'
  plombe sbom sbom:bom.xml -o spdx=bom.spdx.json   from one format into the other`,
  explain: `  plombe explain CVE-2024-3094 debian:12           why it matched each package, or did not
  plombe explain openssl debian:12                 where a package is from, and what is known of it
  plombe explain CVE-2024-3094                     what the advisory database knows
  plombe explain archive/limit                     what a code means, and what to do`,
  layers: `  plombe layers registry.example.com/team/app:1.2
  plombe layers report.json --layer 3              of a saved report`,
  diff: `  plombe diff registry.example.com/team/app:1.2 registry.example.com/team/app:1.3
  plombe diff last-release.json oci:./layout --fail-on high   new findings fail`,
  doctor: `  plombe doctor
  plombe doctor --online -o json`,
  man: `  plombe man scan | man -l -
  plombe man --out ~/.local/share/man/man1         all pages`,
  completion: `  eval "$(plombe completion bash)"                 in ~/.bashrc
  plombe completion zsh > ~/.zfunc/_plombe
  plombe completion fish > ~/.config/fish/completions/plombe.fish`,
  convert: `  plombe scan alpine:3.20 -o json=report.json
  plombe convert report.json -o html=report.html -o junit=report.xml
  plombe convert report.json -o template=notice.md.tmpl=notice.md`,
  db: `  plombe db update                                 fetch what changed upstream
  plombe db build --from ./feeds --db ./db         build from files, without network
  plombe db status -o json                         each shard with its age, source and licence
  plombe db verify                                 read every shard and compare its digest`,
  update: `  plombe db update
  plombe db update --ecosystem alpine --ecosystem go`,
  build: `  plombe db build --from ./feeds --db ./db
  plombe db build --from ./feeds --ecosystem debian
  plombe db build --from feeds.tar.gz              an archive of the folder, as it was carried here`,
  status: `  plombe db status
  plombe db status --db ./db -o json`,
  'db verify': `  plombe db verify --db ./db`,
  fingerprint: `  plombe fingerprint registry.example.com/app:1.2 --file app.fingerprint
  plombe fingerprint compare app.fingerprint dir:/var/lib/app/rootfs
  plombe fingerprint oci:./layout -o json > predicate.json`,
  'fingerprint compare': `  plombe fingerprint compare app.fingerprint dir:/var/lib/app/rootfs
  plombe fingerprint compare app.fingerprint tar:exported.tar --ignore 'var/log/**' -o json`,
  keys: `  PLOMBE_KEY_PASSWORD= plombe keys generate --type ecdsa-p256 --out release
  plombe keys public --key azurekms://vault/release > release.pub`,
  generate: `  PLOMBE_KEY_PASSWORD= plombe keys generate --type ed25519 --out release`,
  public: `  plombe keys public --key env://RELEASE_KEY > release.pub`,
  sign: `  plombe sign registry.example.com/app:1.2 --key release.key -a git=3f2a1c
  plombe sign registry.example.com/app:1.2 --key release.key --format tag
  plombe sign registry.example.com/app:1.2 --key leaf.key --format cose --cert-chain chain.pem --expires-in 90d`,
  attest: `  plombe attest registry.example.com/app:1.2 --key release.key --type cyclonedx --predicate sbom.json`,
  verify: `  plombe verify registry.example.com/app:1.2 --key release.pub
  plombe verify registry.example.com/app:1.2 --key a.pub --key b.pub --threshold 2 -a git=3f2a1c -o json
  plombe verify registry.example.com/app:1.2 --trust-policy trustpolicy.json --trust-store ./truststore
  plombe verify --bundle app.sigstore.json app.tar --key release.pub`,
  'verify-attestation': `  plombe verify-attestation registry.example.com/app:1.2 --type slsaprovenance1 --key release.pub -o json`,
  approve: `  plombe approve request registry.example.com/gated/app:1 --policy gate.yaml --scope production --key dev.key --reason "release 1"
  plombe approve grant registry.example.com/gated/app:1 --request latest --key ops.key
  plombe approve list registry.example.com/gated/app:1
  plombe approve verify registry.example.com/gated/app:1 --key ops.pub --requester dev.pub --scope production
  plombe approve revoke registry.example.com/gated/app:1 --key ops.key --reason "wrong one"`,
  'approve verify': `  plombe approve verify registry.example.com/gated/app:1 --key alice.pub --key bob.pub --requester dev.pub --threshold 2
  plombe approve verify registry.example.com/gated/app:1 --policy gate.yaml --scope environment=production,cluster=eu`,
  policy: `  plombe policy check registry.example.com/gated/app:1 --policy gate.yaml
  plombe policy test gate-test.yaml`,
  'policy check': `  plombe policy check registry.example.com/gated/app:1 --policy gate.yaml
  plombe policy check registry.example.com/gated/app:1 --policy gate.yaml --policy base.yaml -o json
  plombe policy check registry.example.com/gated/app:1 --policy gate.yaml --attest --key gate.key
  plombe policy check --inventory images.txt --policy gate.yaml     who would break`,
  'policy explain': `  plombe policy explain registry.example.com/gated/app:1 --policy gate.yaml`,
  'policy test': `  plombe policy test gate-test.yaml`,
  'policy schema': `  plombe policy schema > policy.schema.json`,
  'trust-root': `  plombe trust-root update --out trusted_root.json
  plombe trust-root show trusted_root.json`,
  'trust-root update': `  plombe trust-root update --out trusted_root.json --signing-config signing_config.json
  plombe trust-root update --mirror https://tuf.example.com --root root.json`,
  'trust-root show': `  plombe trust-root show trusted_root.json`,
  ledger: `  plombe ledger init --ledger ./ledger --origin example.com/ledger
  plombe ledger verify --ledger ./ledger --checkpoint seen-last-week.checkpoint`,
  init: `  plombe ledger init --ledger ./ledger --origin example.com/ledger`,
  'ledger verify': `  plombe ledger verify --ledger ./ledger --checkpoint seen-last-week.checkpoint`,
  witness: `  plombe ledger witness --ledger ./ledger --url https://witness.example --witness witness.vkey`,
  custody: `  plombe custody record sha256:… --kind scan --predicate scan.json --ledger ./ledger
  plombe custody export sha256:… --ledger ./ledger --file history.jsonl
  plombe custody verify history.jsonl --vkey ledger.vkey`,
  record: `  plombe custody record sha256:… --kind deploy --predicate deployment.json --ledger ./ledger
  plombe custody record --from records.jsonl --ledger ./ledger`,
  show: `  plombe custody show sha256:… --ledger ./ledger -o json`,
  export: `  plombe custody export sha256:… sha256:… --ledger ./ledger --file history.jsonl`,
  'custody verify': `  plombe custody verify history.jsonl --vkey ledger.vkey
  plombe custody verify history.jsonl --vkey ledger.vkey --checkpoint seen-last-week.checkpoint -o json`,
  'scanner-adapter': `  plombe scanner-adapter --listen 127.0.0.1:8080 --plain-http --registry http://core:8080
  plombe scanner-adapter --listen 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem --token-file tokens --registry https://harbor.example.com`,
  registry: `  plombe registry posture contoso.azurecr.io --fail-on high
  plombe registry access harbor.example.com --repository 'prod/**' -o html=access.html
  plombe registry watch registry.example.com --user-file login`,
  'registry replication': `  plombe registry replication --data /var/lib/plombe -o json`,
  'registry list': `  plombe registry list registry.example.com --repository 'team/**'
  plombe registry list localhost:5000 --plain-http -o json`,
  'registry posture': `  plombe registry posture contoso.azurecr.io --fail-on high
  plombe registry posture harbor.example.com --language de -o html=posture.html`,
  'registry access': `  plombe registry access msr.example.com --principal user:jo
  plombe registry access harbor.example.com --repository 'prod/**' -o json`,
  'registry audit': `  plombe registry audit harbor.example.com --since 2026-01-01 -o html=audit.html`,
  'registry watch': `  plombe registry watch harbor.example.com --listen 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem --webhook-secret-file secret
  plombe registry watch registry.example.com --interval 300 --since 2026-01-01`,
  'registry quarantine': `  plombe registry quarantine harbor.example.com/team/app:1.2 --reason "leaks a key" --ledger ./ledger`,
  'registry release': `  plombe registry release harbor.example.com/team/app@sha256:…`,
  'registry promote': `  plombe registry promote contoso.azurecr.io/quarantine/app:1.2 --to prod/app --policy gate.yaml
  plombe registry promote registry.example.com/team/app@sha256:… --to prod/app --tag 1.2 --tag latest`,
  'scan-with': `  plombe registry scan-with https://trivy-adapter.example.com harbor.example.com/library/app:1 --token-file token -o json`,
  robots: `  plombe robots create ci --data ./data --repository 'team/**' --actions pull,push --expires 90d -o json
  plombe robots list --data ./data
  plombe robots revoke ci --data ./data`,
  'robots create': `  plombe robots create ci --data ./data --repository 'team/**' --actions pull,push --expires 90d -o json`,
  'robots revoke': `  plombe robots revoke ci --data ./data`,
  roles: `  plombe roles grant developer --project 'team/**' --group developers --data ./data
  plombe roles grant guest --project '*' --email alice@example.com --expires 30d --data ./data
  plombe roles list --data ./data`,
  'roles grant': `  plombe roles grant developer --project 'team/**' --group developers --data ./data
  plombe roles grant maintainer --project team/app --person 'https://issuer.example.com#248289761001' --data ./data`,
  'roles define': `  plombe roles define auditor --actions pull,sign --data ./data`,
  'roles revoke': `  plombe roles revoke 7 --data ./data`,
  people: `  plombe people list --data ./data
  plombe people disable alice@example.com --data ./data`,
  disable: `  plombe people disable 'https://issuer.example.com#248289761001' --data ./data`,
  enable: `  plombe people enable alice@example.com --data ./data`,
  login: `  plombe login registry.example.com
  plombe login localhost:5000 --plain-http --expires 1h`,
  logout: `  plombe logout registry.example.com`,
  versions: `  plombe versions list
  printf '1.0~rc1\\t1.0\\n' | plombe versions compare deb`,
  compare: `  printf '1.0~rc1\\t1.0\\n' | plombe versions compare deb`,
  config: `  plombe config explain                            every setting, its value and where it comes from`,
};

const subjects = `
SUBJECT is a reference, or names its source:
  registry:REF               an OCI or docker registry
  oci:PATH[:TAG]             an OCI layout, folder or tar file
  docker-archive:PATH[:TAG]  what docker save or podman save writes
  dir:PATH   tar:PATH        a root file system
  purls:FILE   purl:pkg:…    package URLs, one in a line; purls:- reads standard input
  sbom:FILE                  CycloneDX or SPDX of any tool; sbom:- reads standard input
Without a prefix: a file or folder of that name, else a registry.`;

const policyExitCodes = `
SUBJECT is a registry reference, or names its source as for scan; a tag is resolved once, and everything after is bound to the digest.

Exit codes: 0 allow, warn or done · 1 deny or refused · 2 usage, configuration or policy
            3 unknown: evidence is missing or undecidable · 4 subject, registry or file unreadable`;

const exitCodes = `
Exit codes: 0 assessed, nothing at or above --fail-on · 1 findings at or above it, or --fail-on-eol
            2 usage or configuration · 3 not fully assessed · 4 unreadable`;

/** Commands whose subject is always an image in a registry. */
const registryCommands: ReadonlySet<string> = new Set(['sign', 'attest', 'verify', 'verify-attestation']);

const trustExitCodes = `
SUBJECT is a registry reference; a tag is resolved once, and everything after is bound to the digest.
Passphrase of a key: PLOMBE_KEY_PASSWORD, else COSIGN_PASSWORD; it may be empty.

Exit codes: 0 verified or done · 1 rejected · 2 usage or configuration
            3 undecidable (limit reached, revocation unknown) · 4 subject, registry or file unreadable`;

/** What is said of a command besides its flags. */
export interface HelpTexts {
  /** Examples, or what the program is for and examples of it. */
  readonly before?: string;
  /** What subjects are and what the exit codes mean. */
  readonly after: readonly string[];
}

/** Returns the texts of a command. */
export function helpTexts(command: Command): HelpTexts {
  const name = command.name();
  const before = examples[`${command.parent?.name() ?? ''} ${name}`] ?? examples[name];
  return { ...(before === undefined ? {} : { before }), after: textsAfter(command) };
}

function textsAfter(command: Command): readonly string[] {
  if (command.parent?.parent === null && registryCommands.has(command.name())) return [trustExitCodes];
  const takes = (...names: readonly string[]): boolean =>
    command.registeredArguments.some((argument) => names.includes(argument.name()));
  const judges = ['policy', 'approve'].includes(command.parent?.name() ?? '');
  if (judges && takes('subject')) return [policyExitCodes];
  if (takes('subject', 'before')) return [subjects, exitCodes];
  return command.parent === null ? [exitCodes] : [];
}

/** Puts the command's examples before its usage, and what subjects and exit codes are behind it. */
export function addHelp(command: Command): void {
  const { before, after } = helpTexts(command);
  if (before !== undefined)
    command.addHelpText('before', before.startsWith(' ') ? `Examples:\n${before}\n` : `${before}\n`);
  for (const text of after) command.addHelpText('after', text);
  for (const child of command.commands) addHelp(child);
}
