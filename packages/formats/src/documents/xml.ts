// Streams XML as elements that end: no entities, no document type, bounded depth and text (T54).
import sax from 'sax';

/** An element with its attributes, the text directly in it, and where it stands. Names are without prefix. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
  /** Names of the elements around it, outermost first. */
  readonly path: readonly string[];
}

export interface XmlConsumer {
  open?(element: XmlElement): void;
  close(element: XmlElement): void;
}

/** Thrown where the text is not well-formed, declares a document type, is nested too deep, or has markup out of all measure. */
export class XmlError extends Error {}

/** OVAL nests 8 deep, a pom.xml with its plugins' configuration under 30. */
const maxDepth = 64;
/** Text kept of one element; titles and descriptions have under 4 KiB. */
const maxTextLength = 64 * 1024;
/** A comment, a tag's name, an attribute's value or a processing instruction; the parser would keep any of them whole. */
const maxMarkupLength = 1024 * 1024;
/** What the parser is given at once: it reads a declaration again for each of its characters, so those are looked for as often. */
const stepLength = 1024;

const keptWhole = [
  'comment',
  'tagName',
  'attribName',
  'attribValue',
  'procInstName',
  'procInstBody',
  'entity',
] as const;

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Reads a document to its end and tells the consumer of each element. Throws XmlError. */
export async function readXml(
  source: AsyncIterable<Uint8Array>,
  consumer: XmlConsumer,
  signal: AbortSignal,
): Promise<void> {
  const parser = openParser(consumer);
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of source) {
    signal.throwIfAborted();
    parser.write(decoder.decode(chunk, { stream: true }));
  }
  parser.close();
}

/** Reads a document that is in memory, as `readXml` does. Throws XmlError. */
export function parseXml(text: string, consumer: XmlConsumer): void {
  const parser = openParser(consumer);
  parser.write(text);
  parser.close();
}

function openParser(consumer: XmlConsumer): { write(text: string): void; close(): void } {
  const parser = sax.parser(true, { trim: true, position: false });
  const stack: XmlElement[] = [];
  let elements = 0;
  const fail = (what: string): never => {
    throw new XmlError(what);
  };
  parser.ondoctype = () => fail('declares a document type');
  parser.onsgmldeclaration = () => fail('holds a declaration');
  parser.onerror = (error) => fail(`is not well-formed: ${error.message.split('\n')[0] ?? ''}`);
  parser.onopentag = (tag) => {
    if (stack.length >= maxDepth) fail(`is nested over ${maxDepth} deep`);
    elements += 1;
    const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const [key, value] of Object.entries(tag.attributes)) attributes[localName(key)] = String(value);
    const element = { name: localName(tag.name), attributes, text: '', path: stack.map(({ name }) => name) };
    stack.push(element);
    consumer.open?.(element);
  };
  parser.ontext = (text) => {
    const element = stack.at(-1);
    if (element !== undefined && element.text.length < maxTextLength) element.text += text.slice(0, maxTextLength);
  };
  parser.oncdata = parser.ontext;
  parser.onclosetag = () => {
    const element = stack.pop();
    if (element !== undefined) consumer.close(element);
  };
  const check = (): void => {
    if (typeof parser.doctype === 'string' && parser.doctype !== '') fail('declares a document type');
    // None that is allowed is as long: "[CDATA[" and "DOCTYPE" end it.
    if (parser.sgmlDecl.length > 'DOCTYPE'.length) fail('holds a declaration');
    if (parser.textNode.length > maxTextLength || parser.cdata.length > maxTextLength) parser.flush();
    if (keptWhole.some((name) => parser[name].length > maxMarkupLength)) fail('has markup that is too long');
  };
  return {
    write(text) {
      for (let at = 0; at < text.length; at += stepLength) {
        parser.write(text.slice(at, at + stepLength));
        check();
      }
    },
    close: () => {
      parser.close();
      if (stack.length > 0 || elements === 0) fail('ends too early');
    },
  };
}
