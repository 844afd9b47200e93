// The document: what is said of a wrong one, what YAML is refused, and that the published schema says the same.
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlombeError } from '@plombe/kit';
import { anchorsOf } from './anchors.ts';
import { parsePolicyTest } from './cases/run.ts';
import { documentKinds } from './documents.ts';
import { parsePolicy } from './policy.ts';
import { policy } from './testing/policies.ts';

const whole = `
apiVersion: plombe/v1
kind: Policy
metadata: {name: gate}
spec:
  mode: deny
  select: {repositories: ["gated/**"]}
  signatures:
    atLeast: 1
    anyOf:
      - cosign: {key: cosign.pub}
      - notation: {trustPolicy: trustpolicy.json, trustStore: truststore}
      - cosign: {certificateIdentity: a@example.com, oidcIssuer: https://issuer.example.com, trustedRoot: root.json}
  attestations: [{type: slsaprovenance1, maxAgeDays: 30, key: cosign.pub}]
  vulnerabilities: {maxSeverity: medium}
  onViolation: reject
  onUnknown: deny
`;

const problem = (text: string, path?: string): string => {
  try {
    parsePolicy(text, path);
  } catch (thrown) {
    if (isPlombeError(thrown, 'policy/invalid')) return thrown.message;
    throw thrown;
  }
  return 'valid';
};
const spec = (text: string): string =>
  problem(`apiVersion: plombe/v1\nkind: Policy\nmetadata: {name: gate}\nspec:\n${text.replace(/^/gm, '  ')}`, 'p.yaml');

