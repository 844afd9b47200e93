// The part of sax that xml.ts uses; the package carries no types.
declare module 'sax' {
  interface Tag {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }
  interface Parser {
    ondoctype: (text: string) => void;
    onerror: (error: Error) => void;
    onopentag: (tag: Tag) => void;
    ontext: (text: string) => void;
    oncdata: (text: string) => void;
    onclosetag: (name: string) => void;
    write(text: string): Parser;
    close(): Parser;
  }
  const sax: { parser(strict: boolean, options: { trim?: boolean; position?: boolean }): Parser };
  export default sax;
}
