// What software outside the package managers is compared as: by its name with its publisher's own feed, by its CPEs with NVD.
import type { Package } from '@plombe/model';
import { schemeOfEcosystem } from '../normal/ecosystems.ts';
import { parseCpe } from '../normal/cpe.ts';

/** A name and version in one ecosystem's advisories. */
export interface Product {
  readonly ecosystem: string;
  readonly scheme: string;
  readonly name: string;
  readonly version: string;
}

/** Names of `pkg:generic` → the ecosystem of the publisher's feed, and the name there. */
const publishers: ReadonlyMap<string, readonly [ecosystem: string, name: string]> = new Map([
  ['node', ['Node.js', 'node']],
  ['nodejs', ['Node.js', 'node']],
  ['python', ['CPython', 'python']],
  ['cpython', ['CPython', 'python']],
  ['ruby', ['Ruby', 'ruby']],
  ['jruby', ['Ruby', 'jruby']],
  ['mruby', ['Ruby', 'mruby']],
  ['truffleruby', ['Ruby', 'truffleruby']],
  // Libraries of JavaScript that are no package of npm, as retire.js calls them.
  ...[
    'dwr',
    'extjs',
    'flowplayer',
    'jquery-deparam',
    'jquery.prettyphoto',
    'pendo',
    'prototypejs',
    'sessvars',
    'swfobject',
  ].map((name): [string, [string, string]] => [name, ['JavaScript', name]]),
]);

/** Programs of Kubernetes → the component that its advisories name. Those of all programs are under `k8s.io/kubernetes`. */
const components: ReadonlyMap<string, string> = new Map([
  ['kubelet', 'k8s.io/kubelet'],
  ['kubectl', 'k8s.io/kubectl'],
  ['kube-apiserver', 'k8s.io/apiserver'],
  ['kube-controller-manager', 'k8s.io/controller-manager'],
  ['kube-proxy', 'k8s.io/kube-proxy'],
]);

/** Programs of Kubernetes that no advisory is about alone, so that those about all are what there is. */
const otherPrograms: ReadonlySet<string> = new Set(['kube-scheduler', 'kubeadm', 'kube-aggregator', 'mounter']);

const wholeKubernetes = 'k8s.io/kubernetes';

/** Modules that Kubernetes' own advisories name and that are no library of others: their version is the release. */
const ownModules: ReadonlySet<string> = new Set([
  'k8s.io/ingress-nginx',
  'sigs.k8s.io/secrets-store-csi-driver',
  'sigs.k8s.io/azurefile-csi-driver',
  'github.com/kubernetes-csi/csi-proxy',
]);

function product(ecosystem: string, name: string, version: string): Product {
  return { ecosystem, scheme: schemeOfEcosystem(ecosystem), name, version };
}

/** The component of a program's name; every component where the name says none, as for `hyperkube` or the module alone. */
function kubernetesNames(program: string): readonly string[] {
  const component = components.get(program);
  if (component !== undefined) return [wholeKubernetes, component];
  return otherPrograms.has(program) ? [wholeKubernetes] : [wholeKubernetes, ...components.values()];
}

function fileName(item: Pick<Package, 'evidence'>): string {
  const path = item.evidence[0]?.path ?? '';
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.exe$/i, '');
}

/** NVD's names for a package, `vendor:product`, from its CPEs. */
function byCpe(item: Package): Product[] {
  const names = (item.cpes ?? []).flatMap((text) => {
    const cpe = parseCpe(text);
    return cpe === undefined || cpe.part !== 'a' ? [] : [`${cpe.vendor}:${cpe.product}`];
  });
  return [...new Set(names)].map((name) => product('NVD', name, item.version));
}

/** Returns what a package without a package manager (`pkg:generic`) is compared as, its publisher's own feed first; empty where nobody speaks of it. */
export function productsOf(item: Package): readonly Product[] {
  const name = item.name.toLowerCase();
  const own = publishers.get(name);
  const isKubernetes = name === 'kubernetes' || components.has(name) || otherPrograms.has(name);
  return [
    ...(own === undefined ? [] : [product(own[0], own[1], item.version)]),
    ...(isKubernetes ? kubernetesNames(name).map((known) => product('kubernetes', known, item.version)) : []),
    ...byCpe(item),
  ];
}

/**
 * Returns what a Go module is compared as besides: a program of Kubernetes is the module `k8s.io/kubernetes`, and which one its file name tells.
 * Its libraries (`k8s.io/apiserver` …) are not: the advisories mean the program of that name, not who links a part of it.
 */
export function alsoComparedAs(item: Package): readonly Product[] {
  if (item.type !== 'golang') return [];
  const path = item.namespace === undefined ? item.name : `${item.namespace}/${item.name}`;
  if (path === wholeKubernetes)
    return kubernetesNames(fileName(item)).map((name) => product('kubernetes', name, item.version));
  return ownModules.has(path) ? [product('kubernetes', path, item.version)] : [];
}

/** The system a program is for, where its file tells: `windows` or `linux`. Unknown for packages that are not files. */
export function systemOf(item: Pick<Package, 'type' | 'evidence'>): string | undefined {
  const path = item.evidence[0]?.path;
  const isProgram = item.type === 'generic' || (item.type === 'cargo' && !/\.(?:lock|toml)$/.test(path ?? ''));
  if (!isProgram || path === undefined) return undefined;
  return /\.(?:exe|dll)$/i.test(path) ? 'windows' : 'linux';
}
