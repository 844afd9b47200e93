// One measured figure with the limit it must keep, and the table of all of them.

export interface Figure {
  /** What was measured: `CPU against Trivy`. */
  readonly name: string;
  /** Of which image, command or set. */
  readonly subject: string;
  readonly value: number;
  readonly unit: '×' | 's' | 'ms' | 'µs' | 'MiB' | 'packages' | 'scans';
  /** The value must not be above it; absent: for information. */
  readonly limit?: number;
  /** The raw numbers behind it. */
  readonly detail?: string;
}

/** True where the figure keeps its limit. */
export function holds({ value, limit }: Figure): boolean {
  return limit === undefined || value <= limit;
}

/** Returns the figures as lines: verdict, name, subject, value, limit, detail. */
export function figureTable(figures: readonly Figure[]): readonly string[] {
  const rows = [
    ['', 'FIGURE', 'OF', 'VALUE', 'LIMIT', 'MEASURED'],
    ...figures.map((figure) => [
      figure.limit === undefined ? '    ' : holds(figure) ? 'ok  ' : 'MISS',
      figure.name,
      figure.subject,
      amount(figure.value, figure.unit),
      figure.limit === undefined ? '' : `≤ ${amount(figure.limit, figure.unit)}`,
      figure.detail ?? '',
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function amount(value: number, unit: Figure['unit']): string {
  const digits = unit === '×' || unit === 's' || (unit === 'ms' && value < 10) ? 2 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}
