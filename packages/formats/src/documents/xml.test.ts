// XML from outside: what is refused, and that nothing is read more than once. The sizes would keep a reader of the other kind busy for minutes.
import { expect, test } from 'vitest';
import { parseXml, readXml, type XmlElement, XmlError } from './xml.ts';

const large = 4 * 1024 * 1024;

function elementsOf(text: string): XmlElement[] {
  const elements: XmlElement[] = [];
  parseXml(text, { close: (element) => void elements.push(element) });
  return elements;
}

function refusal(text: string): string {
  try {
    parseXml(text, { close: () => undefined });
  } catch (thrown) {
    if (thrown instanceof XmlError) return thrown.message;
    throw thrown;
  }
  return 'none';
}

test.each([
  ['before the first element', `<!${'!js/function !'.repeat(large / 16)}a/>`],
  ['in an element', `<a><!${'x'.repeat(large)}></a>`],
  ['without an end', `<a/><!${'x'.repeat(large)}`],
  ['in quotes', `<!"${'x'.repeat(large)}"><a/>`],
  ['of many short ones', `<a>${'<!ELEMENT b (c)>'.repeat(large / 16)}</a>`],
])('T54 a declaration %s is refused', (_where, text) => {
  expect(refusal(text)).toBe('holds a declaration');
});

test('T54 a document type is refused before its end', () => {
  expect(refusal(`<!DOCTYPE a [${'<!ENTITY b "c">'.repeat(large / 16)}`)).toBe('declares a document type');
  expect(refusal('<!DOCTYPE a><a/>')).toBe('declares a document type');
});

test.each([
  ['a comment', `<a><!--${'x'.repeat(large)}--></a>`],
  ['the name of a tag', `<${'x'.repeat(large)}/>`],
  ['the name of an attribute', `<a ${'x'.repeat(large)}="1"/>`],
  ['an attribute', `<a b="${'x'.repeat(large)}"/>`],
  ['a processing instruction', `<?a ${'x'.repeat(large)}?><a/>`],
])('T54 %s out of all measure is refused', (_what, text) => {
  expect(refusal(text)).toBe('has markup that is too long');
});

test('T54 text outside of elements is refused at once, and space is not kept', () => {
  expect(refusal('x'.repeat(large))).toMatch(/^is not well-formed: /);
  expect(refusal(`<a/>${'x'.repeat(large)}`)).toMatch(/^is not well-formed: /);
  expect(elementsOf(`${' '.repeat(large)}<a/>${'\n'.repeat(large)}`)).toHaveLength(1);
});

test('comments, sections and text keep what they say where a step ends in them', () => {
  for (let at = 1000; at < 1030; at++) {
    const text = `<a><!-- ${'x'.repeat(at)} <!ELEMENT b> --><b c="d &amp; e"><![CDATA[<!f> ]]>g h</b></a>`;
    expect(elementsOf(text)[0]).toMatchObject({ name: 'b', text: '<!f> g h', attributes: { c: 'd & e' } });
  }
});

test('T54 text is cut at 64 KiB and more, not kept whole', () => {
  const [element] = elementsOf(`<a>${'x '.repeat(large)}</a>`);
  expect(element?.text.length).toBeGreaterThanOrEqual(64 * 1024 - 1);
  expect(element?.text.length).toBeLessThanOrEqual(128 * 1024);
  expect(elementsOf(`<a><![CDATA[${'x'.repeat(large)}]]></a>`)[0]?.text.length).toBeLessThanOrEqual(128 * 1024);
});

test('a stream is read as the whole is', async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('<a><b>');
    yield Buffer.alloc(large, 0x20);
    yield Buffer.from(`<!${'!js/function !'.repeat(large / 16)}`);
  }
  const reading = readXml(source(), { close: () => undefined }, new AbortController().signal);
  await expect(reading).rejects.toThrow('holds a declaration');
});