describe('a policy', () => {
  it('names what must be gathered, each once, with paths relative to its file', () => {
    const needs = anchorsOf([parsePolicy(whole, '/etc/policy.yaml'), parsePolicy(whole, '/etc/policy.yaml')]);
    expect(needs.signatures.map(({ kind, label }) => [kind, label])).toEqual([
      ['cosign', 'cosign.pub'],
      ['notation', 'trustpolicy.json'],
      ['cosign', 'a@example.com'],
    ]);
    expect(needs.signatures[0]).toMatchObject({ key: '/etc/cosign.pub' });
    expect(needs.signatures[1]).toMatchObject({ trustPolicy: '/etc/trustpolicy.json', trustStore: '/etc/truststore' });
    expect(needs.attestations).toMatchObject([{ type: 'slsaprovenance1', anchor: { key: '/etc/cosign.pub' } }]);
    expect(needs).toMatchObject({ scan: true, config: false });
  });

  it('gathers for a condition only what it names', () => {
    const needs = (expression: string) => anchorsOf([policy({ conditions: [{ name: 'c', expression }] })]);
    expect(needs("subject.registry == 'a' && now > timestamp('2026-01-01T00:00:00Z')")).toMatchObject({
      scan: false,
      config: false,
    });
    expect(needs('scan.findings.size() == 0 || config.user != ""')).toMatchObject({ scan: true, config: true });
    expect(needs('[1].exists(scan, scan == 1)')).toMatchObject({ scan: false, config: false });
  });

  it('that is off asks for nothing', () => {
    const needs = anchorsOf([policy({ mode: 'off', running: 'off', requireState: 'assessed' })]);
    expect(needs).toEqual({ signatures: [], attestations: [], scan: false, config: false });
  });

  it.each([
    ['mode: enforce', 'p.yaml, line 5: spec.mode must be one of off, audit, warn, deny, not "enforce".'],
    ['mode: wran', 'p.yaml, line 5: spec.mode must be one of off, audit, warn, deny, not "wran"; did you mean warn?'],
    ['vulnerabilites: {}', 'p.yaml, line 5: spec.vulnerabilites is not a field; did you mean vulnerabilities?'],
    [
      'vulnerabilities:\n  maxSeverety: low',
      'p.yaml, line 6: spec.vulnerabilities.maxSeverety is not a field; did you mean maxSeverity?',
    ],
    [
      'select: {labels: [a]}',
      'p.yaml, line 5: spec.select.labels is not a field; known are registries, repositories, namespaces, clusters, subscriptions, environments.',
    ],
    ['digestOnly: "yes"', 'p.yaml, line 5: spec.digestOnly must be true or false, not "yes".'],
    [
      'signatures: {atLeast: 0, anyOf: [{cosign: {key: a}}]}',
      'p.yaml, line 5: spec.signatures.atLeast must be a whole number from 1 to 100.',
    ],
    ['signatures: {atLeast: 1}', 'p.yaml, line 5: spec.signatures needs anyOf or allOf.'],
    ['signatures: {anyOf: []}', 'p.yaml, line 5: spec.signatures.anyOf must not be empty.'],
    ['signatures: {anyOf: [{}]}', 'p.yaml, line 5: spec.signatures.anyOf[0] needs one of cosign, notation.'],
    [
      'signatures: {anyOf: [{cosign: {key: a, certificateIdentity: b, oidcIssuer: c, trustedRoot: d}}]}',
      'p.yaml, line 5: spec.signatures.anyOf[0].cosign takes only one of key, certificateIdentity, certificateIdentityRegexp, not key and certificateIdentity.',
    ],
    [
      'attestations: [{type: vsa, certificateIdentity: a, trustedRoot: b}]',
      'p.yaml, line 5: spec.attestations[0].certificateIdentity needs oidcIssuer beside it.',
    ],
    ['attestations: [{key: a}]', 'p.yaml, line 5: spec.attestations[0].type is missing.'],
    [
      'conditions: [{name: a, expression: "1 +"}]',
      'p.yaml, line 5: spec.conditions[0].expression does not compile, at character 4: a value expected.',
    ],
    [
      'conditions: [{name: a, expression: "http.get(\'http://169.254.169.254\')"}]',
      'p.yaml, line 5: spec.conditions[0].expression does not compile, at character 5: there is no function http.get.',
    ],
    [
      'attestations: [{type: vsa, key: a, conditions: [{name: b, expression: "scan.state == \'assessed\'"}]}]',
      'p.yaml, line 5: spec.attestations[0].conditions[0].expression does not compile: there is no variable scan.',
    ],
    [
      'exceptions: [{check: vulnerabilitys, owner: a, ticket: b, expires: 2027-01-01, reason: c}]',
      'p.yaml, line 5: spec.exceptions[0].check is not a check; did you mean vulnerabilities?',
    ],
    [
      'attestations: [{type: vsa, key: a}]\nexceptions: [{check: attestations/vss, owner: a, ticket: b, expires: 2027-01-01, reason: c}]',
      'p.yaml, line 6: spec.exceptions[0].check is not a check of this policy; did you mean attestations/vsa?',
    ],
    [
      'attestations: [{type: vsa, key: a}]\nexceptions: [{check: conditions/other, owner: a, ticket: b, expires: 2027-01-01, reason: c}]',
      'p.yaml, line 6: spec.exceptions[0].check is not a check of this policy; checks are attestations/vsa.',
    ],
    [
      'exceptions: [{check: state, owner: a, ticket: b, expires: never, reason: c}]',
      'p.yaml, line 5: spec.exceptions[0].expires must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z.',
    ],
    [
      'exceptions: [{check: state, owner: a, ticket: b, expires: 2027-02-30, reason: c}]',
      'p.yaml, line 5: spec.exceptions[0].expires must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z.',
    ],
    [
      'exceptions: [{check: state, ticket: b, expires: 2027-01-01, reason: c}]',
      'p.yaml, line 5: spec.exceptions[0].owner is missing.',
    ],
    ['mode: warn\nmode: deny', 'p.yaml, line 6: Map keys must be unique.'],
    ['select: {labels: {a: b, "a": c}}', 'p.yaml, line 5: Map keys must be unique.'],
  ])('%s', (text, message) => {
    expect(spec(text)).toBe(message);
  });

  it('says every problem at once', () => {
    expect(spec('mode: x\nselekt: {}')).toMatch(/^p.yaml, line 5: spec.mode .*\. p.yaml, line 6: spec.selekt .*\?$/);
  });

  it('of another kind or version is refused', () => {
    expect(problem('apiVersion: plombe/v2\nkind: Rule\nspec: {}')).toMatch(
      /apiVersion must be one of plombe\/v1.* kind must.* metadata is missing/,
    );
  });
});

