import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** What an attribute of a row may be: text, a number, bytes, or a list of bytes. */
export type RowValue = string | number | Uint8Array | readonly Uint8Array[];

/** The key of a row: a partition, and a place in its order. */
export interface RowKey {
  readonly pk: string;
  readonly sk: string;
}

/** One row of a table. */
export type TableRow = RowKey & { readonly [attribute: string]: RowValue | undefined };

/** A row as DynamoDB has it. */
export type Item = Record<string, AttributeValue>;

/** A row as DynamoDB writes it. */
export function toItem(row: TableRow): Item {
  const item: Item = {};
  for (const [name, value] of Object.entries(row)) if (value !== undefined) item[name] = toAttribute(value);
  return item;
}

/** A key as DynamoDB writes it. */
export function keyItem({ pk, sk }: RowKey): Item {
  return { pk: { S: pk }, sk: { S: sk } };
}

/** A value as DynamoDB writes it. */
export function toAttribute(value: RowValue): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (value instanceof Uint8Array) return { B: value };
  return { L: value.map((bytes) => ({ B: bytes })) };
}

/** The row that DynamoDB has written so. */
export function toRow(item: Item): TableRow {
  const row: Record<string, RowValue> = {};
  for (const [name, value] of Object.entries(item)) {
    const found = value.S ?? (value.N === undefined ? value.B : Number(value.N)) ?? value.L?.map((each) => each.B ?? new Uint8Array());
    if (found !== undefined) row[name] = found;
  }
  return row as TableRow;
}
