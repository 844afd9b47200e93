// Columns that fit a width: the least important are dropped, the elastic one is cut, and no row ever wraps.

export interface Column<Row> {
  readonly title: string;
  text(row: Row): string;
  /** Wraps the padded cell in colour; absent: none. */
  paint?(row: Row, cell: string): string;
  /** Higher ones are dropped first when the row is too wide; 0 is never dropped. */
  readonly dropOrder: number;
  /** The column that is cut with `…` when the rest fits; at most one. */
  readonly elastic?: boolean;
  readonly alignRight?: boolean;
  /** Never made narrower than its cells: an id that is cut is none. */
  readonly whole?: boolean;
  /** Cells longer than this are cut, whatever the width. */
  readonly maxWidth?: number;
  /** Cells are cut at their beginning: the end of a path says most. */
  readonly cutStart?: boolean;
}

/** An elastic column narrower than this says nothing and is dropped. */
const minElasticWidth = 16;
/** The width at which most names can still be told from each other. */
const minNameWidth = 8;
const gap = '  ';

/** Lays out rows under their titles. Returns lines without a line end, none wider than `width` where that can be had. */
export function layoutTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string[] {
  const cells = columns.map((column) =>
    rows.map((row) => cutCell(column, column.text(row), column.maxWidth ?? Infinity)),
  );
  const natural = columns.map((column, i) => Math.max(column.title.length, ...sizes(cells[i] ?? [])));
  const { shown, widths } = fit(columns, natural, width);
  const line = (texts: (i: number) => string): string =>
    shown
      .map((i) => texts(i))
      .join(gap)
      .trimEnd();
  const title = line((i) => pad(columns[i]?.title ?? '', widths[i] ?? 0, columns[i]?.alignRight));
  const body = rows.map((row, r) =>
    line((i) => {
      const column = columns[i] as Column<Row>;
      const cell = pad(cutCell(column, cells[i]?.[r] ?? '', widths[i] ?? 0), widths[i] ?? 0, column.alignRight);
      return column.paint === undefined ? cell : column.paint(row, cell);
    }),
  );
  return [title, ...body];
}

function sizes(texts: readonly string[]): number[] {
  // Spread of a very long list would overflow the stack: reduce first.
  return [texts.reduce((most, text) => Math.max(most, text.length), 0)];
}

function fit<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  width: number,
): { shown: readonly number[]; widths: readonly number[] } {
  let shown = columns.map((_, i) => i);
  const widths = [...natural];
  const total = (): number => shown.reduce((sum, i) => sum + (widths[i] ?? 0), 0) + gap.length * (shown.length - 1);
  for (;;) {
    const over = total() - width;
    if (over <= 0) return { shown, widths };
    const elastic = shown.find((i) => columns[i]?.elastic);
    if (elastic !== undefined && (widths[elastic] ?? 0) - over >= minElasticWidth) {
      widths[elastic] = (widths[elastic] ?? 0) - over;
      return { shown, widths };
    }
    const drop = shown.reduce(
      (worst, i) => ((columns[i]?.dropOrder ?? 0) > (columns[worst]?.dropOrder ?? 0) ? i : worst),
      shown[0] ?? 0,
    );
    if ((columns[drop]?.dropOrder ?? 0) === 0) return { shown, widths: narrow(columns, shown, widths, over) };
    shown = shown.filter((i) => i !== drop);
  }
}

/** Takes what is over from the widest columns, in two rounds: no name is cut short while another has more than it needs. */
function narrow<Row>(
  columns: readonly Column<Row>[],
  shown: readonly number[],
  widths: readonly number[],
  over: number,
): readonly number[] {
  const narrowed = [...widths];
  const elastic = shown.filter((i) => columns[i]?.whole !== true);
  let left = over;
  for (const floor of [minElasticWidth, minNameWidth]) {
    for (; left > 0; left--) {
      const widest = elastic.reduce(
        (most, i) => ((narrowed[i] ?? 0) > (narrowed[most] ?? 0) ? i : most),
        elastic[0] ?? 0,
      );
      if ((narrowed[widest] ?? 0) <= floor) break;
      narrowed[widest] = (narrowed[widest] ?? 0) - 1;
    }
  }
  return narrowed;
}

function cutCell<Row>({ cutStart }: Column<Row>, text: string, width: number): string {
  if (cutStart !== true || text.length <= width) return cut(text, width);
  return `…${text.slice(text.length - Math.max(0, width - 1))}`;
}

/** Cuts to `width` characters, the last of which is then `…`. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Cuts to `width` characters out of the middle: the end of a message holds its reason. */
export function cutMiddle(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = Math.floor((width - 1) / 2);
  return `${text.slice(0, Math.max(0, width - 1 - end))}…${text.slice(text.length - end)}`;
}

/** Breaks a sentence into lines of at most `width`, between words. */
export function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function pad(text: string, width: number, right = false): string {
  return right ? text.padStart(width) : text.padEnd(width);
}
