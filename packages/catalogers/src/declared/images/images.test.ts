// Images that Dockerfiles, Compose, Kubernetes and Helm name.
import { describe, expect, it } from 'vitest';
import { formatPurl } from '@plombe/model';
import { declaredContract } from '../testing/contract.ts';
import { catalogOf } from '../testing/folder.ts';
import { imageNameCataloger } from './index.ts';
import { imagePackage, parseImageReference } from './reference.ts';

const of = (specs: Parameters<typeof catalogOf>[1]) => catalogOf(imageNameCataloger, specs);
const images = (specs: Parameters<typeof catalogOf>[1]) =>
  of(specs)
    .packages.map(({ facts }) => `${facts?.['image'] ?? ''} ${facts?.['role'] ?? ''}`)
    .sort();
const digest = `sha256:${'ab'.repeat(32)}`;

it.each([
  ['debian', 'pkg:docker/debian@latest'],
  ['debian:12', 'pkg:docker/debian@12'],
  ['acme/app:1.0', 'pkg:docker/acme/app@1.0'],
  ['ghcr.io/acme/team/app:1.0', 'pkg:docker/acme/team/app@1.0?repository_url=ghcr.io'],
  [`debian:12@${digest}`, `pkg:oci/debian@${digest}?repository_url=docker.io%2Flibrary%2Fdebian&tag=12`],
  [`localhost:5000/a/b@${digest}`, `pkg:oci/b@${digest}?repository_url=localhost:5000%2Fa%2Fb`],
])('%s is %s', (text, purl) => {
  const reference = parseImageReference(text);
  expect(reference && formatPurl(imagePackage(reference))).toBe(purl);
});

it.each(['', 'A b', '${X}', 'UPPER', 'a//b', `a@sha256:1`, '{{ .Values.image }}', 'a:b:c'])(
  '%j is no image',
  (text) => {
    expect(parseImageReference(text)).toBeUndefined();
  },
);

describe('Dockerfile', () => {
  it('stages, arguments, copies, mounts; not what a script says', () => {
    const text = `# syntax=docker/dockerfile:1
ARG BASE=debian
ARG TAG="12"
FROM --platform=$BUILDPLATFORM \${BASE}:\${TAG} AS build
RUN <<EOF
FROM not:this
EOF
RUN --mount=type=bind,from=busybox:1.36,target=/b \\
  # a comment
  true
FROM scratch
COPY --from=build /x /x
COPY --chown=1 --from=nginx:1.25 /y /y
COPY --from=0 /z /z
FROM \${UNKNOWN}
FROM build
`;
    const result = of({ 'a/Dockerfile': text });
    expect(images({ 'a/Dockerfile': text })).toEqual([
      'busybox:1.36 RUN --mount',
      'debian:12 FROM, stage build',
      'docker/dockerfile:1 syntax',
      'nginx:1.25 COPY --from',
    ]);
    expect(result.complete).toBe(true);
    expect(result.packages.every(({ origin }) => origin === 'image')).toBe(true);
    expect(result.diagnostics).toMatchObject([
      {
        code: 'package/image-named',
        level: 'note',
        message: expect.stringMatching(/names 4 images.*an image that is known only/),
      },
    ]);
  });

  it('by other names', () => {
    for (const name of ['Containerfile', 'Dockerfile.prod', 'web.dockerfile', 'Web.Dockerfile'])
      expect(images({ [name]: 'FROM a:1' })).toEqual(['a:1 FROM']);
  });
});

it('Compose: defaults of variables, anchors, not what is built here', () => {
  const text =
    'x: &web\n  image: "nginx:${TAG:-1.25}"\nservices:\n  a: *web\n  b:\n    <<: *web\n  c:\n    build: .\n    image: own:1\n  d:\n    image: redis:${VERSION}\n';
  expect(images({ 'docker-compose.prod.yml': text })).toEqual(['nginx:1.25 service a']);
});

it('Kubernetes: containers of all kinds in several documents', () => {
  const text = `apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers:
        - name: i
          image: busybox:1
      containers:
        - {name: c, image: "nginx:1.25"}
      volumes:
        - name: v
          image: { reference: data:1 }
---
apiVersion: v1
kind: ConfigMap
data: {image: "no:1"}
---
apiVersion: v1
kind: Pod
spec:
  ephemeralContainers: [{name: e, image: debug:2}]
`;
  expect(images({ 'k8s/all.yaml': text })).toEqual([
    'busybox:1 initContainers i',
    'data:1 volume',
    'debug:2 ephemeralContainers e',
    'nginx:1.25 containers c',
  ]);
  expect(images({ 'k8s/other.yaml': 'image: a:1\n' })).toEqual([]);
});

it('Kustomize and the values of a chart', () => {
  expect(images({ 'kustomization.yaml': 'images:\n  - name: a\n    newName: ghcr.io/x/a\n    newTag: "2"\n' })).toEqual(
    ['ghcr.io/x/a:2 images'],
  );
  const values = `image:\n  registry: quay.io\n  repository: acme/app\n  tag: "1.10"\nside:\n  image: busybox:1\nempty:\n  repository: acme/other\n  tag: ""\n`;
  expect(images({ 'c/values.yaml': values })).toEqual([]);
  expect(images({ 'c/values.yaml': values, 'c/Chart.yaml': 'name: c\n' })).toEqual([
    'busybox:1 image',
    'quay.io/acme/app:1.10 repository',
  ]);
});

declaredContract(imageNameCataloger, {
  Dockerfile: 'FROM debian:12\n',
  'compose.yaml': 'services: {a: {image: "b:1"}}\n',
  'k.yml': 'apiVersion: v1\nkind: Pod\nspec: {containers: [{image: "x:1"}]}\n',
});
