/** One row as a scan gives it. */
export interface Row<T> {
  readonly key: string;
  readonly value: T;
}

/** Which rows of a prefix to give. */
export interface RowRangeParams {
  /** Only keys that sort after this one (whether or not it exists). */
  readonly after?: string | undefined;
  /** At most so many; default: all. */
  readonly limit?: number | undefined;
}

/** Reads rows as they are at this moment, other processes' writes included. */
export interface RowReader {
  /** The row's value; `undefined` when there is none. The caller says what it is: rows are not checked. */
  get<T>(key: string): T | undefined;
  /** Of rows whose values are bytes: like `get`, without a copy. What it gives holds until the next read only. */
  peek(key: string): Buffer | undefined;
  /** The rows whose key starts with `prefix`, in key order, as an array. */
  range<T>(prefix: string, params?: RowRangeParams): readonly Row<T>[];
}

/** Reads and writes inside one transaction. */
export interface RowWriter extends RowReader {
  put(key: string, value: unknown): void;
  delete(key: string): void;
}

/**
 * An ordered table of rows that many processes share: string keys of at most 1,900 bytes, values of plain data,
 * with `Uint8Array`s kept as they are.
 */
export interface Rows extends RowReader {
  /** Reads several rows as they were at one moment. `body` is synchronous. */
  snapshot<T>(body: (rows: RowReader) => T): T;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  /**
   * Runs `body` while no one else writes, in this process or another, and resolves with what it returns once its
   * writes are on disk. `body` is synchronous. What it wrote before it threw may stay: decide first, then write.
   */
  transact<T>(body: (rows: RowWriter) => T): Promise<T>;
}
