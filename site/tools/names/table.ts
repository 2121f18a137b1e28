/** Rows without repetition; a row is known by its place. */
export class Table<Row> {
  readonly rows: Row[] = [];
  readonly #at = new Map<string, number>();

  /** Where the row stands. */
  add(row: Row): number {
    const key = JSON.stringify(row);
    const at = this.#at.get(key) ?? this.rows.push(row) - 1;
    this.#at.set(key, at);
    return at;
  }
}