describe('T54 YAML that is meant to hurt', () => {
  const lines = (count: number, line: string): string => Array.from({ length: count }, () => line).join('\n');
  it.each([
    ['an alias bomb', 'a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]', /aliases and anchors are not allowed/],
    ['a merge key', 'a: {x: 1}\n<<: {y: 2}', /is not a field/],
    ['a tag', 'kind: !!binary Zm9v', /tags are not allowed/],
    ['a tag of its own', 'kind: !js/function "x"', /tags are not allowed/],
    ['a directive', '%TAG ! tag:example.com,2000:\n---\nkind: Policy', /directives are not allowed/],
    ['two documents', 'kind: Policy\n---\nkind: Policy', /aliases|more than one document|is missing/],
    ['many documents', lines(100_000, '---'), /more than one document/],
    ['documents by their end', lines(1000, '...\nkind: Policy'), /more than one document|is not valid|must/],
    ['brackets', '['.repeat(200_000), /nested more than/],
    ['braces', '{a: '.repeat(50_000), /nested more than/],
    ['dashes', '- '.repeat(100_000), /nested more than/],
    ['keys in keys', '? '.repeat(100_000), /nested more than/],
    ['deep blocks', Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), /nested more than/],
    [
      'more keys than may be compared with each other',
      `{${Array.from({ length: 50_000 }, (_, i) => `a${i % 49_999}: 0`).join(',')}}`,
      /line 1: Map keys must be unique/,
    ],
    ['a long text', `a: "${'x'.repeat(600_000)}"`, /larger than 512 KiB/],
    ['nothing', '', /is empty/],
    ['a scalar', 'just text', /must be a map/],
    ['a null byte', 'kind: "\\0"', /must be one of/],
    ['a prototype', '__proto__: {apiVersion: plombe/v1}\nconstructor: 1', /__proto__ is not a field/],
  ])('%s', (_, text, message) => {
    expect(problem(text)).toMatch(message);
  });

  it('any text gives an error or a policy, never another exception', () => {
    const piece = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '- ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '|',
      '>',
      '&a',
      '*a',
      '!t',
      '#',
      '---',
      '...',
      '?',
      '%',
      '\t',
      '@',
      '`',
      'kind: Policy',
      '\u0000',
      '\ufeff',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        problem(pieces.join(''));
        problem(`${whole}${pieces.join('')}`);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('the published schema', () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  const accepts = ajv.compile(documentKinds.policy.jsonSchema);
  const document = (specification: object): object => ({
    apiVersion: 'plombe/v1',
    kind: 'Policy',
    metadata: { name: 'gate' },
    spec: specification,
  });

  it.each<[object, boolean]>([
    [{ signatures: { anyOf: [{ cosign: { key: 'a' } }] } }, true],
    [{ signatures: { anyOf: [{ cosign: { key: 'a' }, notation: { trustPolicy: 'a', trustStore: 'b' } }] } }, false],
    [{ signatures: { anyOf: [{ cosign: { certificateIdentity: 'a' } }] } }, false],
    [{ mode: 'enforce' }, false],
    [{ vulnerabilites: {} }, false],
    [{ exceptions: [{ check: 'state', owner: 'a', ticket: 'b', expires: '2027-01-01', reason: 'c' }] }, true],
    [{ exceptions: [{ check: 'state', owner: 'a' }] }, false],
  ])('says of %j what the program says: %s', (specification, valid) => {
    expect(accepts(document(specification))).toBe(valid);
    expect(problem(JSON.stringify(document(specification))) === 'valid').toBe(valid);
  });

  it('describes every field in both languages', () => {
    const visit = (schema: Readonly<Record<string, unknown>>): void => {
      for (const [name, field] of Object.entries(
        (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>,
      )) {
        const [english = '', german = ''] = String(field['description']).split('\n\n');
        expect([name, english.length > 3, german.length > 3]).toEqual([name, true, true]);
        visit(field);
        visit((field['items'] ?? {}) as Record<string, unknown>);
      }
    };
    for (const { jsonSchema } of Object.values(documentKinds)) visit(jsonSchema);
  });
});

describe('a policy test', () => {
  const tested = parsePolicy(
    JSON.stringify({
      apiVersion: 'plombe/v1',
      kind: 'Policy',
      metadata: { name: 'gate' },
      spec: { signatures: { anyOf: [{ cosign: { key: 'a.pub' } }] }, attestations: [{ type: 'vsa', key: 'c.pub' }] },
    }),
  );

  it.each([
    ['policy: p.yaml\ncases: []', /cases must not be empty/],
    [
      'policy: p.yaml\ncases: [{name: a, subject: b, expect: refuse}]',
      /expect must be one of allow, warn, deny, unknown/,
    ],
    [
      'policy: p.yaml\ncases: [{name: a, subject: b, expect: deny, evidence: {scan: {severity: low}}}]',
      /scan\.severity is not a field/,
    ],
  ])('%s', (text, message) => {
    expect(() => parsePolicyTest(text, () => tested, 't.yaml')).toThrow(message);
  });

  it.each([
    [
      '{signatures: [{anchor: a.pub}, {anchor: b.pub}]}',
      't.yaml, line 2: cases[0].evidence.signatures[1].anchor names no anchor that the policy has for signatures, which has a.pub.',
    ],
    [
      '{attestations: [{type: vsa, anchor: a.pub}]}',
      't.yaml, line 2: cases[0].evidence.attestations[0].anchor names no anchor that the policy has for attestations, which has c.pub.',
    ],
  ])('an anchor that the policy does not have is a mistake: %s', (evidence, message) => {
    const text = `policy: p.yaml\ncases: [{name: a, subject: b, expect: deny, evidence: ${evidence}}]`;
    expect(() => parsePolicyTest(text, () => tested, 't.yaml')).toThrow(message);
  });

  it('its anchors are known by label and id, and may be absent', () => {
    const [first] = tested.anchors;
    const text = JSON.stringify({
      policy: 'p.yaml',
      cases: [{ name: 'a', subject: 'b', expect: 'deny', evidence: { signatures: [{ anchor: first?.id }, {}] } }],
    });
    expect(parsePolicyTest(text, () => tested).policy).toBe(tested);
  });
});
