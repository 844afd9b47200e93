// A squarified treemap (Bruls, Huizing, van Wijk): areas as large as their weights, as near to squares as they can be.

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Tile<Item> extends Rectangle {
  readonly item: Item;
}

/** Lays the items out in the area, the heaviest first; those without weight get no tile. Tiles fill the area and do not overlap. */
export function treemap<Item>(
  items: readonly Item[],
  weight: (item: Item) => number,
  area: Rectangle,
): readonly Tile<Item>[] {
  const weighed = items
    .map((item) => ({ item, weight: weight(item) }))
    .filter((entry) => entry.weight > 0)
    .sort((a, b) => b.weight - a.weight);
  const total = weighed.reduce((sum, entry) => sum + entry.weight, 0);
  if (total === 0 || area.width <= 0 || area.height <= 0) return [];
  const scale = (area.width * area.height) / total;
  const left = weighed.map(({ item, weight: size }) => ({ item, size: size * scale }));
  const tiles: Tile<Item>[] = [];
  let rest = area;
  while (left.length > 0) {
    const side = Math.min(rest.width, rest.height);
    let count = 1;
    while (count < left.length && worstRatio(left.slice(0, count + 1), side) <= worstRatio(left.slice(0, count), side))
      count++;
    const row = left.splice(0, count);
    rest = layRow(row, rest, left.length === 0, tiles);
  }
  return tiles;
}

interface Sized<Item> {
  readonly item: Item;
  readonly size: number;
}

/** How far from a square the worst tile of a row is; 1 is a square. */
function worstRatio<Item>(row: readonly Sized<Item>[], side: number): number {
  const sum = row.reduce((total, { size }) => total + size, 0);
  const depth = sum / side;
  return row.reduce((worst, { size }) => Math.max(worst, depth ** 2 / size, size / depth ** 2), 1);
}

/** Puts a row along the shorter side, and returns what is left of the area. */
function layRow<Item>(row: readonly Sized<Item>[], area: Rectangle, last: boolean, tiles: Tile<Item>[]): Rectangle {
  const upright = area.width >= area.height;
  const side = upright ? area.height : area.width;
  const sum = row.reduce((total, { size }) => total + size, 0);
  const depth = last ? (upright ? area.width : area.height) : sum / side;
  let at = 0;
  for (const { item, size } of row) {
    const length = (size / sum) * side;
    tiles.push(
      upright
        ? { item, x: area.x, y: area.y + at, width: depth, height: length }
        : { item, x: area.x + at, y: area.y, width: length, height: depth },
    );
    at += length;
  }
  return upright
    ? { ...area, x: area.x + depth, width: area.width - depth }
    : { ...area, y: area.y + depth, height: area.height - depth };
}
