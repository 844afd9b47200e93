// The part of sax that xml.ts uses; the package carries no types.
declare module 'sax' {
  interface Tag {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }
  interface Parser {
    ondoctype: (text: string) => void;
    onsgmldeclaration: (text: string) => void;
    onerror: (error: Error) => void;
    onopentag: (tag: Tag) => void;
    ontext: (text: string) => void;
    oncdata: (text: string) => void;
    onclosetag: (name: string) => void;
    write(text: string): Parser;
    close(): Parser;
    /** Tells of the text that is there so far. */
    flush(): void;
    /** What is read of each, until it is told of; `doctype` is true behind one. */
    readonly doctype: string | boolean;
    readonly sgmlDecl: string;
    readonly textNode: string;
    readonly cdata: string;
    readonly comment: string;
    readonly tagName: string;
    readonly attribName: string;
    readonly attribValue: string;
    readonly procInstName: string;
    readonly procInstBody: string;
    readonly entity: string;
  }
  const sax: { parser(strict: boolean, options: { trim?: boolean; position?: boolean }): Parser };
  export default sax;
}
